"""Sending a form twice acts once: the form's key is stored in the transaction of what it did."""

import uuid
from collections.abc import Callable

from django.db import transaction

from accounts.models import User
from portal.models import Submission
from tickets.models import Ticket


def once(key: uuid.UUID, user: User, act: Callable[[], Ticket]) -> tuple[Ticket, bool]:
    """Run `act` unless the form `key` of this user already ran; returns the ticket that it led to and whether it ran now.

    Whoever sends the same key meanwhile waits for the first transaction, and is then led to its ticket. When `act` raises, nothing
    is kept and the same form may be sent again.
    """
    with transaction.atomic():
        row, fresh = Submission.objects.get_or_create(user=user, key=key)
        if not fresh and row.ticket is not None:
            return row.ticket, False
        row.ticket = act()
        row.save(update_fields=["ticket"])
        return row.ticket, True


def read_key(raw: object) -> uuid.UUID:
    """The key that a form carried; a damaged or missing one counts as a new form."""
    try:
        return uuid.UUID(str(raw))
    except ValueError:
        return uuid.uuid4()
