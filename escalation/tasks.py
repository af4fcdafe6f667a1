"""The periodic job of the escalations."""

from collections.abc import Callable

from celery import shared_task

from core import clock
from escalation.services import sweep

MOST_BATCHES = 40
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="escalation.sweep")
def sweep_escalations() -> int:
    """Rules that came due, and levels that let their time pass, a batch at a time. Returns how many were looked at."""
    return _all(sweep.plans) + _all(sweep.waits)


def _all(batch: Callable[..., sweep.Swept]) -> int:
    at, looked, left = clock.now(), 0, set[int]()
    for _ in range(MOST_BATCHES):
        swept = batch(at, skip=sorted(left))
        looked += swept.looked
        left |= swept.left
        if swept.looked < sweep.BATCH:
            break
    return looked
