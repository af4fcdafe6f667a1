"""What must hold between the tickets and their promised dates, checked from the database alone (invariant: each is settled once)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch

from core import clock
from sla.models import Commitment
from sla.vocabulary import CommitmentState
from tickets.models import Ticket
from tickets.vocabulary import TERMINAL, UNSOLVED

CHUNK = 500
PUNCTUAL = (CommitmentState.KEPT, CommitmentState.RENEGOTIATED, CommitmentState.VOID)
"""What can only happen to a promise before its date has passed."""


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with the ticket's number. Reads all tickets with a promised date, in chunks."""
    now = clock.now()
    rows = Ticket.objects.filter(committed_for__isnull=False).order_by("pk")
    for ticket in rows.prefetch_related(Prefetch("commitments", Commitment.objects.order_by("pk"))).iterator(CHUNK):
        for problem in _of_ticket(ticket, list(ticket.commitments.all()), now):
            yield f"{ticket.number}: {problem}"
    strangers = Commitment.objects.filter(ticket__committed_for=None).order_by("ticket")
    for ticket_id in strangers.values_list("ticket", flat=True).distinct().iterator(CHUNK):
        yield f"T{ticket_id:07d}: has a promise on record and no promised date"


def _of_ticket(ticket: Ticket, promises: list[Commitment], now: datetime) -> Iterator[str]:
    if not promises:
        yield "promised a date that is not on record"
        return
    *before, last = promises
    if last.due_at != ticket.committed_for:
        yield f"promised {ticket.committed_for}, and on record is {last.due_at}"
    if any(row.state not in (CommitmentState.RENEGOTIATED, CommitmentState.BROKEN) for row in before):
        yield "has an earlier promise that was neither renegotiated nor broken"
    if last.state not in _fates(ticket):
        yield f"is {ticket.state} and its promise is {last.state}"
    elif last.state == CommitmentState.KEPT and last.settled_at != ticket.solved_at:
        yield f"was solved at {ticket.solved_at}, and its promise kept at {last.settled_at}"
    for row in promises:
        yield from _of_promise(row, now)


def _fates(ticket: Ticket) -> tuple[CommitmentState, ...]:
    """What the ticket's last promise may be, from what is known of the ticket."""
    if ticket.state in UNSOLVED:
        return (CommitmentState.STANDING, CommitmentState.BROKEN)
    if ticket.state in TERMINAL and ticket.solved_at is None:
        return (CommitmentState.VOID, CommitmentState.BROKEN)
    return (CommitmentState.KEPT, CommitmentState.BROKEN)


def _of_promise(row: Commitment, now: datetime) -> Iterator[str]:
    """A sweep that is late is no fault: a promise that stands after its date is only not looked at yet."""
    if row.due_at <= row.made_at:
        yield f"promised {row.due_at} when it had passed"
    if row.state == CommitmentState.BROKEN and (row.settled_at != row.due_at or row.due_at >= now):
        yield f"broke the promise of {row.due_at} at {row.settled_at}"
    if row.state in PUNCTUAL and row.settled_at is not None and row.settled_at > row.due_at:
        yield f"was {row.state} at {row.settled_at}, after its date, {row.due_at}"
