"""Do an act on an action by its name with raw input, as forms and programs send it. One mapping for console and API."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.base import File
from django.utils.dateparse import parse_date

from accounts.models import User
from core.errors import IllegalTransition, InvalidInput
from core.text import is_number
from improvements import acts
from improvements.models import CorrectiveAction
from improvements.services import progress
from tickets.transitions import LONG_TEXT, PERSON, Field

DOORS: dict[str, tuple[Any, dict[str, Any]]] = {
    "plan": (progress.plan, {}),
    "implement": (progress.implement, {}),
    "verify": (progress.verify, {"is_effective": True}),
    "fail": (progress.verify, {"is_effective": False}),
    "reassign": (progress.reassign, {}),
    "postpone": (progress.postpone, {}),
    "summarise": (progress.summarise, {}),
    "comment": (progress.comment, {}),
    "cancel": (progress.cancel, {}),
}


def perform(
    action: CorrectiveAction,
    name: str,
    *,
    by: User,
    data: Mapping[str, Any],
    files: Sequence[File] = (),
    version: int | None = None,
) -> CorrectiveAction:
    """Do the act `name`. Raises IllegalTransition for an unknown one, InvalidInput for unknown, missing or unusable inputs (all at once),
    and whatever the service itself refuses. Returns the saved row."""
    act = acts.ACTS.get(name)
    if act is None:
        raise IllegalTransition(
            f"No existe el paso «{name}».", allowed=[act.name for act in acts.available(action, by)]
        )
    progress.require(action, acts.RULED_BY.get(name, name), by)
    values = _typed(act.fields, data)
    if files and not act.takes_files:
        raise InvalidInput({"files": "Este paso no lleva archivos."})
    door, given = DOORS[name]
    extra = {"files": files} if act.takes_files else {}
    row: CorrectiveAction = door(action, by=by, version=version, **given, **values, **extra)
    return row


def _typed(fields: Sequence[Field], data: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in fields}
    errors = {name: "Este paso no usa ese dato." for name in data if name not in known}
    values: dict[str, Any] = {}
    for field in fields:
        raw = data.get(field.name)
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if field.required:
                errors[field.name] = f"Falta «{field.label}»."
            elif field.type == LONG_TEXT:
                values[field.name] = ""
            continue
        try:
            values[field.name] = READERS[field.type](field, raw)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return values


def _as_text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise InvalidInput({field.name: "Debe ser un texto."})
    return raw


def _as_date(field: Field, raw: Any) -> date:
    return day(raw, field.name)


def day(raw: Any, name: str) -> date:
    """A day from its ISO text. Raises InvalidInput on `name`."""
    try:
        found = parse_date(str(raw))
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput({name: "Escriba la fecha como 2026-03-31."}, code="invalid_date")
    return found


def _as_person(field: Field, raw: Any) -> User:
    text = str(raw)
    if isinstance(raw, bool) or not is_number(text):
        raise InvalidInput({field.name: f"«{field.label}» se da por su identificador."}, code="invalid")
    person = User.objects.desk().filter(pk=int(text), is_active=True).first()
    if person is None:
        raise InvalidInput({field.name: "Esa persona no existe."}, code="not_found")
    return person


READERS: dict[str, Any] = {LONG_TEXT: _as_text, acts.DATE: _as_date, PERSON: _as_person}
