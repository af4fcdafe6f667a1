"""How the open tickets stand against their deadlines: the one reading that queues, filters, the board and the API share (guide 3.4.2).

Each of CONDITIONS is a condition on an open `Ticket`; together they part them without remainder. `at` is an aware moment. At risk is a
ticket that has been warned at AMBER percent of a running target, or, when `hours` are given, one that falls due within them. A paused
clock is not at risk, however much of it has run: time does not bring its deadline nearer.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from sla.models import AMBER, Clock
from sla.vocabulary import ClockState, Standing
from tickets.vocabulary import UNSOLVED

HORIZONS = (1, 2, 4, 8, 24)
"""Hours ahead that may be asked for."""

Condition = Callable[[datetime, int | None], Q]


def is_open() -> Q:
    """Work of the desk: neither solved nor ended."""
    return Q(state__in=UNSOLVED)


def late(at: datetime, hours: int | None = None) -> Q:
    """A running deadline has passed; its own instant is still in time."""
    return Q(next_due_at__lt=at)


def at_risk(at: datetime, hours: int | None = None) -> Q:
    return Q(next_due_at__gte=at) & _near(at, hours)


def on_time(at: datetime, hours: int | None = None) -> Q:
    return Q(next_due_at__gte=at) & ~_near(at, hours)


def paused(at: datetime, hours: int | None = None) -> Q:
    """Nothing runs, and something waits to run on."""
    return Q(next_due_at=None, pk__in=_held())


def idle(at: datetime, hours: int | None = None) -> Q:
    """Nothing runs and nothing waits: reaction and attention are met, and the solution is under way."""
    return Q(next_due_at=None) & ~Q(pk__in=_held())


CONDITIONS: Mapping[Standing, Condition] = {
    Standing.LATE: late,
    Standing.RISK: at_risk,
    Standing.OK: on_time,
    Standing.PAUSED: paused,
    Standing.IDLE: idle,
}


def standing(standing: Standing, at: datetime, hours: int | None = None) -> Q:
    """The open tickets that stand so."""
    return is_open() & CONDITIONS[standing](at, hours)


def _near(at: datetime, hours: int | None) -> Q:
    if hours is not None:
        return Q(next_due_at__lte=at + timedelta(hours=hours))
    return Q(pk__in=_amber())


def _amber() -> QuerySet[Clock, int]:
    """The tickets of clocks that were warned and are not on record as missed: as many as there are, by an index of their own."""
    amber = Clock.objects.filter(state=ClockState.RUNNING, next_at__isnull=False, warned_percent__gte=AMBER)
    return amber.values_list("ticket", flat=True)


def _held() -> QuerySet[Clock, int]:
    return Clock.objects.filter(state=ClockState.PAUSED).values_list("ticket", flat=True)
