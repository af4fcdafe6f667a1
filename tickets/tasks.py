"""Thin jobs over tickets: each takes its work from the database, one transaction per row, and may run twice at once."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from celery import shared_task

from core import clock
from tickets.models import Ticket
from tickets.services import resolution

log = structlog.get_logger(__name__)

BATCH = 500
REMIND_AHEAD = timedelta(days=1)


@shared_task(name="tickets.close_unvalidated")
def close_unvalidated() -> int:
    """Close what nobody validated in time (guide 3.6). Returns how many were closed."""
    at = clock.now()
    return _each(
        Ticket.objects.unvalidated(at).order_by("validation_due_at")[:BATCH],
        lambda ticket: resolution.auto_close(ticket, at=at),
    )


@shared_task(name="tickets.remind_validation")
def remind_validation() -> int:
    """Remind the customer one day before a solved ticket closes by itself. Returns how many reminders were written."""
    at = clock.now()
    return _each(
        Ticket.objects.to_remind(at, REMIND_AHEAD).order_by("validation_due_at")[:BATCH],
        lambda ticket: resolution.remind(ticket, at=at),
    )


def _each(tickets: Iterable[Ticket], act: Callable[[Ticket], bool]) -> int:
    done = 0
    for ticket in tickets:
        try:
            done += bool(act(ticket))
        except Exception:  # one bad row must not stop the others
            log.exception("sweep_failed", ticket=ticket.pk)
    return done
