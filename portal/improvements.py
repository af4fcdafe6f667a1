"""What was done so that something does not happen again, in the words of the customer's pages (guide 3.13, 3.14).

The customer reads the summary that was written for them, the day and how it stands; never the action's title, its people nor its history.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core import words
from core.text import is_number
from improvements import days
from improvements.models import CorrectiveAction
from improvements.vocabulary import LIVE, PENDING, ActionState

PAGE = 15
LONGEST_HEADING = 140
ICONS = {
    ActionState.OPEN: "clock",
    ActionState.IN_PROGRESS: "clock",
    ActionState.IMPLEMENTED: "check",
    ActionState.CLOSED: "check-circle",
    ActionState.CANCELLED: "x-circle",
}
WORDS = {
    ActionState.OPEN: ("En curso", "info"),
    ActionState.IN_PROGRESS: ("En curso", "info"),
    ActionState.IMPLEMENTED: ("Hecha", "ok"),
    ActionState.CLOSED: ("Terminada", "ok"),
    ActionState.CANCELLED: ("Ya no se hará", ""),
}
LATE = ("Atrasada", "act")


@dataclass(frozen=True, slots=True)
class Told:
    """`heading` is the summary's beginning, `rest` what follows it; `when` says by when, or since when. `href` is its page, for who has it."""

    number: str
    href: str
    heading: str
    rest: str
    word: str
    tone: str
    icon: str
    when: str
    opened: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Told]
    previous: str
    next: str


def reads(user: User) -> bool:
    """The pages are for who represents a company."""
    return user.role == Role.REPRESENTATIVE


def tell(row: CorrectiveAction, viewer: User, *, now: datetime) -> Told:
    """The action as its company reads it."""
    state, zone = ActionState(row.state), ZoneInfo(viewer.time_zone)
    late = row.state in PENDING and row.due_on < days.of(now)
    word, tone = LATE if late else WORDS[state]
    heading, rest = _parted(row.summary)
    return Told(
        number=row.number,
        href=reverse("portal:improvement", args=[row.number]) if reads(viewer) else "",
        heading=heading,
        rest=rest,
        word=word,
        tone=tone,
        icon="exclamation-triangle" if late else ICONS[state],
        when=_when(row, late, zone, now),
        opened=words.long_date(row.created_at.astimezone(zone).date(), year=True),
    )


def _when(row: CorrectiveAction, late: bool, zone: ZoneInfo, now: datetime) -> str:
    if row.state in PENDING:
        due = _day(row.due_on, now)
        return f"Debía quedar {due} y todavía no está. Seguimos en ello." if late else f"Quedará a más tardar {due}."
    if row.state == ActionState.IMPLEMENTED and row.implemented_at is not None:
        until = f" a más tardar {_day(row.verify_on, now)}" if row.verify_on else ""
        return (
            f"Quedó hecha {_day(row.implemented_at.astimezone(zone).date(), now)}. Comprobaremos que funciona{until}."
        )
    if row.state == ActionState.CLOSED and row.closed_at is not None:
        return f"{_day(row.closed_at.astimezone(zone).date(), now).capitalize()} comprobamos que funciona."
    return "Se decidió no hacerla."


def _day(on: date, now: datetime) -> str:
    """«el viernes 13 de marzo»; with its year when it is another one."""
    return f"el {words.long_date(on, year=on.year != days.of(now).year)}"


def _parted(summary: str) -> tuple[str, str]:
    """A heading out of the text's first line: whole when it is short, else cut at a word. What does not fit is told under it, whole."""
    first, _, rest = summary.strip().partition("\n")
    if len(first) <= LONGEST_HEADING:
        return first, rest.strip()
    return f"{first[:LONGEST_HEADING].rsplit(' ', 1)[0].rstrip(' ,;:.')}…", summary.strip()


def page_of(viewer: User, params: QueryDict, *, now: datetime) -> Page:
    """One page: what is under way first, then what has ended, each newest first. Two queries at most; never an offset."""
    seen = CorrectiveAction.objects.visible_to(viewer)
    mark = params.get("despues", "") or params.get("antes", "")
    backwards = "antes" in params and "despues" not in params
    part, pk = mark[:1], mark[1:]
    edge = (part, int(pk)) if part in ("a", "c") and is_number(pk) else None
    backwards = backwards and edge is not None
    found: list[CorrectiveAction] = []
    parts = ("c", "a") if backwards else ("a", "c")
    for name in parts[parts.index(edge[0]) :] if edge else parts:
        beyond = Q()
        if edge is not None and edge[0] == name:
            beyond = Q(pk__gt=edge[1]) if backwards else Q(pk__lt=edge[1])
        live = Q(state__in=LIVE)
        rows = seen.filter(live if name == "a" else ~live, beyond).order_by("pk" if backwards else "-pk")
        found += rows[: PAGE + 1 - len(found)]
    more, shown = len(found) > PAGE, found[:PAGE]
    if backwards:
        shown.reverse()
    before = more if backwards else edge is not None
    after = True if backwards else more
    return Page(
        [tell(row, viewer, now=now) for row in shown],
        _address(antes=_mark(shown[0])) if shown and before else "",
        _address(despues=_mark(shown[-1])) if shown and after else "",
    )


def _mark(row: CorrectiveAction) -> str:
    return f"{'a' if row.state in LIVE else 'c'}{row.pk}"


def _address(**pairs: Any) -> str:
    return f"?{urlencode(pairs)}"
