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
    BooleanField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
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
    """Of those that the actor may see and that were registered since `since`. Seven queries, whatever there is."""
    rows = Voice.objects.visible_to(actor).filter(created_at__gte=since, created_at__lte=at)
    rows = rows if company is None else rows.filter(company=company)
    lines = timed(rows)
    # Asked beforehand: a sum over rows that carry subqueries cannot hold one of its own.
    passed = ExpressionWrapper(voice_register.late(at), BooleanField())
    totals = lines.annotate(is_late=passed).aggregate(**_counts(at), **_lives())
    total = _share(None, totals)
    areas = [_share((row["direction"], row["area"]), row) for row in _grouped(lines, at, "direction", "area")]
    companies = [_share(row["company__name"], row) for row in _grouped(lines, at, "company__name")[:COMPANIES]]
    months = {row["month"]: _share(row["month"], row) for row in _by_month(lines, at)}
    return Figures(
        total=total,
        **{name: totals[name] for name in _lives()},
        acknowledge=spread(lines, "first_acknowledged"),
        answer=spread(lines, "first_answered"),
        months=[months.get(month, Share(month)) for month in _months(since, at)],
        areas=areas,
        directions=_summed(areas),
        companies=[*companies, *_others(total, companies)],
        states=_in_order(lines, at),
    )


def timed(rows: VoiceQuerySet) -> VoiceQuerySet:
    """With when it was first acknowledged and first answered, and until when the first level told had to answer."""
    steps = VoiceStep.objects.filter(row=OuterRef("pk"))

    def first(name: str) -> Subquery:
        return Subquery(steps.filter(**{f"{name}__isnull": False}).order_by(name).values(name)[:1])

    found: VoiceQuerySet = rows.order_by().annotate(
        first_acknowledged=Coalesce(first("acknowledged_at"), F("acknowledged_at")),
        first_answered=Coalesce(first("answered_at"), F("answered_at")),
        promised=Subquery(steps.filter(answer_by__isnull=False).order_by("number").values("answer_by")[:1]),
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


def _lives() -> dict[str, Count]:
    return {
        "pending": Count("pk", filter=Q(state__in=PENDING)),
        "late": Count("pk", filter=Q(state__in=PENDING, is_late=True)),
        "answered": Count("pk", filter=Q(first_answered__isnull=False)),
        "appealed": Count("pk", filter=Q(appeals__gt=0)),
        "closed": Count("pk", filter=Q(state=VoiceState.CLOSED)),
        "agreed": Count("pk", filter=Q(ending=Ending.AGREED)),
        "withdrawn": Count("pk", filter=Q(ending=Ending.WITHDRAWN)),
    }


def _share(key: Any, row: Mapping[str, Any]) -> Share:
    return Share(key, row["complaints"], row["suggestions"], row["decided"], row["on_time"])


def _grouped(rows: VoiceQuerySet, at: datetime, *names: str) -> Any:
    """The most first."""
    return rows.values(*names).annotate(everything=Count("pk"), **_counts(at)).order_by("-everything", *names)


def _by_month(rows: VoiceQuerySet, at: datetime) -> Any:
    month = TruncMonth("created_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    for row in rows.annotate(month=month).values("month").annotate(**_counts(at)).order_by("month"):
        yield {**row, "month": row["month"].date()}


def _months(since: datetime, at: datetime) -> list[date]:
    """The first of each month from `since` to `at`, in the desk's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = since.astimezone(zone), at.astimezone(zone)
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _summed(areas: Sequence[Share]) -> list[Share]:
    found: dict[str, list[Share]] = {}
    for share in areas:
        found.setdefault(share.key[0], []).append(share)
    return sorted((_sum(name, rows) for name, rows in found.items()), key=lambda share: (-share.total, share.key))


def _sum(key: Any, rows: Sequence[Share]) -> Share:
    names = ("complaints", "suggestions", "decided", "on_time")
    return Share(key, **{name: sum(getattr(row, name) for row in rows) for name in names})


def _others(total: Share, told: Sequence[Share]) -> list[Share]:
    """What is not of the companies told; empty key. Nothing where they are all."""
    sum_ = _sum("", told)
    if sum_.total == total.total:
        return []
    left = {
        name: getattr(total, name) - getattr(sum_, name) for name in ("complaints", "suggestions", "decided", "on_time")
    }
    return [Share("", **left)]


def _in_order(rows: VoiceQuerySet, at: datetime) -> list[Share]:
    found = {row["state"]: _share(row["state"], row) for row in _grouped(rows, at, "state")}
    return [found.get(state.value, Share(state.value)) for state in VoiceState]


def spread(rows: Any, until: str) -> Spread:
    """From the registration to the moment `until` (an annotation), of those that have one. One query, of at most three rows."""
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
