"""What must hold between the tickets and their clocks, checked from the database alone (invariant: every breach recorded once)."""

from collections.abc import Iterator

from django.db.models import Q

from core import clock
from sla import commitment_checks, targets
from sla.models import Breach, Clock
from sla.services.clocks import CAUSES
from sla.services.counting import pauses_of
from sla.vocabulary import ClockKind, ClockState
from tickets.models import Ticket
from tickets.vocabulary import TERMINAL

CHUNK = 500


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with the ticket's number. Reads all tickets, in chunks."""
    yield from commitment_checks.invariants()
    for ticket in _tickets():
        for problem in _of_ticket(ticket):
            yield f"{ticket.number}: {problem}"
    missed = Q(breached_at__isnull=False) | Q(met_at__isnull=False)
    recorded = set(Breach.objects.filter(corrected_at=None).values_list("ticket_id", "kind", "due_at").iterator())
    for row in Clock.objects.filter(missed).select_related("ticket").iterator(CHUNK):
        late = row.met_at is not None and row.due_at is not None and row.met_at > row.due_at
        if late and row.breached_at != row.due_at:
            yield f"{row.ticket.number}: {row.kind} was met late and is not marked as breached"
        if row.breached_at is not None and (row.ticket_id, row.kind, row.breached_at) not in recorded:
            yield f"{row.ticket.number}: the breach of {row.kind} is not on record"
        recorded.discard((row.ticket_id, row.kind, row.breached_at))
    for ticket_id, kind, due_at in recorded:
        yield f"T{ticket_id:07d}: a breach of {kind} at {due_at.isoformat()} is on record that no clock knows"


def _tickets() -> Iterator[Ticket]:
    rows = Ticket.objects.select_related("company", "terms").prefetch_related("clocks", "pauses")
    yield from rows.order_by("pk").iterator(CHUNK)


def _of_ticket(ticket: Ticket) -> Iterator[str]:
    clocks = {row.kind: row for row in ticket.clocks.all()}
    if set(clocks) != set(ClockKind.values):
        yield f"has the clocks {sorted(clocks)}"
        return
    due = [row.due_at for row in clocks.values() if row.state == ClockState.RUNNING and row.due_at is not None]
    if ticket.next_due_at != min(due, default=None):
        yield "next_due_at is not its earliest running deadline"
    if ticket.breached != any(row.breached_at for row in clocks.values()):
        yield "breached does not tell what its clocks do"
    waiting = [pause.cause for pause in ticket.pauses.all() if pause.ended_at is None]
    if waiting != [cause for state, cause in CAUSES.items() if state == ticket.state]:
        yield f"is {ticket.state} with the open pauses {waiting}"
    for kind, met_at in ((ClockKind.REACTION, ticket.reacted_at), (ClockKind.ATTENTION, ticket.attended_at)):
        yield from _of_clock(clocks[kind], ticket, met=met_at is not None)


def _of_clock(row: Clock, ticket: Ticket, *, met: bool) -> Iterator[str]:
    if met != (row.state == ClockState.MET) or (row.is_open and ticket.state in TERMINAL):
        yield f"{row.kind} is {row.state}, against the ticket's facts"
    if not row.is_open:
        if row.next_at is not None:
            yield f"{row.kind} has ended and is still looked at"
        return
    plan = targets.for_ticket(ticket)[row.kind]
    if plan != targets.of_clock(row, ticket):
        yield f"{row.kind} does not keep what its terms promise"
    expected = plan.deadline(pauses_of(row.kind, ticket.terms, ticket.pauses.all()))
    if expected != row.due_at:
        yield f"{row.kind} is due at {row.due_at}, and counting from scratch at {expected}"
    if row.breached_at is None and row.due_at is not None and row.next_at is None:
        yield f"{row.kind} runs and nobody looks at it"
    if row.breached_at is None and row.due_at is not None and row.due_at < clock.now() and row.next_at != row.due_at:
        yield from _overlooked(row)


def _overlooked(row: Clock) -> Iterator[str]:
    """A sweep that is late is no fault; one that can never come is."""
    if row.next_at is not None and row.next_at > clock.now():
        yield f"{row.kind} was missed and is not looked at before {row.next_at}"
