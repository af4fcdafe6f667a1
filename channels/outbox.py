"""The one door by which a message is made: who gets it, rendered for each, one row each. Nothing is sent here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import CUSTOMER_ROLES, Role
from channels import addresses, compose, hours
from channels.about import About
from channels.compose import Mailbox, Reader, Written
from channels.models import OutboundMessage, message_id_for
from core import clock, events
from core.events import Event

SEND = "channels.send_due"


def post(
    event: Event,
    kind: str,
    *,
    to: Iterable[User | None],
    about: About,
    context: Mapping[str, Any],
    but: User | None = None,
    at: datetime | None = None,
    patient: bool = False,
    only_if: str = "",
) -> int:
    """Write the message `kind` for each person in `to`, except `but` (who did it) and whoever may not see what it is `about`.

    A `patient` one waits for each reader's own hours, and is written as of then. `only_if` is a condition of `channels.wanted`, asked
    when it is about to leave. Safe to repeat: rows are unique on event, address and channel. Returns how many people it is for. Wakes
    the sender.
    """
    at = at or clock.now()
    rows = []
    for person in recipients(to, about=about, but=but):
        leaves = hours.opening(person, at) if patient else at
        with clock.at(leaves):
            written = compose.write(kind, reader=person, about=about, context=context)
        row = _row(event, kind, person, person, about, written, at)
        row.next_at, row.only_if = leaves, only_if
        rows.append(row)
    return _keep(rows)


def post_to(
    event: Event, kind: str, *, to: Mailbox, about: About, context: Mapping[str, Any], at: datetime | None = None
) -> int:
    """Write the message `kind` for an address that need not be a person's; its account, where it is active, is the recipient.

    Returns 0 for the address of a customer's account, past or present: what is for the desk's side never goes there. Else as `post`.
    """
    at = at or clock.now()
    if User.objects.filter(email=to.email.lower(), role__in=CUSTOMER_ROLES).exists():
        return 0
    recipient = to.user if to.user is not None and to.user.is_active else None
    written = compose.write(kind, reader=to, about=about, context=context)
    return _keep([_row(event, kind, to, recipient, about, written, at)])


def _row(
    event: Event, kind: str, reader: Reader, recipient: User | None, about: About, written: Written, at: datetime
) -> OutboundMessage:
    channel, address = OutboundMessage.Channel.EMAIL, reader.email.lower()
    return OutboundMessage(
        event_id=event.event_id,
        kind=kind,
        channel=channel,
        **about.rows,
        recipient=recipient,
        name=compose.line(reader.full_name)[:150],
        address=address,
        subject=written.subject,
        text=written.text,
        html=written.html,
        message_id=message_id_for(event.event_id, address, channel, addresses.domain()),
        thread_id=about.thread_id,
        reply_to=about.reply_to,
        created_at=at,
        next_at=at,
    )


def _keep(rows: list[OutboundMessage]) -> int:
    if rows:
        OutboundMessage.objects.bulk_create(rows, ignore_conflicts=True)
        events.wake(SEND)
    return len(rows)


def recipients(to: Iterable[User | None], *, about: About, but: User | None) -> list[User]:
    """Each person once: active, a person and not the system, not the author, and still allowed to see what it is about."""
    found = {person.pk: person for person in to if person is not None and person != but}
    return [p for p in found.values() if p.is_active and p.role != Role.SYSTEM and about.sees(p)]
