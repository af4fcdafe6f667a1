"""The periodic jobs of surveys, complaints and NPS."""

from collections.abc import Sequence

from celery import shared_task
from django.conf import settings

from core import clock
from core.sweeps import drain
from surveys.services import nps_sweep, survey_sweep, waiting

MOST_BATCHES = 40
"""Keeps one run below the job's time limit; the rest waits for the next."""


@shared_task(name="surveys.sweep")
def sweep_surveys() -> int:
    """Satisfaction surveys to be reminded of or to expire, a batch at a time. Returns how many were looked at."""
    at = clock.now()

    def batch(skip: Sequence[int]) -> tuple[int, set[int]]:
        return survey_sweep.sweep(at, skip=skip)

    return drain(batch, full=survey_sweep.BATCH, most=MOST_BATCHES)


@shared_task(name="surveys.nps_sweep")
def sweep_nps() -> int:
    """Campaigns whose last day passed, then the invitations and reminders that are due. Returns how many were looked at.

    One run, each minute, writes half of what the mail server may get in one: a wave of thousands never stands before what is urgent.
    """
    at = clock.now()
    return nps_sweep.ended(at) + nps_sweep.paced(at, most=max(1, settings.MAIL_PER_MINUTE // 2))


@shared_task(name="surveys.sweep_voices")
def sweep_voices() -> int:
    """Complaints whose level let its time pass, and answers that nobody objected to. Returns how many were looked at."""
    at = clock.now()

    def batch(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = waiting.sweep(at, skip=skip)
        return swept.looked, swept.left

    return drain(batch, full=waiting.BATCH, most=MOST_BATCHES)
