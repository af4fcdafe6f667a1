"""Keyset pages: a page begins where the last one ended, so the millionth row costs what the first did, and new rows shift nothing.

A cursor holds the ordering, the direction and the last row's place, signed: a forged one is refused before it reaches the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import F, Q, QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from core.errors import InvalidInput

PAGE_SIZE, LONGEST_PAGE = 25, 200
PARAMETERS = frozenset({"cursor", "page_size", "count"})
_signer = signing.Signer(salt="api.cursor")


@dataclass(frozen=True, slots=True)
class Ordering:
    """By `column`, then by id. With `nullable`, rows without a value come last in either direction."""

    name: str
    column: str
    descending: bool = False
    nullable: bool = False

    @property
    def is_by_id(self) -> bool:
        return self.column == "pk"


BY_ID = Ordering("id", "pk")


@dataclass(frozen=True, slots=True)
class Cursor:
    ordering: str
    backwards: bool
    value: Any
    pk: int


def paginate(
    rows: QuerySet[Any], request: Request, present: Callable[[list[Any]], list[Any]], ordering: Ordering = BY_ID
) -> dict[str, Any]:
    """One page of `rows` as the contract's envelope: next, previous, results, and count only if asked for."""
    size = page_size(request)
    cursor = _read_cursor(request, ordering)
    found = _fetch(rows, ordering, cursor, size + 1)
    has_more, found = len(found) > size, found[:size]
    backwards = cursor is not None and cursor.backwards
    if backwards:
        found.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, cursor is not None)
    page: dict[str, Any] = {
        "next": _link(request, ordering, found[-1], False) if has_next and found else None,
        "previous": _link(request, ordering, found[0], True) if has_previous and found else None,
    }
    if _wants_count(request):
        page["count"] = rows.count()
    return {**page, "results": present(found)}


def _fetch(rows: QuerySet[Any], ordering: Ordering, cursor: Cursor | None, limit: int) -> list[Any]:
    """Up to `limit` rows after the cursor. Rows with and without a value are two index scans, never one sort of everything."""
    backwards = cursor is not None and cursor.backwards
    descending = ordering.descending != backwards
    parts = [False, True] if ordering.nullable else [False]
    if backwards:
        parts.reverse()
    if cursor is not None and ordering.nullable:
        parts = parts[parts.index(cursor.value is None) :]
    found: list[Any] = []
    for is_empty in parts:
        part = rows.filter(**{f"{ordering.column}__isnull": is_empty}) if ordering.nullable else rows
        columns = ["pk"] if is_empty or ordering.is_by_id else [ordering.column, "pk"]
        if cursor is not None and not found and is_empty == (ordering.nullable and cursor.value is None):
            part = part.filter(_beyond(cursor, columns, descending))
        keys = [F(column).desc() if descending else F(column).asc() for column in columns]
        found += part.order_by(*keys)[: limit - len(found)]
        if len(found) >= limit:
            break
        cursor = None
    return found


def _beyond(cursor: Cursor, columns: list[str], descending: bool) -> Q:
    than = "lt" if descending else "gt"
    if len(columns) == 1:
        return Q(**{f"pk__{than}": cursor.pk})
    column = columns[0]
    # The first condition repeats what follows from the others, as a bound that an index can use.
    return Q(**{f"{column}__{than}e": cursor.value}) & (
        Q(**{f"{column}__{than}": cursor.value}) | Q(**{column: cursor.value, f"pk__{than}": cursor.pk})
    )


def page_size(request: Request) -> int:
    given = request.query_params.get("page_size")
    if given is None:
        return PAGE_SIZE
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= LONGEST_PAGE):
        raise InvalidInput({"page_size": f"Debe ser un número de 1 a {LONGEST_PAGE}."}, code="invalid_page_size")
    return int(given)


def _wants_count(request: Request) -> bool:
    given = request.query_params.get("count", "false")
    if given not in ("true", "false"):
        raise InvalidInput({"count": "Debe ser true o false."}, code="invalid_boolean")
    return given == "true"


def ordering_of(request: Request, known: Mapping[str, Ordering], default: str) -> Ordering:
    name = request.query_params.get("ordering", default)
    if name not in known:
        raise InvalidInput({"ordering": f"Ordene por: {', '.join(known)}."}, code="invalid_ordering")
    return known[name]


def _link(request: Request, ordering: Ordering, row: Any, backwards: bool) -> str:
    value = None if ordering.is_by_id else getattr(row, ordering.column)
    if isinstance(value, datetime):
        value = ["t", value.isoformat()]
    elif isinstance(value, date):
        value = ["d", value.isoformat()]
    text = signing.b64_encode(signing.JSONSerializer().dumps([ordering.name, int(backwards), value, row.pk])).decode()
    return str(replace_query_param(request.build_absolute_uri(), "cursor", _signer.sign(text)))


def _read_cursor(request: Request, ordering: Ordering) -> Cursor | None:
    given = request.query_params.get("cursor")
    if given is None:
        return None
    try:
        name, backwards, value, pk = signing.JSONSerializer().loads(signing.b64_decode(_signer.unsign(given).encode()))
    except (signing.BadSignature, ValueError, TypeError):
        raise _forged() from None
    if name != ordering.name:
        raise _forged()
    if isinstance(value, list):
        value = (date if value[0] == "d" else datetime).fromisoformat(value[1])
    return Cursor(name, bool(backwards), value, pk)


def _forged() -> InvalidInput:
    return InvalidInput(
        {"cursor": "El cursor no es válido para esta lista. Use los enlaces next y previous."}, code="invalid_cursor"
    )
