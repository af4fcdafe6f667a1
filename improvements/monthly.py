"""What a month of the register adds up to (guide 2.2: «mejora continua»): for its page, its file and the customer's monthly report.

Everything is counted as it was at the end of the month, whatever happened since; of the month that runs, as it is now. Months are the
desk's own. What a month holds is exact: it is read off the history, in which nothing changes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from core import clock
from customers.models import Company
from improvements import days
from improvements.models import ActionEntry, CorrectiveAction
from improvements.vocabulary import LIVE, PENDING, ActionState, Origin

DATED = ("opened", "postponed", "failed")
"""Entries that give the action a date."""
CLOSES = "verified"
FIRST_YEAR = 2000
"""Before it there is no month to ask for."""


@dataclass(slots=True)
class Sums:
    """Of the month: `opened`, `implemented` (`on_time` of them by their date), verified as `effective` or `ineffective`, `cancelled`.
    At its end: `live` and, of those, `overdue` and `to_verify`. An action implemented or verified twice counts twice."""

    opened: int = 0
    implemented: int = 0
    on_time: int = 0
    effective: int = 0
    ineffective: int = 0
    cancelled: int = 0
    live: int = 0
    overdue: int = 0
    to_verify: int = 0

    @property
    def verified(self) -> int:
        return self.effective + self.ineffective

    @property
    def in_time(self) -> int:
        """Owed, and their date has not passed."""
        return self.live - self.overdue - self.to_verify

    @property
    def late(self) -> int:
        """Implemented after their date."""
        return self.implemented - self.on_time

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name) for name in self.__slots__)


@dataclass(slots=True)
class Line:
    """One action in the month: as its file lists it. `state` and `due_on` are those at the month's end."""

    action: CorrectiveAction
    state: str
    due_on: date
    is_overdue: bool
    opened: bool = False
    implemented_at: datetime | None = None
    verdict: str = ""

    @property
    def state_label(self) -> str:
        return str(ActionState(self.state).label)


@dataclass(slots=True)
class Month:
    """`until` is its end, or now while it runs. Origins in their order, owners by name; those of whom there is nothing are left out."""

    year: int
    month: int
    until: datetime
    is_over: bool
    total: Sums
    by_origin: dict[str, Sums] = field(default_factory=dict)
    by_owner: dict[str, Sums] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """The first instant of the month and of the next one, in the desk's zone. Raises ValueError for what is no month."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = date(year, month, 1)
    following = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time.min, zone), datetime.combine(following, time.min, zone)


def month(year: int, month: int, company: Company | None = None, *, viewer: User, at: datetime | None = None) -> Month:
    """The month as far as the viewer may see it, of one company or of all. Four queries. Raises ValueError for what is no month."""
    at = at or clock.now()
    start, end = bounds(year, month)
    # What happens at this very instant has happened.
    until = min(end, at + timedelta(microseconds=1))
    seen = CorrectiveAction.objects.visible_to(viewer)
    if company is not None:
        seen = seen.filter(company=company)
    concerns = Q(created_at__lt=until) & (Q(closed_at=None) | Q(closed_at__gte=start))
    rows = {row.pk: row for row in seen.filter(concerns).select_related("owner", "company").order_by("pk")}
    told: dict[int, list[ActionEntry]] = {pk: [] for pk in rows}
    for entry in ActionEntry.objects.filter(row__in=list(rows), at__lt=until).order_by("row", "sequence"):
        told[entry.row_id].append(entry)
    # The month's last day is its last instant's: an action due on it is not late yet when it ends.
    last = days.of(until - timedelta(microseconds=1))
    found = Month(year, month, until, end <= at, Sums())
    for pk, row in rows.items():
        _count(found, row, told[pk], start=start, last=last)
    found.by_origin = _ordered(found.by_origin, [origin.value for origin in Origin].index)
    found.by_owner = _ordered(found.by_owner, str)
    return found


def _count(found: Month, row: CorrectiveAction, entries: Iterable[ActionEntry], *, start: datetime, last: date) -> None:
    state, due_on = ActionState.OPEN.value, row.due_on
    line = Line(row, state, due_on, is_overdue=False)
    happened: Counter[str] = Counter()
    for entry in entries:
        state = entry.to_state or state
        if entry.kind in DATED and entry.data.get("due_on"):
            due_on = date.fromisoformat(entry.data["due_on"])
        if entry.at < start:
            continue
        happened[entry.kind] += 1
        if entry.kind == "implemented":
            line.implemented_at = entry.at
            happened["on_time"] += days.of(entry.at) <= due_on
        elif entry.kind in (CLOSES, "failed"):
            line.verdict = entry.kind
    live = state in LIVE
    line.state, line.due_on, line.is_overdue = state, due_on, state in PENDING and due_on < last
    line.opened = bool(happened["opened"])
    sums = Sums(
        opened=happened["opened"],
        implemented=happened["implemented"],
        on_time=happened["on_time"],
        effective=happened[CLOSES],
        ineffective=happened["failed"],
        cancelled=happened["cancelled"],
        live=int(live),
        overdue=int(line.is_overdue),
        to_verify=int(state == ActionState.IMPLEMENTED),
    )
    if sums.is_empty:
        return
    found.lines.append(line)
    for into in (
        found.total,
        found.by_origin.setdefault(row.origin, Sums()),
        found.by_owner.setdefault(row.owner.full_name, Sums()),
    ):
        _add(into, sums)


def _add(into: Sums, sums: Sums) -> None:
    for name in Sums.__slots__:
        setattr(into, name, getattr(into, name) + getattr(sums, name))


def _ordered(groups: Mapping[str, Sums], key: Callable[[str], object]) -> dict[str, Sums]:
    return {name: groups[name] for name in sorted(groups, key=key)}  # type: ignore[arg-type]
