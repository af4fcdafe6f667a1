"""The extra questions of a catalogue item, and the check of their answers (guide 3.4, 4.2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.errors import InvalidInput
from tickets.models import CatalogItem
from tickets.services import inputs


def answers(item: CatalogItem | None, given: Mapping[str, Any]) -> dict[str, str]:
    """The answers to the item's questions, as text, in the template's order. Unknown or missing ones raise InvalidInput as `fields.NAME`."""
    questions = {question["name"]: question for question in (item.fields if item else [])}
    errors = {f"fields.{name}": "Esta plantilla no hace esa pregunta." for name in given if name not in questions}
    kept: dict[str, str] = {}
    for name, question in questions.items():
        try:
            kept[name] = _answer(question, str(given.get(name) or ""))
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return {name: value for name, value in kept.items() if value}


def _answer(question: Mapping[str, Any], value: str) -> str:
    field = f"fields.{question['name']}"
    value = inputs.text(value, field, f"«{question['label']}»", required=bool(question.get("required")), longest=2000)
    if value and question.get("type") == "choice" and value not in question.get("options", []):
        raise InvalidInput(
            {field: f"Elija una opción: {', '.join(question.get('options', []))}."}, code="invalid_choice"
        )
    if value and question.get("type") == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            raise InvalidInput({field: "Escriba la fecha como 2026-03-31."}, code="invalid_date") from None
    return value
