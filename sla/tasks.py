"""The periodic job of the clocks."""

from celery import shared_task

from core import clock
from sla.services import sweep

MOST_BATCHES = 60
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="sla.sweep")
def sweep_clocks() -> int:
    """Record the warnings and breaches that have come due, a batch at a time. Returns how many clocks were looked at."""
    at, looked, left = clock.now(), 0, set[int]()
    for _ in range(MOST_BATCHES):
        swept = sweep.batch(at, skip=sorted(left))
        looked += swept.clocks
        left |= swept.left
        if swept.clocks < sweep.BATCH:
            break
    return looked
