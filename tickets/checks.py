"""Proofs from the database that the history is whole and that every ticket agrees with it (invariants I3, I4, I6, I7)."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.db.models import F, Q

from customers.models import ValidUser
from tickets.models import Attachment, Ticket, TicketEvent
from tickets.services.door import digest
from tickets.vocabulary import TERMINAL, ClosingCode, State


def history_faults(tickets: Iterable[int] | None = None) -> Iterator[str]:
    """One sentence per fault: a gap, an altered or missing event, a ticket that disagrees with its last event. Reads in one pass.

    `tickets` limits the check to those ids.
    """
    events = TicketEvent.objects.order_by("ticket_id", "sequence")
    rows = Ticket.objects.all()
    if tickets is not None:
        ids = list(tickets)
        events, rows = events.filter(ticket__in=ids), rows.filter(pk__in=ids)
    heads = rows.order_by("pk").values_list("pk", "key", "version", "history_head", "state").iterator(chunk_size=2000)
    chains = groupby(events.iterator(chunk_size=2000), key=lambda event: event.ticket_id)
    chain = next(chains, None)
    for pk, key, version, head, state in heads:
        mine = list(chain[1]) if chain and chain[0] == pk else []
        if mine:
            yield from _chain_faults(key, mine)
            chain = next(chains, None)
        yield from _end_faults(pk, version, head, state, mine)


def _chain_faults(key: str, chain: list[TicketEvent]) -> Iterator[str]:
    previous, state = "", ""
    for position, event in enumerate(chain, start=1):
        name = f"T{event.ticket_id:07d} event {event.sequence}"
        if event.sequence != position:
            yield f"{name}: expected number {position}; an event is missing or was added"
            return
        if digest(key, previous, event) != event.digest:
            yield f"{name}: was altered, or one before it was"
            return
        if event.to_state:
            if event.from_state != state:
                yield f"{name}: leaves from {event.from_state!r}, but the ticket was in {state!r}"
            state = event.to_state
        previous = event.digest


def _end_faults(pk: int, version: int, head: str, state: str, chain: list[TicketEvent]) -> Iterator[str]:
    name = f"T{pk:07d}"
    if not chain:
        yield f"{name}: has no history"
        return
    if (chain[-1].sequence, chain[-1].digest) != (version, head):
        yield f"{name}: stands at version {version}, its history ends at {chain[-1].sequence}, or the ends differ"
    moved = [event.to_state for event in chain if event.to_state]
    if moved[-1:] != [state]:
        yield f"{name}: is in {state!r}, its history ends in {moved[-1] if moved else ''!r}"


def invariants() -> Iterator[str]:
    """Every fault of the tickets that the database alone can show."""
    yield from history_faults()
    early = Q(state=State.CLOSED, closing_code=ClosingCode.UNVALIDATED) & (
        Q(validation_due_at=None) | Q(closed_at__lte=F("validation_due_at"))
    )
    for pk in Ticket.objects.filter(early).values_list("pk", flat=True):
        yield f"I4 T{pk:07d}: closed as unvalidated before its time to validate had passed"
    twice = TicketEvent.objects.filter(from_state__in=TERMINAL).values_list("ticket_id", flat=True)
    for pk in twice:
        yield f"I4 T{pk:07d}: moved after it had ended"
    yield from _crossings()


def _crossings() -> Iterator[str]:
    """I7: nothing of one company hangs from another's."""
    foreign = Ticket.objects.exclude(contract__company=F("company")) | Ticket.objects.filter(
        ~Q(environment=None), ~Q(environment__company=F("company"))
    )
    for pk in foreign.values_list("pk", flat=True):
        yield f"I7 T{pk:07d}: its contract or environment belongs to another company"
    for relation in ("follow_up_of", "duplicate_of"):
        for pk in (
            Ticket.objects.exclude(**{relation: None})
            .exclude(**{f"{relation}__company": F("company")})
            .values_list("pk", flat=True)
        ):
            yield f"I7 T{pk:07d}: is {relation.replace('_', ' ')} a ticket of another company"
    owners = ValidUser.objects.values_list("user_id", "company_id")
    home = dict(owners)
    for pk, requester, company in Ticket.objects.values_list("pk", "requester_id", "company_id").iterator(
        chunk_size=5000
    ):
        if home.get(requester) != company:
            yield f"I7 T{pk:07d}: its requester is not of its company"
    for pk in (
        Attachment.objects.exclude(message=None).exclude(message__ticket=F("ticket")).values_list("pk", flat=True)
    ):
        yield f"I7 attachment {pk}: belongs to a message of another ticket"
