"""What a level of the complaints' matrix writes on the page of its mail."""

from typing import Any

from django import forms

from portal.forms.base import PortalForm
from surveys.vocabulary import Decision

DECISIONS = {
    Decision.ACCEPTED: "Está decidido y se hará",
    Decision.DONE: "Ya está disponible",
    Decision.LATER: "Todavía no se decide",
    Decision.DECLINED: "Se explica por qué en la respuesta",
}
"""What each decision means to the customer."""


class VoiceAnswerForm(PortalForm):
    text = forms.CharField(
        label="Su respuesta",
        help_text="Le llega al cliente tal como la escriba, y queda en el registro.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Escriba su respuesta."},
    )
    decision = forms.ChoiceField(choices=Decision.choices, required=False)

    def __init__(self, *args: Any, decides: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not decides:
            del self.fields["decision"]

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """The choices as the component `choices` takes them."""
        field = self["decision"]
        return [
            {
                "id": f"{field.auto_id}-{value}",
                "value": value,
                "title": str(value.label),
                "text": text,
                "checked": field.value() == value,
            }
            for value, text in DECISIONS.items()
        ]


class VoiceNoteForm(PortalForm):
    note = forms.CharField(
        label="Su nota",
        help_text="Sólo la lee la Mesa de Servicio; el cliente no.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Escriba la nota."},
    )
