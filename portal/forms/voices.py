"""The form of a complaint or a suggestion, and what the customer writes on its page (guide 2.2, 3.13, 3.13.1)."""

import uuid
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import User
from core.errors import InvalidInput
from portal import complaining
from portal.complaining import UNSURE
from portal.forms.base import FilesField, PortalForm
from surveys.services.hearing import Draft
from surveys.vocabulary import VoiceKind

KIND_OPTIONS = [
    {
        "value": VoiceKind.COMPLAINT,
        "title": "Una queja",
        "text": "Algo del servicio no fue como debía",
        "icon": "exclamation-triangle",
    },
    {
        "value": VoiceKind.SUGGESTION,
        "title": "Una sugerencia",
        "text": "Una idea para que el servicio mejore",
        "icon": "light-bulb",
    },
]


class VoiceForm(PortalForm):
    """`wanted` is the number of the ticket that the address asks for; one that the person may not see is left out.

    Each person of the desk who wrote on the chosen ticket has a box of their own, `person_<id>`: so a draft kept in the browser keeps them
    apart.
    """

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(
        choices=VoiceKind.choices, error_messages={"required": "Elija si es una queja o una sugerencia."}
    )
    subject = forms.CharField(
        label="Asunto",
        help_text="En una frase, de qué se trata.",
        max_length=200,
        error_messages={
            "required": "Escriba el asunto.",
            "max_length": "El asunto tiene %(show_value)s caracteres; caben %(limit_value)s. Deje lo demás para el texto.",
        },
    )
    body = forms.CharField(
        label="¿Qué pasó, o qué propone?",
        help_text="Cuándo fue, a quién afectó y qué espera de nosotros. No escriba contraseñas.",
        widget=forms.Textarea,
        error_messages={"required": "Cuéntenos qué pasó o qué propone."},
    )
    ticket = forms.ChoiceField(
        label="¿Es sobre un ticket?",
        required=False,
        error_messages={"invalid_choice": "Elija un ticket de la lista."},
    )
    where = forms.ChoiceField(
        initial=UNSURE,
        error_messages={
            "required": "Elija un área, o «No lo sé».",
            "invalid_choice": "Esa área ya no está en la lista: elija otra, o «No lo sé».",
        },
    )
    files = FilesField(label="Pantallas y archivos", required=False)  # type: ignore[assignment]

    def __init__(self, *args: Any, user: User, at: datetime, wanted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        asked = str(self.data.get("ticket", "")) if self.is_bound else wanted
        self.tickets = complaining.tickets(user, asked)
        self.about = next((row for row in self.tickets if row.number == asked), None)
        self.directions = complaining.directions(at)
        self.people = complaining.desk_people(self.about, user) if self.about else []
        self.fields["ticket"].choices = [  # type: ignore[attr-defined]
            ("", "No, es sobre el servicio en general"),
            *((row.number, f"{row.number}: {row.title}") for row in self.tickets),
        ]
        offered = [(option["value"], option["title"]) for _, options in self.directions for option in options]
        self.fields["where"].choices = [(UNSURE, "No lo sé"), *offered]  # type: ignore[attr-defined]
        for person in self.people:
            self.fields[f"person_{person.pk}"] = forms.BooleanField(label=person.full_name, required=False)
        if not self.is_bound:
            self.initial = {"key": uuid.uuid4(), "ticket": self.about.number if self.about else "", **self.initial}

    @property
    def is_suggestion(self) -> bool:
        return str(self["kind"].value()) == VoiceKind.SUGGESTION

    @property
    def is_complaint(self) -> bool:
        return str(self["kind"].value()) == VoiceKind.COMPLAINT

    @property
    def person_boxes(self) -> list[forms.BoundField]:
        return [self[f"person_{person.pk}"] for person in self.people]

    @property
    def area_groups(self) -> list[dict[str, Any]]:
        """The areas by direction, each option with its id and whether it is chosen; `open` where the chosen one is among them."""
        chosen, auto_id = str(self["where"].value() or ""), self["where"].auto_id
        groups, number = [], 0
        for direction, options in self.directions:
            drawn = []
            for option in options:
                number += 1
                drawn.append({**option, "id": f"{auto_id}-{number}", "checked": option["value"] == chosen})
            groups.append(
                {"direction": direction, "options": drawn, "open": any(option["checked"] for option in drawn)}
            )
        return groups

    @property
    def is_unsure(self) -> bool:
        return str(self["where"].value() or UNSURE) == UNSURE

    def draft(self) -> Draft:
        """What the cleaned form says. Whoever does not know the area leaves it to us."""
        clean = self.cleaned_data
        direction, area = complaining.place_of(clean["where"], self.directions) or complaining.suggested(self.about)
        pointed_at = [person for person in self.people if clean.get(f"person_{person.pk}")]
        return Draft(
            kind=clean["kind"],
            subject=clean["subject"],
            body=clean["body"],
            direction=direction,
            area=area,
            ticket=self.about,
            pointed_at=tuple(pointed_at) if clean["kind"] == VoiceKind.COMPLAINT else (),
            files=clean["files"],
        )

    def take(self, error: InvalidInput, names: dict[str, str] | None = None) -> None:
        super().take(error, {"direction": "where", "area": "where", **(names or {})})

    def clean(self) -> dict[str, Any]:
        """A person marked on another ticket than the one chosen is nobody: say so rather than lose it."""
        clean: dict[str, Any] = super().clean() or {}
        known = {f"person_{person.pk}" for person in self.people}
        if any(name.startswith("person_") and name not in known for name in self.data):
            self.add_error("ticket", "Cambió el ticket: vuelva a marcar sobre quién es, si es sobre alguien.")
        return clean


class VoiceCommentForm(PortalForm):
    text = forms.CharField(
        label="Comentario",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Escriba su comentario."},
    )
    files = FilesField(required=False)  # type: ignore[assignment]
    key = forms.CharField(widget=forms.HiddenInput, required=False)


class AppealForm(PortalForm):
    reason = forms.CharField(
        label="¿Qué falta o con qué no está conforme?",
        help_text="Lo lee el nivel siguiente, que lo revisa y le responde.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Escriba con qué no está conforme."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WithdrawForm(PortalForm):
    reason = forms.CharField(label="¿Por qué la retira?", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
