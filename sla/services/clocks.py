"""The clocks follow the ticket: started with it, met by what the desk says, held while it waits, recomputed when it is reclassified.

The doors `start` and `sync` run inside the transaction of the ticket's own change, whose row is locked, so no two writers of a clock
ever meet. They keep `next_due_at` and `breached` of the ticket true.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import User
from core import events
from core.bulk import update_each
from sla import targets
from sla.events import ClocksMoved, ClocksStarted
from sla.models import Clock, Pause
from sla.services import breaches, counting, recounting
from sla.services.recounting import Case
from sla.vocabulary import ClockKind, ClockState, PauseCause
from tickets.events import TicketFact, TicketReclassified
from tickets.models import Ticket
from tickets.vocabulary import TERMINAL, State

CAUSES = {State.PENDING_USER: PauseCause.USER, State.PENDING_VENDOR: PauseCause.VENDOR}
DECIDES = {"kind", "service_line", "priority"}
"""What of a ticket's classification its promises depend on."""


def start(event: TicketFact) -> None:
    """Both clocks of a new ticket (guide 3.4.2). Two queries with warm configuration."""
    row, at = event.ticket, event.entry.at
    percents = targets.warning_percents(row.terms_id, row.created_at)
    clocks = []
    for kind, plan in targets.for_ticket(row).items():
        clock = Clock(ticket=row, kind=kind, started_at=row.created_at)
        counting.adopt(clock, plan)
        counting.run(clock, plan, (), at, percents)
        if (met_at := _met_at(row, kind)) is not None:
            counting.end(clock, ClockState.MET, met_at, plan.used(met_at))
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


def _follow(row: Ticket, clocks: Sequence[Clock], pauses: Sequence[Pause] | None, *, at: datetime) -> None:
    """Meet, stop, hold or let run every open clock, record what is late, and save. `pauses` are given when one began or ended now."""
    going = [clock for clock in clocks if clock.is_open]
    if pauses is None and any(clock.state == ClockState.PAUSED or _ends_late(row, clock, at) for clock in going):
        pauses = list(row.pauses.all())
    percents = targets.warning_percents(row.terms_id, row.created_at)
    late, touched = [], []
    for clock in going:
        plan, met_at = targets.of_clock(clock, row), _met_at(row, clock.kind)
        over = met_at is not None or row.state in TERMINAL
        stretches = None if pauses is None else counting.pauses_of(clock.kind, row.terms, pauses, row.created_at)
        if stretches is not None:
            counting.run(clock, plan, counting.until(stretches, at) if over else stretches, at, percents)
        if over:
            end = met_at or at
            used = (
                plan.used_by_deadline(clock.due_at, end)
                if stretches is None and clock.due_at is not None
                else plan.used(end, counting.until(stretches or (), end))
            )
            counting.end(clock, ClockState.STOPPED if met_at is None else ClockState.MET, end, used)
        if breaches.is_late(clock, met_at or at):
            late.append((row, clock))
        if over or stretches is not None or (late and late[-1][1] is clock):
            touched.append(clock)
    breaches.record(late, at=at)
    _save(touched)
    _tell(row, clocks)
    events.publish(ClocksMoved(ticket_id=row.pk, ticket=row, clocks=clocks))


def _ends_late(row: Ticket, clock: Clock, at: datetime) -> bool:
    """Whether an attention that is over ran past its deadline: what it used after that, its deadline cannot tell."""
    met_at = _met_at(row, clock.kind)
    if clock.kind != ClockKind.ATTENTION or not (met_at or row.state in TERMINAL):
        return False
    return clock.due_at is not None and clock.due_at < (met_at or at)


def _recompute(row: Ticket, clocks: list[Clock], *, by: User, at: datetime, reason: str) -> None:
    """New promises for the open clocks, counted from the ticket's creation; the old ones stay in ClockChange (guide 3.4.1, 3.4.2)."""
    case = Case(row, clocks, list(row.pauses.all()))
    _save(recounting.record([recounting.draft(case, at=at)], by=by, reason=reason, at=at))


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


def _met_at(row: Ticket, kind: str) -> datetime | None:
    """The fact that meets a clock: tickets own it, this app only judges it."""
    return row.reacted_at if kind == ClockKind.REACTION else row.attended_at


def _save(clocks: Sequence[Clock]) -> None:
    update_each(clocks, counting.MUTABLE)


def _tell(row: Ticket, clocks: Iterable[Clock]) -> None:
    """The earliest running deadline and whether one was missed, on the ticket: in hand and stored."""
    next_due, breached = counting.summary(clocks)
    if (row.next_due_at, row.breached) != (next_due, breached):
        row.next_due_at, row.breached = next_due, breached
        Ticket.objects.filter(pk=row.pk).update(next_due_at=next_due, breached=breached)
