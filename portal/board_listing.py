"""The board of suggestions: most voted, newest or decided, in pages that cost the same wherever they are."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from surveys import voice_queries
from surveys.models import Voice
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import Decision, Ending, VoiceState

PAGE = 15
ORDERS = {"votadas": "Más votadas", "nuevas": "Más nuevas", "decididas": "Ya decididas"}
VOTABLE = ~Q(state=VoiceState.CLOSED) | Q(decision=Decision.LATER)
"""Votes still weigh: the rule of `policy`, as a condition."""
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `after` and `before` are keys (votes, id) of a page's edge; only the most voted go by votes."""

    order: str = "votadas"
    after: Key | None = None
    before: Key | None = None

    def query(self, **changes: Any) -> str:
        other = replace(self, **{"after": None, "before": None, **changes})
        return other.address()

    def address(self) -> str:
        """The query of this very page."""
        pairs = {"orden": self.order, "despues": _encode(self.after), "antes": _encode(self.before)}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Voice]
    previous: str
    next: str


def read(params: QueryDict) -> Asked:
    """Anything unusable is left out."""
    order = params.get("orden", "")
    return Asked(
        order=order if order in ORDERS else "votadas",
        after=_decode(params.get("despues", "")),
        before=_decode(params.get("antes", "")),
    )


def readable(user: User) -> VoiceQuerySet:
    """The suggestions that the person reads, withdrawn ones aside."""
    rows: VoiceQuerySet = voice_queries.suggestions(user).exclude(ending=Ending.WITHDRAWN)
    return rows


def page_of(user: User, asked: Asked) -> Page:
    """One page. Reads one row more than it shows, never an offset."""
    rows = readable(user).filter(~Q(decision="") if asked.order == "decididas" else VOTABLE)
    backwards = asked.before is not None and asked.after is None
    edge = asked.before if backwards else asked.after
    names = ["votes_count", "id"] if asked.order == "votadas" else ["id"]
    order = names if backwards else [f"-{name}" for name in names]
    found = list(
        rows.select_related("author").filter(_beyond(edge, asked.order, backwards)).order_by(*order)[: PAGE + 1]
    )
    more, shown = len(found) > PAGE, found[:PAGE]
    if backwards:
        shown.reverse()
    has_previous = more if backwards else asked.after is not None
    has_next = True if backwards else more
    return Page(
        shown,
        asked.query(before=_key(shown[0])) if shown and has_previous else "",
        asked.query(after=_key(shown[-1])) if shown and has_next else "",
    )


def _beyond(edge: Key | None, order: str, backwards: bool) -> Q:
    if edge is None:
        return Q()
    (votes, pk), way = edge, "gt" if backwards else "lt"
    beyond = Q(**{f"id__{way}": pk})
    if order != "votadas":
        return beyond
    # The first condition is implied by the rest: an index scan begins with it, however deep the page lies.
    return Q(**{f"votes_count__{way}e": votes}) & (Q(**{f"votes_count__{way}": votes}) | beyond)


def _key(row: Voice) -> Key:
    return row.votes_count, row.pk


def _encode(edge: Key | None) -> str:
    return f"{edge[0]}-{edge[1]}" if edge else ""


def _decode(raw: str) -> Key | None:
    votes, _, pk = raw.partition("-")
    usable = all(part.isascii() and part.isdigit() for part in (votes, pk)) and len(votes) < 10 and len(pk) < 19
    return (int(votes), int(pk)) if usable else None
