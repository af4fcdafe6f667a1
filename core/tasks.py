"""Jobs that know no domain. Every task takes its work from the database and is safe to run twice at once."""

from datetime import timedelta

import structlog
from celery import current_app, shared_task
from django.core.cache import cache

from core import clock, events
from core.leases import run_batch
from core.models import Delivery

log = structlog.get_logger(__name__)

BATCH = 25
TURN = timedelta(seconds=3)
"""How long one run goes on: the other jobs want the worker too, and what never ends would keep it from them."""
ASKED = 30
"""Seconds for which a wake-up that nobody answered keeps others from being sent."""


@shared_task(name="core.run_deliveries")
def run_deliveries() -> int:
    """Run the handlers owed to past events until none is due, or the turn is over; then it asks for another. Returns how many were tried."""
    begin("core.run_deliveries")
    until, total = clock.now() + TURN, 0
    while done := run_batch(Delivery.objects.all(), deliver, limit=BATCH):
        total += done
        if clock.now() >= until:
            request("core.run_deliveries")
            break
    return total


def deliver(row: Delivery) -> None:
    events.resolve(row.handler)(events.rebuild(row.event, row.payload))


def request(task: str) -> None:
    """Wake a worker for `task`, unless one was asked for that has yet to begin: it will find these rows too.

    Without a broker this fails at once and the periodic sweep finds the rows instead.
    """
    if cache.add(f"asked:{task}", True, timeout=ASKED):
        current_app.send_task(task, ignore_result=True, retry=False, expires=60)


def begin(task: str) -> None:
    """What is written from now on may be missed by this run of `task`, so it may be asked for again."""
    try:
        cache.delete(f"asked:{task}")
    except Exception as error:  # the rows are done all the same; the key ends by itself
        log.info("cache_unavailable", task=task, error=type(error).__name__)
