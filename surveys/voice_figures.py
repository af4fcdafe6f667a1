"""What the register of complaints and suggestions adds up to (guide 2.2, 3.13): as many queries for ten as for a million.

Times are plain hours, nights and holidays included: what the customer waited. What was promised is the matrix's, in the desk's window, and
counts from the first level told: one that a higher level answered, later than the first had promised, was late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber, TruncMonth

from accounts.models import User
from surveys import voice_register
from surveys.models import Voice, VoiceStep
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import PENDING, Ending, VoiceKind, VoiceState

COMPANIES = 12
"""Those told by name; the others are one line."""


@dataclass(frozen=True, slots=True)
class Share:
    """One line: how many complaints and suggestions; of those `decided` (answered, or late without an answer), `on_time` were in time."""

    key: Any
    complaints: int = 0
    suggestions: int = 0
    decided: int = 0
    on_time: int = 0

    @property
    def total(self) -> int:
        return self.complaints + self.suggestions

    @property
    def percent(self) -> float | None:
        """Of those decided, in time; says neither 100 when one was late nor 0 when one was in time. None where none is decided."""
        return percent(self.on_time, self.decided)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long it took: the middle (of an even number, halfway between both), and what nine of ten did not exceed (nearest rank)."""

    n: int = 0
    median: timedelta | None = None
    ninth: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """`answered` have had an answer, `appealed` of those were appealed, `agreed` of the `closed` ended with the customer's consent."""

    total: Share
    pending: int
    late: int
    answered: int
    appealed: int
    closed: int
    agreed: int
    withdrawn: int
    acknowledge: Spread
    answer: Spread
    months: Sequence[Share]
    areas: Sequence[Share]
    directions: Sequence[Share]
    companies: Sequence[Share]
    states: Sequence[Share]


def percent(part: int, whole: int) -> float | None:
    """To a tenth, rounded half away from zero, but never 100 for less than all nor 0 for more than none. None of nothing."""
    if not whole:
        return None
    tenths = (part * 2000 + whole) // (2 * whole)
    if part < whole:
        tenths = min(tenths, 999)
    return max(tenths, 1 if part else 0) / 10


