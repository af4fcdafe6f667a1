"""What must hold between the tickets and their clocks, checked from the database alone (invariant: every breach recorded once)."""

from collections.abc import Iterator

from core import clock
from sla import commitment_checks, differences
from tickets.models import Ticket

CHUNK = 500


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with the ticket's number. Reads all tickets, in chunks."""
    yield from commitment_checks.invariants()
    for ticket in differences.readable(Ticket.objects.order_by("pk")).iterator(CHUNK):
        # Reading them all takes minutes, in which the sweep goes on recording what comes due.
        for found in differences.of_ticket(ticket, at=clock.now()):
            yield f"{ticket.number}: {found.english}"
