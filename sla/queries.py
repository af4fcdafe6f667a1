"""The questions that front ends ask about clocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from sla import ledger as ledgers
from sla import targets
from sla.models import Clock, Commitment, Pause
from sla.presentation import is_breached
from sla.services.commitments import state_of
from sla.services.counting import pauses_of
from sla.vocabulary import CommitmentState
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet


def prefetch_clocks(tickets: TicketQuerySet) -> TicketQuerySet:
    """The tickets with their clocks, in one query more, and the company whose zone they run in."""
    return tickets.select_related("company").prefetch_related(Prefetch("clocks", Clock.objects.order_by("kind")))


def deadlines(ticket_ids: Iterable[int]) -> dict[int, dict[str, datetime | None]]:
    """When each clock of the tickets is due, by ticket and kind. One query of plain values: half the cost of rows, for lists."""
    found: dict[int, dict[str, datetime | None]] = {}
    for ticket_id, kind, due_at in Clock.objects.filter(ticket__in=ticket_ids).values_list(
        "ticket_id", "kind", "due_at"
    ):
        found.setdefault(ticket_id, {})[kind] = due_at
    return found


def clock_facts(ticket: Ticket, *, at: datetime) -> list[dict[str, Any]]:
    """Everything about the ticket's clocks as plain values, attention first; durations in seconds. Two queries."""
    pauses = list(ticket.pauses.all())
    return [_facts(clock, ticket, pauses, at) for clock in sorted(ticket.clocks.all(), key=lambda clock: clock.kind)]


def commitment_facts(ticket: Ticket, *, at: datetime) -> dict[str, Any] | None:
    """The ticket's promised date as plain values, with those before it, oldest first, in `history`; None when none was given. One query."""
    if ticket.committed_for is None:
        return None
    told = [_promised(row, at) for row in ticket.commitments.select_related("made_by").order_by("pk")]
    return {**told[-1], "history": told[:-1]} if told else None


def _promised(row: Commitment, at: datetime) -> dict[str, Any]:
    state = state_of(row, at)
    return {
        "due_at": row.due_at,
        "state": state.value,
        "state_label": str(state.label),
        "made_at": row.made_at,
        "made_by": {"id": row.made_by_id, "name": row.made_by.full_name},
        "reason": row.reason,
        # What is broken and not on record yet broke on its own date.
        "settled_at": row.settled_at or (row.due_at if state == CommitmentState.BROKEN else None),
    }


def _facts(clock: Clock, ticket: Ticket, pauses: list[Pause], at: datetime) -> dict[str, Any]:
    until = clock.met_at or clock.stopped_at or at
    plan = targets.of_clock(clock, ticket)
    stretches = [
        (start, end) for start, end in pauses_of(clock.kind, ticket.terms, pauses, ticket.created_at) if start < until
    ]
    # By the pauses and not by the deadline, which cannot tell of those after it.
    used = plan.used(until, stretches) if clock.used is None else clock.used
    return {
        "kind": clock.kind,
        "kind_label": clock.get_kind_display(),
        "state": clock.state,
        "state_label": clock.get_state_display(),
        "clock": clock.clock,
        "target_seconds": clock.target_minutes * 60,
        "elapsed_seconds": int(used.total_seconds()),
        "paused_seconds": int((plan.used(until) - plan.used(until, stretches)).total_seconds()),
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "met_at": clock.met_at,
        "breached": is_breached(clock, at),
        "breached_at": clock.breached_at,
        "ledger": ledgers.explain(clock, at=at, pauses=pauses).as_dict(),
    }
