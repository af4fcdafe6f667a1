"""What a level of the matrix writes on the page of its mail."""

from django import forms

from portal.forms.base import PortalForm


class AnswerForm(PortalForm):
    text = forms.CharField(
        label="Su respuesta",
        help_text="Le llega al cliente tal como la escriba, y queda en el seguimiento del ticket.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Escriba su respuesta."},
    )
