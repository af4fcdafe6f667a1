"""The filters and orderings of the list of tickets: this table and nothing else. No name from outside reaches a query."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.pagination import Ordering
from core.errors import InvalidInput
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import Channel, Kind, Priority, ServiceLine, State

MANY = 50
LONGEST_SEARCH = 200
LARGEST_ID = 2**63 - 1
UNESCAPED_PLUS = re.compile(r" (?=\d\d:?\d\d$)")

Apply = Callable[[TicketQuerySet, str, list[str]], TicketQuerySet]


@dataclass(frozen=True, slots=True)
class Filter:
    apply: Apply
    parameter: OpenApiParameter


def narrow(rows: TicketQuerySet, request: Request) -> TicketQuerySet:
    """`rows` within every filter of the request. Raises InvalidInput with all that is wrong."""
    errors: dict[str, str] = {}
    for name, spec in FILTERS.items():
        values = [part.strip() for given in request.query_params.getlist(name) for part in given.split(",")]
        if name == "q":
            values = request.query_params.getlist(name)
        if not values:
            continue
        try:
            rows = spec.apply(rows, name, values)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors, code="invalid_filter")
    return rows


def _coded(name: str, choices: Any) -> Filter:
    def apply(rows: TicketQuerySet, field: str, values: list[str]) -> TicketQuerySet:
        if set(values) - set(choices.values):
            raise InvalidInput({field: f"Use uno o varios, separados por comas: {', '.join(choices.values)}."})
        return rows.filter(**{f"{field}__in": values})

    return Filter(apply, _parameter(name, enum=choices.values))


def _ids(name: str) -> Filter:
    def apply(rows: TicketQuerySet, field: str, values: list[str]) -> TicketQuerySet:
        if len(values) > MANY:
            raise InvalidInput({field: f"Caben {MANY} identificadores."})
        return rows.filter(**{f"{field}__in": [identifier(value, field) for value in values]})

    return Filter(apply, _parameter(name, OpenApiTypes.INT64))


def _moment(name: str, lookup: str) -> Filter:
    def apply(rows: TicketQuerySet, field: str, values: list[str]) -> TicketQuerySet:
        if len(values) != 1:
            raise InvalidInput({field: "Envíe una sola fecha."})
        return rows.filter(**{lookup: moment_of(values[0], field)})

    return Filter(apply, OpenApiParameter(name, OpenApiTypes.DATETIME))


def _breached(rows: TicketQuerySet, field: str, values: list[str]) -> TicketQuerySet:
    if values not in (["true"], ["false"]):
        raise InvalidInput({field: "Debe ser true o false."})
    return rows.filter(breached=values == ["true"])


def _search(rows: TicketQuerySet, field: str, values: list[str]) -> TicketQuerySet:
    text = values[0].strip()
    if not 1 <= len(text) <= LONGEST_SEARCH:
        raise InvalidInput({field: f"Escriba de 1 a {LONGEST_SEARCH} caracteres."})
    return rows.search(text)


def _parameter(name: str, type_: Any = str, enum: Any = None) -> OpenApiParameter:
    return OpenApiParameter(name, type_, many=True, explode=False, style="form", enum=enum)


def identifier(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST_ID):
        raise InvalidInput({field: "Use identificadores numéricos, separados por comas."})
    return int(text)


def moment_of(text: str, field: str) -> datetime:
    """An ISO 8601 datetime with its offset, in UTC. A plus sign that arrived as a space is read as what was meant."""
    try:
        at = parse_datetime(UNESCAPED_PLUS.sub("+", text))
        if at is None or at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput({field: "Use una fecha y hora ISO 8601 con desfase, como 2026-03-31T18:30:00Z."}) from None


FILTERS: dict[str, Filter] = {
    "state": _coded("state", State),
    "priority": _coded("priority", Priority),
    "kind": _coded("kind", Kind),
    "service_line": _coded("service_line", ServiceLine),
    "company": _ids("company"),
    "requester": _ids("requester"),
    "group": _ids("group"),
    "assignee": _ids("assignee"),
    "channel": _coded("channel", Channel),
    "breached": Filter(_breached, OpenApiParameter("breached", bool)),
    "due_before": _moment("due_before", "next_due_at__lt"),
    "created_after": _moment("created_after", "created_at__gt"),
    "created_before": _moment("created_before", "created_at__lt"),
    "updated_after": _moment("updated_after", "updated_at__gt"),
    "q": Filter(_search, OpenApiParameter("q", str, description="Número, referencia externa o palabras del título.")),
}

ORDERINGS: dict[str, Ordering] = {
    f"{sign}{name}": Ordering(f"{sign}{name}", column, descending=bool(sign), nullable=nullable)
    for name, column, nullable in (
        ("created_at", "created_at", False),
        ("updated_at", "updated_at", False),
        ("next_due_at", "next_due_at", True),
        # As in every queue of the desk (guide 2.2): relevant and major incidents first, then critical to low.
        ("priority", "precedence", False),
    )
    for sign in ("", "-")
}
DEFAULT_ORDERING = "-created_at"

ORDERING_PARAMETER = OpenApiParameter(
    "ordering",
    str,
    enum=list(ORDERINGS),
    default=DEFAULT_ORDERING,
    description="`priority` va de la más a la menos urgente; lo que no vence (`next_due_at` nulo) queda al final.",
)
