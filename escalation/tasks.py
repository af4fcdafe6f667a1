"""The periodic job of the escalations."""

from collections.abc import Sequence

from celery import shared_task

from core import clock
from core.sweeps import drain
from escalation.services import sweep

MOST_BATCHES = 20
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="escalation.sweep")
def sweep_escalations() -> int:
    """Rules that came due, and levels that let their time pass, a batch at a time. Returns how many were looked at."""
    at = clock.now()

    def rules(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = sweep.plans(at, skip=skip)
        return swept.looked, swept.left

    def silences(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = sweep.waits(at, skip=skip)
        return swept.looked, swept.left

    return drain(rules, full=sweep.BATCH, most=MOST_BATCHES) + drain(silences, full=sweep.BATCH, most=MOST_BATCHES)
