"""The periodic jobs of the clocks and of the promised dates."""

from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task

from core import clock
from core.caching import forget_all
from core.leases import run_long
from core.sweeps import drain
from core.tasks import begin, request
from sla.models import ClockAudit, Recalculation
from sla.services import auditing, commitments, recalculation, sweep

MOST_BATCHES = 60
"""Keeps one run below the job's time limit; the rest waits for the next."""

TURN = timedelta(seconds=3)
"""How long one run of a long job goes on: the others want the worker too."""


@shared_task(name="sla.sweep")
def sweep_clocks() -> int:
    """Record the warnings, breaches and broken promises that have come due, a batch at a time. Returns how many rows were looked at."""
    at = clock.now()

    def clocks(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = sweep.batch(at, skip=skip)
        return swept.clocks, swept.left

    def promises(skip: Sequence[int]) -> tuple[int, set[int]]:
        swept = commitments.sweep(at, skip=skip)
        return swept.promises, swept.left

    return drain(clocks, full=sweep.BATCH, most=MOST_BATCHES) + drain(
        promises, full=commitments.BATCH, most=MOST_BATCHES
    )


@shared_task(name="sla.recalculate")
def recalculate() -> int:
    """A turn of the longest waiting recalculation; asks for another while there is more. Returns how many tickets were looked at."""
    begin(recalculation.TASK)
    forget_all()  # of the terms and the calendar as they were remembered for other work
    recalculation.hold_back(clock.now())
    jobs = Recalculation.objects.all()
    done = run_long(jobs, recalculation.chunk, turn=TURN)
    if jobs.due(clock.now()).exists():
        request(recalculation.TASK)
    return done


@shared_task(name="sla.audit_clocks")
def audit_clocks() -> int:
    """Begin the day's audit when it is due, and do a turn of it; asks for another while there is more. Returns how many tickets were read.

    It waits for recalculations: what it found meanwhile would be put right by them.
    """
    begin(auditing.TASK)
    at = clock.now()
    auditing.open_day(at)
    jobs = ClockAudit.objects.all()
    if not jobs.due(at).exists() or auditing.is_recounting(at):
        return 0
    forget_all()  # so that everything is counted by what is stored now
    done = run_long(jobs, auditing.chunk, turn=TURN)
    if jobs.due(clock.now()).exists():
        request(auditing.TASK)
    return done
