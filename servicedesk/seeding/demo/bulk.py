"""Many tickets fast: copies of lives that were really lived, so their histories, clocks and invariants hold like the originals'.

A copy keeps moments, people and terms, takes a random key of its own, and has its history's chain computed anew.
"""

import random
from collections.abc import Iterator
from copy import copy as shallow
from itertools import count as count_from
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

from escalation.models import Escalation, EscalationPlan, EscalationStep
from sla import models as sla
from tickets.models import Message, Ticket, TicketEvent
from tickets.models.ticket import new_key
from tickets.services.door import digest

CHUNK = 500
FACTS: tuple[type[models.Model], ...] = (sla.Pause, sla.Breach, sla.ClockChange, sla.Commitment, EscalationPlan)
"""What hangs from a ticket by a foreign key named `ticket`, and from nothing else of it."""


class Original:
    """A lived ticket with everything that hangs from it, in memory."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.messages = list(Message.objects.filter(ticket=ticket).order_by("pk"))
        self.events = list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence"))
        self.clocks = list(sla.Clock.objects.filter(ticket=ticket).prefetch_related("notices").order_by("pk"))
        self.facts = {model: list(model._default_manager.filter(ticket=ticket)) for model in FACTS}
        self.cases = list(Escalation.objects.filter(ticket=ticket).prefetch_related("steps").order_by("pk"))


def copy(count: int, *, seed: int) -> Iterator[int]:
    """Add `count` copies of the tickets there are, a transaction per CHUNK. Yields how many are done."""
    dice = random.Random(seed)
    originals = [
        Original(ticket) for ticket in Ticket.objects.filter(attachments=None, duplicates=None).order_by("-pk")[:600]
    ]
    done = 0
    while done < count:
        batch = [dice.choice(originals) for _ in range(min(CHUNK, count - done))]
        with transaction.atomic():
            _write(batch)
        done += len(batch)
        yield done
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Message]):
            cursor.execute(statement)


def _write(batch: list[Original]) -> None:
    tickets = [_fresh(original.ticket, key=new_key()) for original in batch]
    # The chained history names messages by id, so those are numbered here, before anything is written.
    ids = count_from((Message.objects.aggregate(last=Max("pk"))["last"] or 0) + 1)
    messages: list[Message] = []
    events: list[TicketEvent] = []
    for original, ticket in zip(batch, tickets, strict=True):
        renamed = {}
        for message in original.messages:
            messages.append(_fresh(message, ticket=ticket))
            messages[-1].pk = renamed[message.pk] = next(ids)
        events += _history(original, ticket, renamed)
    Ticket.objects.bulk_create(tickets)
    Message.objects.bulk_create([_owned(message) for message in messages])
    TicketEvent.objects.bulk_create([_owned(event) for event in events])
    pairs = [
        (old, _owned(_fresh(old, ticket=ticket)))
        for original, ticket in zip(batch, tickets, strict=True)
        for old in original.clocks
    ]
    sla.Clock.objects.bulk_create([clock for _, clock in pairs])
    notices = [_fresh(notice, clock=clock) for old, clock in pairs for notice in old.notices.all()]
    sla.WarningNotice.objects.bulk_create(notices)
    cases = [
        (old, _owned(_fresh(old, ticket=ticket)))
        for original, ticket in zip(batch, tickets, strict=True)
        for old in original.cases
    ]
    Escalation.objects.bulk_create([case for _, case in cases])
    EscalationStep.objects.bulk_create(
        [_fresh(step, escalation=case) for old, case in cases for step in old.steps.all()]
    )
    for model in FACTS:
        rows = [
            _owned(_fresh(fact, ticket=ticket))
            for original, ticket in zip(batch, tickets, strict=True)
            for fact in original.facts[model]
        ]
        model._default_manager.bulk_create(rows)


def _history(original: Original, ticket: Ticket, message_ids: dict[int, int]) -> list[TicketEvent]:
    chain, head = [], ""
    for old in original.events:
        event = _fresh(old, ticket=ticket, position=None)
        if "message" in event.data:
            event.data = {**event.data, "message": message_ids[event.data["message"]]}
        event.digest = head = digest(ticket.key, head, event)
        chain.append(event)
    ticket.history_head = head
    return chain


def _fresh(row: Any, **changes: Any) -> Any:
    """An unsaved copy of the row with other values."""
    new = shallow(row)
    new._state = shallow(row._state)
    new._state.adding = True
    new._state.fields_cache = {}
    new.__dict__.pop("_prefetched_objects_cache", None)
    new.pk = None
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def _owned(row: Any) -> Any:
    """Take the ticket's id, known since it was inserted."""
    row.ticket_id = row.ticket.pk
    return row
