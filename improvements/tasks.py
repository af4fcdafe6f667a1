"""The periodic job of the corrective actions."""

from collections.abc import Sequence

from celery import shared_task

from core import clock
from core.sweeps import drain
from improvements.services import sweep

MOST_BATCHES = 20
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="improvements.sweep")
def sweep_actions() -> int:
    """Reminders, delays and verifications that came due, a batch at a time. Returns how many were looked at."""
    at = clock.now()

    def batch(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = sweep.due(at, skip=skip)
        return swept.looked, swept.left

    return drain(batch, full=sweep.BATCH, most=MOST_BATCHES)
