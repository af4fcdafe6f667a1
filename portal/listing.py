"""The customer's tickets by view, filtered, in pages that cost the same wherever they are."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from accounts.roles import Role
from sla.queries import prefetch_clocks
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import ALIVE, TERMINAL, State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 15
COUNT_UP_TO = 999
WAITING = (State.SOLVED, State.PENDING_USER)
VIEWS = {
    "pendientes": "Esperan algo de mí",
    "abiertos": "Abiertos",
    "compania": "De mi compañía",
    "cerrados": "Cerrados",
}
STATES = {"pendientes": WAITING, "abiertos": ALIVE, "compania": tuple(State), "cerrados": TERMINAL}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; anything unusable is left out. `after` and `before` are keys (updated_at, id) of a page's edge."""

    view: str = "abiertos"
    text: str = ""
    state: str = ""
    service: int | None = None
    after: tuple[datetime, int] | None = None
    before: tuple[datetime, int] | None = None

    def query(self, **changes: Any) -> str:
        """The address's query for this listing with some changes; changing a filter goes back to the first page."""
        other = replace(self, **{"after": None, "before": None, **changes})
        pairs = {
            "vista": other.view,
            "q": other.text,
            "estado": other.state,
            "servicio": other.service,
            "despues": _encode(other.after),
            "antes": _encode(other.before),
        }
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


def read(params: QueryDict, user: User) -> Asked:
    view, state, service = params.get("vista", ""), params.get("estado", ""), params.get("servicio", "")
    if view not in VIEWS or (view == "compania" and user.role != Role.REPRESENTATIVE):
        view = "abiertos"
    return Asked(
        view=view,
        text=params.get("q", "").replace("\x00", "")[:100].strip(),
        state=state if state in STATES[view] else "",
        service=int(service) if service.isascii() and service.isdigit() and len(service) < 19 else None,
        after=_decode(params.get("despues", "")),
        before=_decode(params.get("antes", "")),
    )


def of_view(user: User, view: str) -> TicketQuerySet:
    """The tickets of one tab: the person's own, except in the company's."""
    rows: TicketQuerySet = Ticket.objects.visible_to(user)
    if view != "compania":
        rows = rows.filter(requester=user)
    return rows if view == "compania" else rows.filter(state__in=STATES[view])


def count(user: User, view: str) -> int:
    """How many there are, as far as it is worth counting."""
    return int(of_view(user, view).order_by()[: COUNT_UP_TO + 1].count())


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Ticket]
    previous: str
    next: str


def page_of(user: User, asked: Asked) -> Page:
    """One page, newest change first. Reads one row more than it shows, never an offset."""
    rows = of_view(user, asked.view)
    if asked.text:
        rows = rows.search(asked.text)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.service is not None:
        rows = rows.filter(service=asked.service)
    rows = prefetch_clocks(rows).select_related("requester", "duplicate_of")
    backwards = asked.before is not None and asked.after is None
    if backwards:
        found = list(rows.filter(_beyond(asked.before, "gt")).order_by("updated_at", "id")[: PAGE + 1])
    else:
        found = list(
            (rows.filter(_beyond(asked.after, "lt")) if asked.after else rows).order_by("-updated_at", "-id")[
                : PAGE + 1
            ]
        )
    more, shown = len(found) > PAGE, found[:PAGE]
    if backwards:
        shown.reverse()
    has_previous = more if backwards else asked.after is not None
    has_next = True if backwards else more
    edges = [(row.updated_at, row.pk) for row in (shown[:1] + shown[-1:])]
    return Page(
        shown,
        asked.query(before=edges[0]) if shown and has_previous else "",
        asked.query(after=edges[-1]) if shown and has_next else "",
    )


def _beyond(edge: tuple[datetime, int] | None, way: str) -> Q:
    if edge is None:
        return Q()
    at, pk = edge
    return Q(**{f"updated_at__{way}": at}) | Q(updated_at=at, **{f"id__{way}": pk})


def _encode(edge: tuple[datetime, int] | None) -> str:
    return f"{(edge[0] - EPOCH) // timedelta(microseconds=1)}-{edge[1]}" if edge else ""


def _decode(raw: str) -> tuple[datetime, int] | None:
    moment, _, pk = raw.partition("-")
    if not (
        moment.isascii() and moment.isdigit() and pk.isascii() and pk.isdigit() and len(raw) < 37 and int(pk) < 2**63
    ):
        return None
    try:
        return EPOCH + timedelta(microseconds=int(moment)), int(pk)
    except OverflowError:
        return None