def begins(at: datetime, months: int) -> datetime:
    """The desk's midnight on which the last `months` months begin, the present one included."""
    zone = ZoneInfo(settings.TIME_ZONE)
    local = at.astimezone(zone)
    first = local.year * 12 + local.month - months
    return datetime.combine(date(first // 12, first % 12 + 1, 1), time.min, zone)


def of(actor: User, *, since: datetime, at: datetime, company: int | None = None) -> Figures:
    """Of those that the actor may see and that were registered since `since`. Three queries, whatever there is."""
    rows = Voice.objects.visible_to(actor).filter(created_at__gte=since, created_at__lte=at)
    lines = timed(rows if company is None else rows.filter(company=company))
    cells = _cells(lines, at)
    companies = _by(cells, "company__name")
    months = {share.key: share for share in _by(cells, "month")}
    states = {share.key: share for share in _by(cells, "state")}
    return Figures(
        total=_sum(None, cells),
        **{name: sum(cell[name] for cell in cells) for name in _lives(at)},
        acknowledge=spread(lines, "acknowledged_at"),
        answer=spread(lines, "first_answered"),
        months=[months.get(month, Share(month)) for month in _months(since, at)],
        areas=_by(cells, "direction", "area"),
        directions=_by(cells, "direction"),
        companies=[*companies[:COMPANIES], *_others(cells, companies[:COMPANIES])],
        states=[states.get(state.value, Share(state.value)) for state in VoiceState],
    )


def timed(rows: VoiceQuerySet) -> VoiceQuerySet:
    """With when it was first answered, and until when the first level told had to.

    The row keeps its only answer, which an appeal takes off it: then, and only then, the levels are asked for the first one.
    """
    answers = VoiceStep.objects.filter(row=OuterRef("pk"), answered_at__isnull=False).order_by("answered_at")
    found: VoiceQuerySet = rows.order_by().annotate(
        first_told=FilteredRelation("steps", condition=Q(steps__number=1)),
        promised=F("first_told__answer_by"),
        first_answered=Case(
            When(appeals=0, then=F("answered_at")),
            default=Coalesce(Subquery(answers.values("answered_at")[:1]), F("answered_at")),
        ),
    )
    return found


def _counts(at: datetime) -> dict[str, Count]:
    in_time = Q(first_answered__lte=F("promised"))
    never = Q(first_answered=None, promised__lt=Coalesce(F("closed_at"), Value(at, DateTimeField())))
    late = Q(first_answered__gt=F("promised")) | never
    return {
        "complaints": Count("pk", filter=Q(kind=VoiceKind.COMPLAINT)),
        "suggestions": Count("pk", filter=Q(kind=VoiceKind.SUGGESTION)),
        "decided": Count("pk", filter=in_time | late),
        "on_time": Count("pk", filter=in_time),
    }


def _lives(at: datetime) -> dict[str, Count]:
    return {
        "pending": Count("pk", filter=Q(state__in=PENDING)),
        "late": Count("pk", filter=Q(state__in=PENDING) & voice_register.late(at)),
        "answered": Count("pk", filter=Q(first_answered__isnull=False)),
        "appealed": Count("pk", filter=Q(appeals__gt=0)),
        "closed": Count("pk", filter=Q(state=VoiceState.CLOSED)),
        "agreed": Count("pk", filter=Q(ending=Ending.AGREED)),
        "withdrawn": Count("pk", filter=Q(ending=Ending.WITHDRAWN)),
    }


def _cells(rows: VoiceQuerySet, at: datetime) -> list[Mapping[str, Any]]:
    """The numbers of each month, area, company and state that has any: one query, added up from here on."""
    month = TruncMonth("created_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    found = rows.annotate(month=month).values("month", "direction", "area", "company__name", "state")
    numbers = found.annotate(**_counts(at), **_lives(at))
    return [{**cell, "month": cell["month"].date()} for cell in numbers]


def _by(cells: Sequence[Mapping[str, Any]], *names: str) -> list[Share]:
    """Added up by one column, or by several together; the most first."""
    found: dict[Any, list[Mapping[str, Any]]] = {}
    for cell in cells:
        key = tuple(cell[name] for name in names) if len(names) > 1 else cell[names[0]]
        found.setdefault(key, []).append(cell)
    return sorted((_sum(key, rows) for key, rows in found.items()), key=lambda share: (-share.total, share.key))


def _sum(key: Any, cells: Sequence[Mapping[str, Any]]) -> Share:
    names = ("complaints", "suggestions", "decided", "on_time")
    return Share(key, **{name: sum(cell[name] for cell in cells) for name in names})


def _months(since: datetime, at: datetime) -> list[date]:
    """The first of each month from `since` to `at`, in the desk's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = since.astimezone(zone), at.astimezone(zone)
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _others(cells: Sequence[Mapping[str, Any]], told: Sequence[Share]) -> list[Share]:
    """What is not of the companies told; empty key. Nothing where they are all."""
    names = {share.key for share in told}
    left = [cell for cell in cells if cell["company__name"] not in names]
    return [_sum("", left)] if left else []


def spread(rows: Any, until: str) -> Spread:
    """From the registration to the moment `until`, of those that have one. One query, of at most three rows."""
    span = ExpressionWrapper(F(until) - F("created_at"), DurationField())
    ranked = (
        rows.filter(**{f"{until}__isnull": False})
        .annotate(span=span)
        .annotate(place=Window(RowNumber(), order_by=F("span").asc()), many=Window(Count("pk")))
        .filter(Q(place=(F("many") + 1) / 2) | Q(place=(F("many") + 2) / 2) | Q(place=(F("many") * 9 + 9) / 10))
        .values_list("place", "many", "span")
    )
    found = {place: (many, span) for place, many, span in ranked}
    if not found:
        return Spread()
    n = next(iter(found.values()))[0]
    middle = [found[place][1] for place in ((n + 1) // 2, (n + 2) // 2)]
    return Spread(n, (middle[0] + middle[1]) / 2, found[(n * 9 + 9) // 10][1])
