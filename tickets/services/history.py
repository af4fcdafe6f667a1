"""Facts that other apps add to a ticket's history without moving it: one event each, through the same chain of digests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from core.bulk import insert_each, update_each
from tickets.models import Ticket, TicketEvent
from tickets.services import door


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`ticket` must be locked by the caller. `kind` is what happened, `data` plain values."""

    ticket: Ticket
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = False


def note(facts: Sequence[Fact], *, by: User, at: datetime, saved: Sequence[str] = ()) -> list[TicketEvent]:
    """Write the facts, in order, in the caller's transaction, with two queries however many they are; several may be of one ticket.

    Side effects: sets version, history_head and updated_at on the tickets, and saves these with the fields named in `saved`.
    """
    entries = []
    for fact in facts:
        entry = door.next_entry(
            fact.ticket, fact.kind, by=by, at=at, data=fact.data, moved=("", ""), is_public=fact.is_public
        )
        fact.ticket.updated_at = at
        entries.append(entry)
    rows = {fact.ticket.pk: fact.ticket for fact in facts}
    update_each(list(rows.values()), ["version", "history_head", "updated_at", *saved])
    insert_each(entries)
    return entries
