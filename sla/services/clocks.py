"""The clocks follow the ticket: started with it, met by what the desk says, held while it waits, recomputed when it is reclassified.

The doors `start` and `sync` run inside the transaction of the ticket's own change, whose row is locked, so no two writers of a clock
ever meet. They keep `next_due_at` and `breached` of the ticket true.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from core import events
from core.bulk import update_each
from core.worktime import Pause as Stretch
from customers import terms as terms_of
from customers.models import ServiceTerms
from sla import targets
from sla.events import ClocksMoved, ClocksStarted
from sla.models import Clock, ClockChange, Pause
from sla.plan import Plan
from sla.services import breaches
from sla.vocabulary import ClockKind, ClockState, PauseCause
from tickets.events import TicketFact, TicketReclassified
from tickets.models import Ticket
from tickets.vocabulary import TERMINAL, State

CAUSES = {State.PENDING_USER: PauseCause.USER, State.PENDING_VENDOR: PauseCause.VENDOR}
DECIDES = {"kind", "service_line", "priority"}
"""What of a ticket's classification its promises depend on."""
JUST_AFTER = timedelta(microseconds=1)
"""The deadline's own instant is still in time: a breach is looked for right after it."""


def start(event: TicketFact) -> None:
    """Both clocks of a new ticket (guide 3.4.2). Two queries with warm configuration."""
    row, at = event.ticket, event.entry.at
    percents = targets.warning_percents(row.terms_id, row.created_at)
    clocks = []
    for kind, plan in targets.for_ticket(row).items():
        clock = Clock(ticket=row, kind=kind, started_at=row.created_at)
        _adopt(clock, plan)
        _run(clock, plan, (), at, percents)
        if (met_at := _met_at(row, kind)) is not None:
            _end(clock, ClockState.MET, met_at, plan.used(met_at))
        clocks.append(clock)
    Clock.objects.bulk_create(clocks)
    _tell(row, clocks)
    events.publish(ClocksStarted(ticket_id=row.pk, ticket=row, clocks=clocks))


def sync(event: TicketFact) -> None:
    """Bring the clocks up to date with what just happened to the ticket; no query when it does not concern them."""
    row, entry = event.ticket, event.entry
    reclassified = isinstance(event, TicketReclassified) and not DECIDES.isdisjoint(entry.data.get("changes", ()))
    waited, waits = CAUSES.get(entry.from_state), CAUSES.get(entry.to_state)
    unmet = row.reacted_at is None or row.attended_at is None
    heard = entry.at in (row.reacted_at, row.attended_at)
    if not (heard or waited or waits or (unmet and (reclassified or row.state in TERMINAL))):
        return
    clocks = list(row.clocks.all())
    if reclassified:
        _recompute(row, clocks, by=entry.actor, at=entry.at, reason=str(entry.data.get("reason", "")))
    pauses = _wait(row, waits, entry.at) if waited or waits else None
    _follow(row, clocks, pauses, at=entry.at)


def recompute(ticket: Ticket, *, by: User, reason: str, at: datetime) -> None:
    """Work the open clocks of a locked ticket out again from its creation: its terms, targets or calendar were changed for it."""
    clocks = list(ticket.clocks.all())
    _recompute(ticket, clocks, by=by, at=at, reason=reason)
    _follow(ticket, clocks, None, at=at)


def pauses_of(kind: str, terms: ServiceTerms, rows: Iterable[Pause]) -> list[Stretch]:
    """The pauses that stop a clock under the terms. Nothing stops the reaction (guide 3.4.2)."""
    if kind == ClockKind.REACTION:
        return []
    stops = {
        PauseCause.USER: terms_of.pauses_for_user(terms),
        PauseCause.VENDOR: terms_of.pauses_for_vendor(terms),
    }
    return [(row.started_at, row.ended_at) for row in rows if stops[PauseCause(row.cause)]]


def next_look(clock: Clock, plan: Plan, pauses: Sequence[Stretch], percents: Sequence[int]) -> datetime | None:
    """When the clock's next warning or its breach can be recorded."""
    if clock.breached_at is not None:
        return None
    for percent in percents:
        if percent > clock.warned_percent:
            return plan.reaches(percent, pauses)
    return clock.due_at + JUST_AFTER if clock.due_at else None


def _adopt(clock: Clock, plan: Plan) -> None:
    clock.target_minutes, clock.clock, clock.counts_from = plan.minutes, plan.basis, plan.counts_from


def _run(clock: Clock, plan: Plan, pauses: Sequence[Stretch], at: datetime, percents: Sequence[int]) -> None:
    """Where the clock stands with these pauses: running towards a deadline, or held by an open pause."""
    clock.due_at = plan.deadline(pauses)
    held = clock.due_at is None
    clock.state = ClockState.PAUSED if held else ClockState.RUNNING
    clock.used = plan.used(at, _until(pauses, at)) if held else None
    clock.next_at = next_look(clock, plan, pauses, percents)


def _end(clock: Clock, state: ClockState, at: datetime, used: timedelta) -> None:
    clock.state, clock.used, clock.next_at = state, used, None
    if state == ClockState.MET:
        clock.met_at = at
    else:
        clock.stopped_at = at


