"""Where one clock stands: what it promises, what holds it, and when it must be looked at. Nothing here is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.worktime import Pause as Stretch
from customers import terms as terms_of
from customers.models import ServiceTerms
from sla.models import Clock, Pause
from sla.plan import Plan
from sla.vocabulary import ClockKind, ClockState, PauseCause

JUST_AFTER = timedelta(microseconds=1)
"""The deadline's own instant is still in time: a breach is looked for right after it."""
MUTABLE = (
    "state", "target_minutes", "clock", "counts_from", "due_at", "met_at", "stopped_at", "breached_at", "used", "next_at",
    "warned_percent", "revision",
)  # fmt: skip
"""What of a clock may change while it lives."""


def pauses_of(kind: str, terms: ServiceTerms, rows: Iterable[Pause], at: datetime) -> list[Stretch]:
    """The pauses that stop a clock under the terms. Nothing stops the reaction (guide 3.4.2). `at`, the ticket's creation, chooses the
    guide's rule for terms that leave it to the guide."""
    if kind == ClockKind.REACTION:
        return []
    stops = {
        PauseCause.USER: terms_of.pauses_for_user(terms, at),
        PauseCause.VENDOR: terms_of.pauses_for_vendor(terms, at),
    }
    return [(row.started_at, row.ended_at) for row in rows if stops[PauseCause(row.cause)]]


def until(pauses: Iterable[Stretch], at: datetime) -> list[Stretch]:
    """The pauses as they will be if the open one ends at `at`."""
    return [(since, end or max(at, since)) for since, end in pauses]


def next_look(clock: Clock, plan: Plan, pauses: Sequence[Stretch], percents: Sequence[int]) -> datetime | None:
    """When the clock's next warning or its breach can be recorded."""
    if clock.breached_at is not None:
        return None
    for percent in percents:
        if percent > clock.warned_percent:
            return plan.reaches(percent, pauses)
    return clock.due_at + JUST_AFTER if clock.due_at else None


def adopt(clock: Clock, plan: Plan) -> None:
    clock.target_minutes, clock.clock, clock.counts_from = plan.minutes, plan.basis, plan.counts_from


def run(clock: Clock, plan: Plan, pauses: Sequence[Stretch], at: datetime, percents: Sequence[int]) -> None:
    """Running towards a deadline, or held by an open pause."""
    clock.due_at = plan.deadline(pauses)
    held = clock.due_at is None
    clock.state = ClockState.PAUSED if held else ClockState.RUNNING
    clock.used = plan.used(at, until(pauses, at)) if held else None
    clock.next_at = next_look(clock, plan, pauses, percents)


def end(clock: Clock, state: ClockState, at: datetime, used: timedelta) -> None:
    clock.state, clock.used, clock.next_at = state, used, None
    if state == ClockState.MET:
        clock.met_at = at
    else:
        clock.stopped_at = at


def still_warned(clock: Clock, plan: Plan, pauses: Sequence[Stretch], percents: Sequence[int], at: datetime) -> int:
    """The highest warning already given that the new promise has reached too; a longer one may warn again."""
    for percent in sorted(percents, reverse=True):
        moment = plan.reaches(percent, pauses) if percent <= clock.warned_percent else None
        if moment is not None and moment <= at:
            return percent
    return 0


def summary(clocks: Iterable[Clock]) -> tuple[datetime | None, bool]:
    """What a ticket is told of its clocks: the earliest running deadline, and whether one was missed."""
    clocks = list(clocks)
    running = [clock.due_at for clock in clocks if clock.state == ClockState.RUNNING and clock.due_at is not None]
    return min(running, default=None), any(clock.breached_at for clock in clocks)
