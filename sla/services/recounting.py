"""Working open clocks out again from their ticket's creation: for one that is reclassified as for thousands that take new terms over.

First it is worked out what would change, touching nothing (`draft`); then all of it is put on record (`record`), with as many queries
for two hundred tickets as for one. What had ended stays as it is, and a missed deadline stays on record with its correction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from core import events
from core.bulk import insert_each, update_each
from core.worktime import Pause as Stretch
from sla import targets
from sla.events import ClocksRecounted
from sla.models import Clock, ClockChange, Pause
from sla.plan import Plan
from sla.services import breaches, counting
from tickets.models import Ticket
from tickets.services import history


@dataclass(slots=True)
class Case:
    """A locked ticket with all of its clocks and pauses."""

    ticket: Ticket
    clocks: list[Clock] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    @property
    def open(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.is_open]


@dataclass(frozen=True, slots=True)
class Move:
    """A clock's new promise beside the one that it had. `due` is None while a pause holds it."""

    clock: Clock
    plan: Plan
    pauses: Sequence[Stretch]
    due: datetime | None
    was_due: datetime | None
    was_minutes: int
    was_basis: str


@dataclass(slots=True)
class Draft:
    case: Case
    moves: list[Move]


FactOf = Callable[[Draft], history.Fact]


def draft(case: Case, *, at: datetime) -> Draft:
    """What the ticket's own terms, classification and calendar promise for its open clocks, as far as it is not what they have.

    No query with warm configuration. Raises DomainError for incomplete terms and ValueError beyond the calendar's years.
    """
    moves = []
    if opened := case.open:
        plans = targets.for_ticket(case.ticket)
        for clock in opened:
            plan = plans[clock.kind]
            pauses = counting.pauses_of(clock.kind, case.ticket.terms, case.pauses, case.ticket.created_at)
            due = plan.deadline(pauses)
            if not _is_kept(clock, plan, due, pauses, at):
                moves.append(Move(clock, plan, pauses, due, clock.due_at, clock.target_minutes, clock.clock))
    return Draft(case, moves)


def record(
    drafts: Iterable[Draft],
    *,
    by: User,
    reason: str,
    at: datetime,
    fact_of: FactOf | None = None,
    saved: Sequence[str] = (),
) -> list[Clock]:
    """Give the clocks their new promises; old and new ones stay in ClockChange, and in the history what `fact_of` says of each ticket.

    Sets `next_due_at` and `breached` on the tickets and saves them with `saved`, if there is a `fact_of`. Returns the clocks that moved,
    unsaved.
    """
    drafts = list(drafts)
    # What was missed by the old promise goes on record first, even if no sweep has seen it yet.
    missed = [(d.case.ticket, c) for d in drafts for c in d.case.open if breaches.is_late(c, at)]
    breaches.record(missed, at=at)
    changes: list[ClockChange] = []
    undone: list[breaches.Undone] = []
    facts: list[history.Fact] = []
    for each in drafts:
        ticket = each.case.ticket
        percents = targets.warning_percents(ticket.terms_id, ticket.created_at)
        mine: list[breaches.Undone] = []
        for move in each.moves:
            was_breached = move.clock.breached_at
            _take(move, percents, at)
            if was_breached is not None and move.clock.breached_at is None:
                mine.append(breaches.Undone(ticket, move.clock, was_breached))
            changes.append(_change(ticket, move, by=by, reason=reason, at=at))
        if fact_of is not None:
            facts.append(fact_of(each))
            ticket.next_due_at, ticket.breached = counting.summary(each.case.clocks)
        facts += [breaches.correction(one, reason=reason) for one in mine]
        undone += mine
    breaches.correct(undone, reason=reason, at=at)
    if facts:
        history.note(facts, by=by, at=at, saved=(*saved, "next_due_at", "breached") if fact_of is not None else ())
    insert_each(changes)
    moved = {id(clock): clock for _, clock in missed} | {id(m.clock): m.clock for each in drafts for m in each.moves}
    return list(moved.values())


def settle(
    drafts: Sequence[Draft], *, by: User, reason: str, at: datetime, fact_of: FactOf, saved: Sequence[str] = ()
) -> None:
    """`record`, then what is late by the new promises, and everything stored; in the caller's transaction, whose tickets are locked."""
    if not drafts:
        return
    moved = record(drafts, by=by, reason=reason, at=at, fact_of=fact_of, saved=saved)
    late = [(d.case.ticket, clock) for d in drafts for clock in d.case.open if breaches.is_late(clock, at)]
    breaches.record(late, at=at)
    touched = [*moved, *_looked_at_anew(drafts)]
    update_each(list({id(clock): clock for clock in touched}.values()), counting.MUTABLE)
    events.publish(ClocksRecounted(cases=[each.case for each in drafts]))


def _looked_at_anew(drafts: Iterable[Draft]) -> Iterator[Clock]:
    """Clocks whose promise stays while their terms warn at other percentages."""
    for each in drafts:
        ticket, moved = each.case.ticket, {id(move.clock) for move in each.moves}
        percents = targets.warning_percents(ticket.terms_id, ticket.created_at)
        for clock in each.case.open:
            if id(clock) in moved:
                continue
            pauses = counting.pauses_of(clock.kind, ticket.terms, each.case.pauses, ticket.created_at)
            look = counting.next_look(clock, targets.of_clock(clock, ticket), pauses, percents)
            if look != clock.next_at:
                clock.next_at = look
                yield clock


def _is_kept(clock: Clock, plan: Plan, due: datetime | None, pauses: Sequence[Stretch], at: datetime) -> bool:
    """Whether the clock has that promise already. A paused one has no deadline to compare, but what it had used."""
    if (clock.due_at, clock.target_minutes, clock.clock) != (due, plan.minutes, plan.basis):
        return False
    if clock.counts_from != plan.counts_from:
        return False
    return due is not None or clock.used == plan.used(at, counting.until(pauses, at))


def _take(move: Move, percents: Sequence[int], at: datetime) -> None:
    clock = move.clock
    counting.adopt(clock, move.plan)
    clock.revision += 1
    clock.warned_percent = counting.still_warned(clock, move.plan, move.pauses, percents, at)
    if clock.breached_at is not None and move.due != clock.breached_at:
        clock.breached_at = None
    counting.run(clock, move.plan, move.pauses, at, percents)


def _change(ticket: Ticket, move: Move, *, by: User, reason: str, at: datetime) -> ClockChange:
    return ClockChange(
        ticket=ticket,
        kind=move.clock.kind,
        old_due=move.was_due,
        new_due=move.due,
        old_minutes=move.was_minutes,
        new_minutes=move.plan.minutes,
        old_clock=move.was_basis,
        new_clock=move.plan.basis,
        at=at,
        by=by,
        reason=reason,
    )
