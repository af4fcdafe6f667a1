"""Pages that cost the same wherever they are: the next one begins after the last row shown, not after a count of rows."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

PAGE = 25


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Empty moments come last in an ascending column."""

    field: str
    descending: bool = False
    moment: bool = False
    day: bool = False


ORDERS: Mapping[str, tuple[Key, ...]] = {
    "precedence": (Key("precedence"), Key("next_due_at", moment=True), Key("id")),
    "validation": (Key("validation_due_at", moment=True), Key("id")),
    "recent": (Key("created_at", descending=True, moment=True), Key("id", descending=True)),
    "voice_due": (Key("next_at", moment=True), Key("id")),
    "voice_ended": (Key("closed_at", descending=True, moment=True), Key("id", descending=True)),
    "voice_recent": (Key("id", descending=True),),
    "action_due": (Key("next_on", day=True), Key("id")),
    "action_recent": (Key("id", descending=True),),
    "survey_recent": (Key("answered_at", descending=True, moment=True), Key("id", descending=True)),
    "nps_recent": (Key("answered_at", descending=True, moment=True), Key("id", descending=True)),
}
ORDER_WORDS = {
    "precedence": "Relevante, mayor, prioridad, lo que vence antes",
    "validation": "Lo que se cierra antes",
    "recent": "Lo más reciente",
    "voice_due": "Lo que vence antes",
    "voice_ended": "Lo último que se cerró",
    "voice_recent": "Lo más reciente",
    "action_due": "Lo que vence antes",
    "action_recent": "Lo más reciente",
}


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Any]
    previous: str
    next: str


def page_of(listed: QuerySet[Any], order: str, cursor: str, size: int = PAGE) -> Page:
    """The page of `listed` at `cursor` ("" for the first). A forged or stale cursor is the first page. One query."""
    keys = ORDERS[order]
    place = _read(cursor, keys)
    backwards = place is not None and place[0] == "<"
    rows = listed if place is None else listed.filter(_beyond(keys, place[1], backwards=backwards))
    found = list(rows.order_by(*_ordering(keys, backwards=backwards))[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    before = more if backwards else place is not None
    after = True if backwards else more
    return Page(
        found,
        previous=_write("<", keys, found[0]) if before else "",
        next=_write(">", keys, found[-1]) if after else "",
    )


def place_of(row: Ticket, order: str) -> str:
    """Where the row stands in the order now, to be kept while it changes."""
    return _write(">", ORDERS[order], row)


def neighbours(tickets: TicketQuerySet, order: str, place: str, row: Ticket) -> tuple[Ticket | None, Ticket | None]:
    """The tickets just before and just after `place`, or after where `row` stands now if it is none. Two queries."""
    keys = ORDERS[order]
    read = _read(place, keys)
    values = read[1] if read else [getattr(row, key.field) for key in keys]
    others = tickets.exclude(pk=row.pk)

    def nearest(*, backwards: bool) -> Ticket | None:
        beyond = others.filter(_beyond(keys, values, backwards=backwards))
        found: Ticket | None = beyond.order_by(*_ordering(keys, backwards=backwards)).first()
        return found

    return nearest(backwards=True), nearest(backwards=False)


def _ordering(keys: Sequence[Key], *, backwards: bool) -> list[Any]:
    order: list[Any] = []
    for key in keys:
        if key.descending != backwards:
            order.append(F(key.field).desc(nulls_first=True) if key.moment else f"-{key.field}")
        else:
            order.append(F(key.field).asc(nulls_last=True) if key.moment else key.field)
    return order


def _beyond(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """The rows that stand after the place (before it, backwards), column by column."""
    condition = Q(pk__in=[])
    same = Q()
    for key, value in zip(keys, values, strict=True):
        condition |= same & _past(key, value, rising=key.descending == backwards)
        same &= Q(**{f"{key.field}__isnull": True}) if value is None else Q(**{key.field: value})
    return condition


def _past(key: Key, value: Any, *, rising: bool) -> Q:
    if value is None:
        return Q(pk__in=[]) if rising else Q(**{f"{key.field}__isnull": False})
    if not rising:
        return Q(**{f"{key.field}__lt": value})
    beyond = Q(**{f"{key.field}__gt": value})
    return beyond | Q(**{f"{key.field}__isnull": True}) if key.moment else beyond


def _write(side: str, keys: Sequence[Key], row: Model) -> str:
    values = [getattr(row, key.field) for key in keys]
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([side, *plain]).encode()).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[Key]) -> tuple[str, list[Any]] | None:
    """The side and the values of a cursor; None when it is not one of this order."""
    try:
        side, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if side not in ("<", ">") or len(values) != len(keys):
            return None
        return side, [_value(key, value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


def _value(key: Key, value: Any) -> Any:
    if value is None and key.moment:
        return None
    if key.moment:
        moment = parse_datetime(value)
        if moment is None or moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if key.day:
        return date.fromisoformat(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**62:
        raise ValueError(value)
    return value
