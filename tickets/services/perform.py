"""Do a transition by its name with raw input, as forms and programs send it. One mapping for console, portal and API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import File
from django.utils.dateparse import parse_datetime

from accounts.models import SupportGroup, User
from core.errors import IllegalTransition, InvalidInput
from core.text import is_number
from tickets import transitions
from tickets.models import Ticket
from tickets.services import conversation, door, ending, resolution, triage, work

DOORS: dict[str, Any] = {
    "open": triage.open,
    "assign": triage.assign,
    "start": work.start,
    "wait_for_user": work.wait_for_user,
    "wait_for_vendor": work.wait_for_vendor,
    "resume": conversation.record_answer,
    "solve": resolution.solve,
    "accept": resolution.accept,
    "refuse": resolution.refuse,
    "reject": triage.reject,
    "close_as_invalid": ending.close_as_invalid,
    "cancel": ending.cancel,
}


def perform(
    ticket: Ticket,
    name: str,
    *,
    by: User,
    data: Mapping[str, Any],
    files: Sequence[File] = (),
    version: int | None = None,
) -> Ticket:
    """Run the transition `name` on the ticket. Raises IllegalTransition for an unknown name, InvalidInput for unknown, missing or unusable
    inputs (all at once), and whatever the service itself refuses. Returns the locked, saved row."""
    spec = transitions.spec_of(name)
    if spec is None:
        raise IllegalTransition(f"No existe el paso «{name}».", allowed=door.available(by, ticket))
    door.require(ticket, name, by)
    values = _typed(transitions.fields_for(spec, ticket, by), data, by=by)
    if files and not spec.takes_files:
        raise InvalidInput({"files": "Este paso no lleva archivos."})
    extra = {"files": files} if spec.takes_files else {}
    row: Ticket = DOORS[name](ticket, by=by, version=version, **values, **extra)
    return row


def _typed(fields: Sequence[transitions.Field], data: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    known = {field.name for field in fields}
    errors = {name: "Este paso no usa ese dato." for name in data if name not in known}
    values: dict[str, Any] = {}
    for field in fields:
        raw = data.get(field.name)
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if field.required:
                errors[field.name] = f"Falta «{field.label}»."
            continue
        try:
            values[field.name] = _READERS[field.type](field, raw, by)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return values


def _as_text(field: transitions.Field, raw: Any, by: User) -> str:
    if not isinstance(raw, str):
        raise InvalidInput({field.name: "Debe ser un texto."})
    return raw


def _as_choice(field: transitions.Field, raw: Any, by: User) -> str:
    if raw not in [value for value, _ in field.choices]:
        raise InvalidInput(
            {field.name: f"Elija una opción: {', '.join(label for _, label in field.choices)}."}, code="invalid_choice"
        )
    return str(raw)


def _as_moment(field: transitions.Field, raw: Any, by: User) -> datetime:
    """A datetime, or its ISO text; without an offset it is the actor's wall clock."""
    try:
        moment = raw if isinstance(raw, datetime) else parse_datetime(str(raw))
        if moment is None:
            raise ValueError
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(by.time_zone))
        moment.utctimetuple()
    except (ValueError, OverflowError):
        raise InvalidInput({field.name: "Escriba fecha y hora, como 2026-03-31 18:30."}, code="invalid_date") from None
    return moment


def _pk(field: transitions.Field, raw: Any) -> int:
    text = str(raw)
    if isinstance(raw, bool) or not is_number(text):
        raise InvalidInput({field.name: f"«{field.label}» se da por su identificador."}, code="invalid")
    return int(text)


def _as_group(field: transitions.Field, raw: Any, by: User) -> SupportGroup:
    group = (
        raw
        if isinstance(raw, SupportGroup)
        else SupportGroup.objects.filter(pk=_pk(field, raw), is_active=True).first()
    )
    if group is None:
        raise InvalidInput({field.name: "Ese grupo no existe."}, code="not_found")
    return group


def _as_person(field: transitions.Field, raw: Any, by: User) -> User:
    person = raw if isinstance(raw, User) else User.objects.desk().filter(pk=_pk(field, raw), is_active=True).first()
    if person is None:
        raise InvalidInput({field.name: "Esa persona no existe."}, code="not_found")
    return person


def _as_ticket(field: transitions.Field, raw: Any, by: User) -> Ticket:
    found = raw if isinstance(raw, Ticket) else Ticket.objects.visible_to(by).by_number(str(raw)).first()
    if found is None:
        raise InvalidInput({field.name: "No existe ese ticket."}, code="not_found")
    return found


_READERS: dict[str, Any] = {
    transitions.TEXT: _as_text,
    transitions.LONG_TEXT: _as_text,
    transitions.CHOICE: _as_choice,
    transitions.MOMENT: _as_moment,
    transitions.GROUP: _as_group,
    transitions.PERSON: _as_person,
    transitions.TICKET: _as_ticket,
}
