"""What was kept of what fell due lately: reaction, attention and promised dates, week by week (guide 3.4.2, 3.12).

A clock is judged once, when it is decided: late at the deadline that it missed, in time when it was met before. So one that is late and
still unmet counts already, and waiting longer improves nothing. Tickets that were cancelled, rejected or found invalid are left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncWeek

from accounts.models import User
from sla.board import Narrow, kept, scope_of
from sla.models import Breach, Clock, Commitment
from sla.vocabulary import ClockKind, CommitmentState
from tickets.vocabulary import ClosingCode

DAYS = (30, 90)
"""How far back one may look."""
Cell = tuple[str, date]
"""A kind of clock, and a week."""
WITHOUT_EFFECT = (ClosingCode.CANCELLED, ClosingCode.INVALID)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many were kept and how many were not."""

    met: int = 0
    late: int = 0

    @property
    def n(self) -> int:
        return self.met + self.late

    @property
    def percent(self) -> float | None:
        """Of those kept, to a tenth, rounded so that it says neither 100 when one was late nor 0 when one was kept. None without any."""
        if not self.n:
            return None
        tenths = self.met * 1000 // self.n
        return max(tenths, 1 if self.met else 0) / 10


@dataclass(frozen=True, slots=True)
class Week:
    """The week that begins on a Monday; the first one may have begun before the days that were asked for."""

    starts_on: date
    reaction: Outcome = field(default_factory=Outcome)
    attention: Outcome = field(default_factory=Outcome)
    commitments: Outcome = field(default_factory=Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was decided from `since` to `at`. `corrected` are breaches that a reclassification undid: they count nowhere else."""

    since: datetime
    at: datetime
    days: int
    weeks: tuple[Week, ...]
    reaction: Outcome
    attention: Outcome
    commitments: Outcome
    renegotiated: int
    corrected: int


def zone() -> ZoneInfo:
    """The desk's own, in which its days and weeks begin."""
    return ZoneInfo(settings.TIME_ZONE)


def record(actor: User, narrow: Narrow, *, at: datetime, days: int) -> Record:
    """The last `days` days (today included, from local midnight) as far as the actor sees them. Three queries; none when it was kept."""
    key = f"sla.record:{scope_of(actor)}:{narrow}:{days}"
    return kept(key, lambda: _record(actor, narrow, at, days))


def since(at: datetime, days: int) -> datetime:
    """The local midnight at which the last `days` days begin."""
    first = at.astimezone(zone()).date() - timedelta(days=days - 1)
    return datetime(first.year, first.month, first.day, tzinfo=zone())


def _record(actor: User, narrow: Narrow, at: datetime, days: int) -> Record:
    begin = since(at, days)
    met = _met(actor, narrow, begin, at)
    missed, corrected = _missed(actor, narrow, begin, at)
    promises, renegotiated = _promises(actor, narrow, begin, at)

    def judged(kind: str, monday: date) -> Outcome:
        return Outcome(met.get((kind, monday), 0), missed.get((kind, monday), 0))

    weeks = tuple(
        Week(
            monday,
            judged(ClockKind.REACTION, monday),
            judged(ClockKind.ATTENTION, monday),
            promises.get(monday, Outcome()),
        )
        for monday in _mondays(begin, at)
    )
    return Record(
        since=begin,
        at=at,
        days=days,
        weeks=weeks,
        reaction=_sum(week.reaction for week in weeks),
        attention=_sum(week.attention for week in weeks),
        commitments=_sum(week.commitments for week in weeks),
        renegotiated=renegotiated,
        corrected=corrected,
    )


def _sum(outcomes: Iterable[Outcome]) -> Outcome:
    met = late = 0
    for one in outcomes:
        met, late = met + one.met, late + one.late
    return Outcome(met, late)


def _mondays(begin: datetime, at: datetime) -> list[date]:
    day, last = begin.date(), at.astimezone(zone()).date()
    day -= timedelta(days=day.weekday())
    return [day + timedelta(weeks=index) for index in range((last - day).days // 7 + 1)]


def _counted(narrow: Narrow) -> Q:
    """Of the tickets asked for, those that were not void."""
    return narrow.condition("ticket__") & ~Q(ticket__closing_code__in=WITHOUT_EFFECT)


def _met(actor: User, narrow: Narrow, begin: datetime, at: datetime) -> Mapping[Cell, int]:
    """How many clocks were met in time, by kind and week."""
    rows = (
        Clock.objects.visible_to(actor)
        .filter(_counted(narrow), met_at__gte=begin, met_at__lte=at, breached_at=None)
        .annotate(week=TruncWeek("met_at", tzinfo=zone()))
        .values("kind", "week")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return {(row["kind"], _monday(row)): row["n"] for row in rows}


def _missed(actor: User, narrow: Narrow, begin: datetime, at: datetime) -> tuple[Mapping[Cell, int], int]:
    """How many deadlines were missed, by kind and week, and how many of all turned out not to be the right ones."""
    rows = (
        Breach.objects.visible_to(actor)
        .filter(_counted(narrow), due_at__gte=begin, due_at__lte=at)
        .annotate(week=TruncWeek("due_at", tzinfo=zone()))
        .values("kind", "week")
        .annotate(n=Count("pk"), corrected=Count("corrected_at"))
        .order_by()
    )
    found = list(rows)
    standing = {(row["kind"], _monday(row)): row["n"] - row["corrected"] for row in found}
    return standing, sum(row["corrected"] for row in found)


def _promises(actor: User, narrow: Narrow, begin: datetime, at: datetime) -> tuple[Mapping[date, Outcome], int]:
    told = (CommitmentState.KEPT, CommitmentState.BROKEN, CommitmentState.RENEGOTIATED)
    rows = (
        Commitment.objects.visible_to(actor)
        .filter(_counted(narrow), settled_at__gte=begin, settled_at__lte=at, state__in=told)
        .annotate(week=TruncWeek("settled_at", tzinfo=zone()))
        .values("state", "week")
        .annotate(n=Count("pk"))
        .order_by()
    )
    found: dict[date, Outcome] = {}
    renegotiated = 0
    for row in rows:
        before = found.get(_monday(row), Outcome())
        if row["state"] == CommitmentState.RENEGOTIATED:
            renegotiated += row["n"]
        elif row["state"] == CommitmentState.KEPT:
            found[_monday(row)] = Outcome(before.met + row["n"], before.late)
        else:
            found[_monday(row)] = Outcome(before.met, before.late + row["n"])
    return found, renegotiated


def _monday(row: Mapping[str, Any]) -> date:
    found: date = row["week"].astimezone(zone()).date()
    return found