def _follow(row: Ticket, clocks: Sequence[Clock], pauses: Sequence[Pause] | None, *, at: datetime) -> None:
    """Meet, stop, hold or let run every open clock, record what is late, and save. `pauses` are given when one began or ended now."""
    going = [clock for clock in clocks if clock.is_open]
    if pauses is None and any(clock.state == ClockState.PAUSED for clock in going):
        pauses = list(row.pauses.all())
    percents = targets.warning_percents(row.terms_id, row.created_at)
    late, touched = [], []
    for clock in going:
        plan, met_at = targets.of_clock(clock, row), _met_at(row, clock.kind)
        over = met_at is not None or row.state in TERMINAL
        stretches = None if pauses is None else pauses_of(clock.kind, row.terms, pauses)
        if stretches is not None:
            _run(clock, plan, _until(stretches, at) if over else stretches, at, percents)
        if over:
            end = met_at or at
            used = (
                plan.used_by_deadline(clock.due_at, end)
                if stretches is None and clock.due_at is not None
                else plan.used(end, _until(stretches or (), end))
            )
            _end(clock, ClockState.STOPPED if met_at is None else ClockState.MET, end, used)
        if breaches.is_late(clock, met_at or at):
            late.append((row, clock))
        if over or stretches is not None or (late and late[-1][1] is clock):
            touched.append(clock)
    breaches.record(late, at=at)
    _save(touched)
    _tell(row, clocks)
    events.publish(ClocksMoved(ticket_id=row.pk, ticket=row, clocks=clocks))


def _recompute(row: Ticket, clocks: Sequence[Clock], *, by: User, at: datetime, reason: str) -> None:
    """New promises for the open clocks, counted from the ticket's creation; the old ones stay in ClockChange (guide 3.4.1, 3.4.2)."""
    plans, pauses = targets.for_ticket(row), list(row.pauses.all())
    percents = targets.warning_percents(row.terms_id, row.created_at)
    # What was missed by the old promise goes on record first, even if no sweep has seen it yet.
    breaches.record([(row, clock) for clock in clocks if clock.is_open and breaches.is_late(clock, at)], at=at)
    changes, moved = [], []
    for clock in clocks:
        if not clock.is_open:
            continue
        plan, stretches = plans[clock.kind], pauses_of(clock.kind, row.terms, pauses)
        was_due, was_breached, before = clock.due_at, clock.breached_at, targets.of_clock(clock, row)
        due = plan.deadline(stretches)
        if plan == before and due == was_due:
            continue
        _adopt(clock, plan)
        clock.revision += 1
        clock.warned_percent = _still_warned(clock, plan, stretches, percents, at)
        if was_breached is not None and due != was_breached:
            clock.breached_at = None
        _run(clock, plan, stretches, at, percents)
        if was_breached is not None and clock.breached_at is None:
            breaches.correct(row, clock, was_due=was_breached, by=by, reason=reason, at=at)
        change = ClockChange(ticket=row, kind=clock.kind, old_due=was_due, new_due=due, at=at, by=by, reason=reason)
        change.old_minutes, change.new_minutes = before.minutes, plan.minutes
        change.old_clock, change.new_clock = before.basis, plan.basis
        changes.append(change)
        moved.append(clock)
    ClockChange.objects.bulk_create(changes)
    _save(moved)


def _still_warned(clock: Clock, plan: Plan, pauses: Sequence[Stretch], percents: Sequence[int], at: datetime) -> int:
    """The highest warning already given that the new promise has reached too; a longer one may warn again."""
    for percent in sorted(percents, reverse=True):
        moment = plan.reaches(percent, pauses) if percent <= clock.warned_percent else None
        if moment is not None and moment <= at:
            return percent
    return 0


def _wait(row: Ticket, waits: PauseCause | None, at: datetime) -> list[Pause]:
    """End the ticket's open pause, begin the one that its state calls for, and give them all."""
    pauses = list(row.pauses.all())
    for pause in pauses:
        if pause.ended_at is None:
            pause.ended_at = max(at, pause.started_at)
            pause.save(update_fields=["ended_at"])
    if waits is not None:
        pauses.append(Pause.objects.create(ticket=row, cause=waits, started_at=at))
    return pauses


def _until(pauses: Iterable[Stretch], at: datetime) -> list[Stretch]:
    """The pauses as they will be if the open one ends at `at`."""
    return [(since, until or max(at, since)) for since, until in pauses]


def _met_at(row: Ticket, kind: str) -> datetime | None:
    """The fact that meets a clock: tickets own it, this app only judges it."""
    return row.reacted_at if kind == ClockKind.REACTION else row.attended_at


MUTABLE = (
    "state", "target_minutes", "clock", "counts_from", "due_at", "met_at", "stopped_at", "breached_at", "used", "next_at",
    "warned_percent", "revision",
)  # fmt: skip


def _save(clocks: Sequence[Clock]) -> None:
    update_each(clocks, MUTABLE)


def _tell(row: Ticket, clocks: Iterable[Clock]) -> None:
    """The earliest running deadline and whether one was missed, on the ticket: in hand and stored."""
    clocks = list(clocks)
    running = [clock.due_at for clock in clocks if clock.state == ClockState.RUNNING and clock.due_at is not None]
    next_due, breached = min(running, default=None), any(clock.breached_at for clock in clocks)
    if (row.next_due_at, row.breached) != (next_due, breached):
        row.next_due_at, row.breached = next_due, breached
        Ticket.objects.filter(pk=row.pk).update(next_due_at=next_due, breached=breached)
