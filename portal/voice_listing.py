"""The customer's complaints and suggestions by tab, what is open first, in pages that cost the same wherever they are."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from accounts.roles import Role
from surveys.models import Voice
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import VoiceKind, VoiceState

PAGE = 15
COUNT_UP_TO = 99
VIEWS = {"quejas": VoiceKind.COMPLAINT, "sugerencias": VoiceKind.SUGGESTION}
OPEN, CLOSED = "a", "c"
PARTS = (OPEN, CLOSED)
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `after` and `before` are keys of a page's edge: the part (open or closed) and the row."""

    view: str = "quejas"
    after: Key | None = None
    before: Key | None = None

    def query(self, **changes: Any) -> str:
        other = replace(self, **{"after": None, "before": None, **changes})
        pairs = {"vista": other.view, "despues": _encode(other.after), "antes": _encode(other.before)}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Voice]
    previous: str
    next: str


def read(params: QueryDict) -> Asked:
    """Anything unusable is left out."""
    view = params.get("vista", "")
    return Asked(
        view=view if view in VIEWS else "quejas",
        after=_decode(params.get("despues", "")),
        before=_decode(params.get("antes", "")),
    )


def of_view(user: User, view: str) -> VoiceQuerySet:
    """The person's own of one kind; a representative's company's."""
    rows: VoiceQuerySet = Voice.objects.visible_to(user).filter(kind=VIEWS[view])
    return rows


def count_open(user: User, view: str) -> str:
    """How many are open, as far as it is worth counting; empty for none."""
    found = of_view(user, view).exclude(state=VoiceState.CLOSED).order_by()[: COUNT_UP_TO + 1].count()
    return f"{COUNT_UP_TO}+" if found > COUNT_UP_TO else str(found or "")


def page_of(user: User, asked: Asked) -> Page:
    """One page: the open ones, then the closed ones, each newest first. Reads one row more than it shows, never an offset."""
    rows = of_view(user, asked.view).select_related("author", "ticket").prefetch_related("steps")
    backwards = asked.before is not None and asked.after is None
    edge = asked.before if backwards else asked.after
    parts = PARTS[::-1] if backwards else PARTS
    found: list[Voice] = []
    for part in parts[parts.index(edge[0]) :] if edge else parts:
        beyond = _beyond(edge, backwards) if edge and edge[0] == part else Q()
        order = "id" if backwards else "-id"
        found += rows.filter(_of(part), beyond).order_by(order)[: PAGE + 1 - len(found)]
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


def is_company_wide(user: User) -> bool:
    return bool(user.role == Role.REPRESENTATIVE)


def _of(part: str) -> Q:
    closed = Q(state=VoiceState.CLOSED)
    return closed if part == CLOSED else ~closed


def _beyond(edge: Key, backwards: bool) -> Q:
    return Q(pk__gt=edge[1]) if backwards else Q(pk__lt=edge[1])


def _key(row: Voice) -> Key:
    return CLOSED if row.state == VoiceState.CLOSED else OPEN, row.pk


def _encode(edge: Key | None) -> str:
    return f"{edge[0]}{edge[1]}" if edge else ""


def _decode(raw: str) -> Key | None:
    part, pk = raw[:1], raw[1:]
    usable = part in PARTS and pk.isascii() and pk.isdigit() and len(pk) < 19
    return (part, int(pk)) if usable else None
