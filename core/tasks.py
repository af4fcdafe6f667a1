"""Jobs that know no domain. Every task takes its work from the database and is safe to run twice at once."""

from celery import current_app, shared_task

from core import events
from core.leases import run_batch
from core.models import Delivery

BATCH = 100


@shared_task(name="core.run_deliveries")
def run_deliveries() -> int:
    """Run the handlers owed to past events, a batch at a time, until none is due. Returns how many were tried."""
    total = 0
    while done := run_batch(Delivery.objects.all(), deliver, limit=BATCH):
        total += done
    return total


def deliver(row: Delivery) -> None:
    events.resolve(row.handler)(events.rebuild(row.event, row.payload))


def request(task: str) -> None:
    """Wake a worker for `task`. Without a broker this fails at once and the periodic sweep finds the rows instead."""
    current_app.send_task(task, ignore_result=True, retry=False, expires=60)
