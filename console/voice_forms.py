"""The forms of complaints and suggestions in the console. They carry what was typed; the rules are the services' own."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import User
from accounts.roles import Role
from console.forms import ManyFiles, PlainForm
from core.caching import remembered
from surveys import routing
from surveys.services.hearing import Draft
from surveys.vocabulary import VoiceKind
from tickets.models import Ticket
from tickets.vocabulary import Channel

CHANNELS = [
    (Channel.PHONE.value, "Teléfono o en persona"),
    *((c.value, c.label) for c in (Channel.EMAIL, Channel.WHATSAPP, Channel.CHAT)),
]
KINDS = (
    {"value": VoiceKind.COMPLAINT.value, "title": "Queja", "text": "Algo del servicio no fue como debía."},
    {"value": VoiceKind.SUGGESTION.value, "title": "Sugerencia", "text": "Propone cómo mejorar el servicio."},
)
APART = "|"
"""Between the direction and the area in a choice's value."""
POINTING = "Quienes elija no verán esta queja, ni recibirán nada de ella, aunque supervisen. Queda en el historial."


def area_choices() -> list[Any]:
    """The areas of the matrix in force under their directions, as a select takes them. No query with warm configuration."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for area in routing.areas():
        grouped.setdefault(area.direction, []).append((area_value(area.direction, area.area), area.area))
    return [("", "Elija a qué área se dirige"), *grouped.items()]


def area_value(direction: str, area: str) -> str:
    return f"{direction}{APART}{area}"


def area_of(value: str) -> tuple[str, str]:
    """The direction and area of a choice; two empty texts for what is none, which the service refuses by name."""
    known = {area_value(area.direction, area.area): (area.direction, area.area) for area in routing.areas()}
    return known.get(value, ("", ""))


@remembered
def desk_people() -> list[tuple[str, str]]:
    """Everybody of the desk, for pointing at: id and «Teresa Olvera Luna, supervisor de Mesa de Servicio»."""
    rows = User.objects.desk().order_by("full_name").values_list("pk", "full_name", "role")
    return [(str(pk), f"{name}, {Role(role).label}") for pk, name, role in rows]


def people_of(values: list[str]) -> list[User]:
    """Those of the desk among the ids given. One query; none without any."""
    pks = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 18]
    return list(User.objects.desk().filter(pk__in=pks)) if pks else []


class RegisterVoiceForm(PlainForm):
    channel = forms.ChoiceField(label="Medio", choices=CHANNELS, help_text="Por dónde la presenta.")
    kind = forms.ChoiceField(label="Qué es", choices=VoiceKind.choices)
    subject = forms.CharField(label="Asunto", help_text="En pocas palabras.")
    body = forms.CharField(
        label="Qué pasó o qué propone",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Con las palabras de quien la presenta: qué ocurrió, cuándo, y qué espera.",
    )
    area = forms.ChoiceField(label="Dirección y área a la que se dirige")
    ticket = forms.CharField(
        label="Ticket",
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "T0000123", "list": "tickets-suyos"}),
        help_text="Si es sobre un ticket de quien la presenta.",
    )
    pointed_at = forms.MultipleChoiceField(
        label="Personas de la Mesa señaladas",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=POINTING,
    )
    files = forms.FileField(label="Archivos", required=False, widget=ManyFiles)  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "alta-%s", **kwargs})
        self.fields["area"].choices = area_choices()  # type: ignore[attr-defined]
        self.fields["pointed_at"].choices = desk_people()  # type: ignore[attr-defined]

    def draft(self, author: User, ticket: Ticket | None, files: list[Any]) -> Draft:
        """What was typed, as the service takes it. Everything is checked there."""
        direction, area = area_of(str(self.data.get("area", "")))
        return Draft(
            **self.raw("kind", "subject", "body"),
            direction=direction,
            area=area,
            author=author,
            ticket=ticket,
            pointed_at=people_of(self.many("pointed_at")),
            files=files,
        )

    def many(self, name: str) -> list[str]:
        """The values of a list of boxes."""
        data: Any = self.data
        return list(data.getlist(name))


def first_values(ticket: Ticket | None, given: Mapping[str, str]) -> dict[str, str]:
    """What the form begins with: the area that the ticket suggests, and the ticket's number."""
    direction, area = routing.suggested(ticket) if ticket is not None else ("", "")
    return {
        "channel": Channel.PHONE.value,
        "kind": VoiceKind.COMPLAINT.value,
        "area": area_value(direction, area) if area else "",
        "ticket": ticket.number if ticket is not None else "",
        **given,
    }
