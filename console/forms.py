"""The console's forms. They dress inputs and carry what was typed; the rules are the services' own, so nothing is checked twice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.utils import ErrorDict
from django.utils.dateparse import parse_datetime

from accounts.models import SupportGroup, User
from accounts.roles import Role
from core.caching import remembered
from core.errors import DomainError, InvalidInput
from tickets import transitions
from tickets.models import Ticket
from tickets.transitions import Field, Transition
from tickets.vocabulary import IMPACT_MEANING, URGENCY_MEANING, Impact, Kind, ServiceLine, Urgency

REGISTRARS = (Role.AGENT, Role.SUPERVISOR)
NOTHING = ("", "—")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PlainForm(forms.Form):
    """Takes what was typed as it is. Its errors are those that a service names."""

    use_required_attribute = False

    def full_clean(self) -> None:
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def refuse(self, error: DomainError) -> list[str]:
        """Put each fault beside its field; those that belong to none are returned."""
        errors = error.errors if isinstance(error, InvalidInput) else {error.field or "": error.message}
        loose = []
        for name, message in errors.items():
            if name in self.fields:
                self.errors[name] = self.error_class([message])
            else:
                loose.append(message)
        return loose

    def remind_of_files(self, files: Sequence[Any]) -> None:
        """A browser does not send files twice by itself: say which ones to choose again."""
        if files and "files" in self.fields and "files" not in self.errors:
            names = ", ".join(f"«{upload.name}»" for upload in files)
            self.errors["files"] = self.error_class([f"Vuelva a elegir sus archivos: {names}."])

    def raw(self, *names: str) -> dict[str, str]:
        return {name: str(self.data.get(name, "")) for name in names}


def meaning(choices: Any, words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Each choice with what it means, as the guide says it."""
    return [(value, f"{label}: {words[choices(value)]}") for value, label in choices.choices]


def moment(text: str, actor: User) -> datetime | None:
    """The promised date as the person's own wall clock says it; None when nothing was written."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text)
        if found is None:
            raise ValueError(text)
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(actor.time_zone))
        found.utctimetuple()
    except (ValueError, OverflowError):
        raise InvalidInput({"committed_for": "Escriba fecha y hora, como 2026-03-31 18:30."}) from None
    return found


@remembered
def active_groups() -> list[tuple[str, str, int]]:
    return [(str(row.pk), str(row), row.level) for row in SupportGroup.objects.filter(is_active=True)]


@remembered
def members() -> list[tuple[str, list[tuple[str, str]]]]:
    """The people of each active group, under its name."""
    rows = SupportGroup.objects.filter(is_active=True, members__is_active=True).values_list(
        "name", "level", "members__pk", "members__full_name"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for name, level, pk, full_name in rows.order_by("level", "name", "members__full_name"):
        found.setdefault(f"{name}, nivel {level}", []).append((str(pk), full_name))
    return list(found.items())


def groups_for(actor: User) -> list[tuple[str, str]]:
    """A consultant may only hand a ticket back to the desk."""
    first_only = actor.role == Role.CONSULTANT
    return [
        NOTHING,
        *((pk, name) for pk, name, level in active_groups() if level == SupportGroup.Level.FIRST or not first_only),
    ]


def _text(field: Field, actor: User) -> forms.Field:
    return forms.CharField(required=field.required)


def _long(field: Field, actor: User) -> forms.Field:
    return forms.CharField(required=field.required, widget=forms.Textarea(attrs={"rows": 5}))


def _moment(field: Field, actor: User) -> forms.Field:
    return forms.CharField(required=field.required, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


def _choice(field: Field, actor: User) -> forms.Field:
    return forms.ChoiceField(required=field.required, choices=[NOTHING, *field.choices])


def _group(field: Field, actor: User) -> forms.Field:
    return forms.ChoiceField(required=field.required, choices=groups_for(actor))


def _person(field: Field, actor: User) -> forms.Field:
    return forms.ChoiceField(required=field.required, choices=[("", "Sin persona"), *members()])


def _ticket(field: Field, actor: User) -> forms.Field:
    return forms.CharField(required=field.required, widget=forms.TextInput(attrs={"placeholder": "T0000123"}))


MAKERS: Mapping[str, Callable[[Field, User], forms.Field]] = {
    transitions.TEXT: _text,
    transitions.LONG_TEXT: _long,
    transitions.MOMENT: _moment,
    transitions.CHOICE: _choice,
    transitions.GROUP: _group,
    transitions.PERSON: _person,
    transitions.TICKET: _ticket,
}


class ActForm(PlainForm):
    """The inputs of one act on a ticket, with the version that the person saw."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, fields: Sequence[Field], ticket: Ticket, actor: User, takes_files: bool = False, **kwargs: Any
    ) -> None:
        initial = {"version": ticket.version, "group": ticket.group_id or "", "assignee": ticket.assignee_id or ""}
        super().__init__(*args, **{"auto_id": "acto-%s", "initial": initial, **kwargs})
        for spec in fields:
            field = MAKERS[spec.type](spec, actor)
            field.label, field.help_text = spec.label, spec.help
            self.fields[spec.name] = field
        if takes_files:
            self.fields["files"] = forms.FileField(label="Archivos", required=False, widget=ManyFiles)
        self.names = [spec.name for spec in fields]

    @property
    def inputs(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]


