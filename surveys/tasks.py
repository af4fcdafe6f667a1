"""The periodic jobs of surveys, complaints and NPS."""

from collections.abc import Sequence

from celery import shared_task

from core import clock
from core.sweeps import drain
from surveys.services import survey_sweep

MOST_BATCHES = 40
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="surveys.sweep")
def sweep_surveys() -> int:
    """Satisfaction surveys to be reminded of or to expire, a batch at a time. Returns how many were looked at."""
    at = clock.now()

    def batch(skip: Sequence[int]) -> tuple[int, set[int]]:
        return survey_sweep.sweep(at, skip=skip)

    return drain(batch, full=survey_sweep.BATCH, most=MOST_BATCHES)
