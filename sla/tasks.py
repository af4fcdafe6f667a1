"""The periodic jobs of the clocks and of the promised dates."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from celery import shared_task

from core import clock
from core.caching import forget_all
from core.leases import run_long
from core.tasks import begin, request
from sla.models import ClockAudit, Recalculation
from sla.services import auditing, commitments, recalculation, sweep

MOST_BATCHES = 60
"""Keeps one run below the job's time limit; the rest waits for the next."""

TURN = timedelta(seconds=3)
"""How long one run of a long job goes on: the others want the worker too."""

Batch = Callable[[datetime, Sequence[int]], tuple[int, set[int]]]
"""Does up to a batch without the tickets given, and says how many rows it looked at and which tickets it left."""


@shared_task(name="sla.sweep")
def sweep_clocks() -> int:
    """Record the warnings, breaches and broken promises that have come due, a batch at a time. Returns how many rows were looked at."""
    at = clock.now()
    return _all(_clocks, at, sweep.BATCH) + _all(_promises, at, commitments.BATCH)


def _all(do: Batch, at: datetime, full: int) -> int:
    looked, left = 0, set[int]()
    for _ in range(MOST_BATCHES):
        found, missed = do(at, sorted(left))
        looked += found
        left |= missed
        if found < full:
            break
    return looked


def _clocks(at: datetime, skip: Sequence[int]) -> tuple[int, set[int]]:
    swept = sweep.batch(at, skip=skip)
    return swept.clocks, swept.left


def _promises(at: datetime, skip: Sequence[int]) -> tuple[int, set[int]]:
    swept = commitments.sweep(at, skip=skip)
    return swept.promises, swept.left


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