def for_transition(spec: Transition, ticket: Ticket, actor: User, *args: Any, **kwargs: Any) -> ActForm:
    fields = transitions.fields_for(spec, ticket, actor)
    return ActForm(*args, fields=fields, ticket=ticket, actor=actor, takes_files=spec.takes_files, **kwargs)


class ReclassifyForm(PlainForm):
    version = forms.CharField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="Tipo", choices=Kind.choices)
    service_line = forms.ChoiceField(label="Línea de servicio", choices=ServiceLine.choices)
    impact = forms.ChoiceField(label="Impacto", choices=meaning(Impact, IMPACT_MEANING))
    urgency = forms.ChoiceField(label="Urgencia", choices=meaning(Urgency, URGENCY_MEANING))
    is_major = forms.BooleanField(
        label="Incidente mayor", required=False, help_text="Afecta a toda la organización o a gran parte de ella."
    )
    title = forms.CharField(label="Título")
    reason = forms.CharField(
        label="Motivo", widget=forms.Textarea(attrs={"rows": 3}), help_text="Queda en el historial."
    )
    CHANGES = ("kind", "service_line", "impact", "urgency", "is_major", "title")

    def changes(self) -> dict[str, Any]:
        return {**self.raw(*(n for n in self.CHANGES if n != "is_major")), "is_major": bool(self.data.get("is_major"))}

    @property
    def inputs(self) -> list[forms.BoundField]:
        return [self[name] for name in (*self.CHANGES, "reason")]


class MessageForm(PlainForm):
    """An internal note, or an answer to the customer with an optional promise, and why it changes the one given before."""

    version = forms.CharField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(choices=(("public", "Respuesta al cliente"), ("note", "Nota interna")))
    message = forms.CharField(label="Mensaje", widget=forms.Textarea(attrs={"rows": 4}))
    committed_for = forms.CharField(
        label="Solución prometida",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Con ella se cumple la atención.",
    )
    commitment_reason = forms.CharField(
        label="Motivo del cambio",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Hace falta si cambia la fecha; el cliente lo lee.",
    )
    files = forms.FileField(label="Archivos", required=False, widget=ManyFiles)  # type: ignore[assignment]


class BulkForm(PlainForm):
    """What assigning a selection asks for."""

    group = forms.ChoiceField(label="Grupo resolutor")
    assignee = forms.ChoiceField(label="Persona", required=False)
    reason = forms.CharField(label="Motivo del cambio", required=False)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "lote-%s", **kwargs})
        self.fields["group"].choices = groups_for(actor)  # type: ignore[attr-defined]
        self.fields["assignee"].choices = [("", "Sin persona"), *members()]  # type: ignore[attr-defined]
