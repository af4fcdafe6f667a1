"""What somebody answers to the yearly question."""

from django import forms

from portal.forms.base import PortalForm
from surveys.services.nps import LONGEST_WHY
from surveys.vocabulary import NPS_HIGHEST, NPS_LOWEST

GRADES = [(str(value), str(value)) for value in range(NPS_LOWEST, NPS_HIGHEST + 1)]
CHOOSE = "Elija una calificación de 0 a 10."


class NpsForm(PortalForm):
    score = forms.ChoiceField(
        label="Calificación",
        choices=GRADES,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    why = forms.CharField(
        label="¿Por qué?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_WHY}),
        help_text="Lo que nos diga nos sirve más que el número.",
    )
