"""Putting missed deadlines on record: once each, stamped with the deadline, in the ticket's history and told to the product."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from accounts.services import system_actor
from core import events
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
    Breach.objects.bulk_create(fresh)
    if again:
        Breach.objects.bulk_update(again, ["corrected_at", "correction"])
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


def correct(ticket: Ticket, clock: Clock, *, was_due: datetime, by: User, reason: str, at: datetime) -> None:
    """The missed deadline turned out not to be the right one: its record stays, with who says so and why."""
    Breach.objects.filter(ticket=ticket, kind=clock.kind, due_at=was_due).update(corrected_at=at, correction=reason)
    data = {"clock": clock.kind, "was_due": was_due, "due_at": clock.due_at, "reason": reason}
    history.note([history.Fact(ticket=ticket, kind="breach_corrected", data=data, is_public=True)], by=by, at=at)


def iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
