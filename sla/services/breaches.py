"""Putting missed deadlines on record: once each, stamped with the deadline, in the ticket's history and told to the product."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.services import system_actor
from core import events
from core.bulk import insert_each, update_each
from sla.events import ClockBreached
from sla.models import Breach, Clock
from tickets.models import Ticket
from tickets.services import history


def is_late(clock: Clock, at: datetime) -> bool:
    """Missed at `at` and not on record yet. The deadline's own instant is still in time."""
    return clock.breached_at is None and clock.due_at is not None and clock.due_at < at


def record(late: Sequence[tuple[Ticket, Clock]], *, at: datetime) -> None:
    """Record the clocks' deadlines as missed, in the caller's transaction, whose tickets are locked.

    Sets `breached_at` and clears `next_at` on the clocks (unsaved), sets and saves `breached` on the tickets. A deadline that was on
    record and corrected is missed again: its row stands again.
    """
    if not late:
        return
    for _, clock in late:
        clock.breached_at, clock.next_at = clock.due_at, None
    tickets = {ticket.pk: ticket for ticket, _ in late}
    known = {(row.ticket_id, row.kind, row.due_at): row for row in Breach.objects.filter(ticket__in=tickets)}
    breaches, fresh, again = [], [], []
    for ticket, clock in late:
        due_at: Any = clock.due_at
        row = known.get((ticket.pk, clock.kind, due_at))
        if row is None:
            row = Breach(ticket=ticket, kind=clock.kind, due_at=due_at, recorded_at=at)
            fresh.append(row)
        else:
            row.corrected_at, row.correction = None, ""
            again.append(row)
        breaches.append(row)
    insert_each(fresh)
    if again:
        update_each(again, ["corrected_at", "correction"])
    for ticket in tickets.values():
        ticket.breached = True
    facts = [
        history.Fact(ticket=ticket, kind="breach", data={"clock": clock.kind, "due_at": clock.due_at}, is_public=True)
        for ticket, clock in late
    ]
    entries = history.note(facts, by=system_actor(), at=at, saved=["breached"])
    events.publish_all(
        [
            ClockBreached(
                ticket_id=ticket.pk, clock=clock.kind, due_at=iso(clock.due_at), breach_id=breach.pk, entry_id=entry.pk
            )
            for (ticket, clock), breach, entry in zip(late, breaches, entries, strict=True)
        ]
    )


@dataclass(frozen=True, slots=True)
class Undone:
    """A missed deadline (`was_due`) that turned out not to be the right one; the clock has its new promise."""

    ticket: Ticket
    clock: Clock
    was_due: datetime


def correction(undone: Undone, *, reason: str) -> history.Fact:
    """How the ticket's history tells it."""
    data = {"clock": undone.clock.kind, "was_due": undone.was_due, "due_at": undone.clock.due_at, "reason": reason}
    return history.Fact(ticket=undone.ticket, kind="breach_corrected", data=data, is_public=True)


def correct(undone: Sequence[Undone], *, reason: str, at: datetime) -> None:
    """The records of the missed deadlines stay, with when and why they were corrected. Two queries, or none."""
    if not undone:
        return
    wrong = {(one.ticket.pk, one.clock.kind, one.was_due) for one in undone}
    found = Breach.objects.filter(ticket__in={one.ticket.pk for one in undone})
    rows = [row for row in found if (row.ticket_id, row.kind, row.due_at) in wrong]
    for row in rows:
        row.corrected_at, row.correction = at, reason
    update_each(rows, ["corrected_at", "correction"])


def iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
