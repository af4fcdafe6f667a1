"""Rows that are work: claimed with a lease, retried with growing pauses, parked after too many tries.

One mechanism for everything that must happen later (event handlers, outgoing messages). The row is the truth, the broker only wakes
a worker. A claim is a conditional update, which is safe on SQLite too, where `select_for_update` silently does nothing.
"""

import itertools
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import structlog
from django.db import models, transaction
from django.db.models import F, Q

from core import clock

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=50)
"""What a killed worker had in hand is taken up within a minute, so a batch must be done well within it."""
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
DIED = "El proceso que lo hacía terminó cada vez sin decir por qué."


class WorkState(models.TextChoices):
    PENDING = "pending", "Pendiente"
    DONE = "done", "Hecho"
    PARKED = "parked", "Detenido"
    WITHDRAWN = "withdrawn", "Retirado"


class WorkQuerySet(models.QuerySet[Any]):
    def due(self, at: datetime) -> Self:
        """Rows to work on at `at`: pending, their moment has come, and nobody holds a live lease."""
        return self.filter(state=WorkState.PENDING, next_at__lte=at).filter(Q(lease_until=None) | Q(lease_until__lt=at))

    def parked(self) -> Self:
        return self.filter(state=WorkState.PARKED)

    def claim(self, *, limit: int, at: datetime) -> list[Any]:
        """Take up to `limit` due rows for this worker and return them. Two workers never get the same row.

        A row that was tried before is taken alone, so that one which kills its worker wears out no others. One that has killed as many
        as it has tries is parked.
        """
        token = uuid.uuid4().hex
        found = list(self.due(at).order_by("next_at", "pk").values_list("pk", "attempts")[:limit])
        while found and found[0][1] >= self.model.patience:
            dead = {"state": WorkState.PARKED, "lease_until": None, "lease_token": "", "last_error": DIED}
            if self.filter(pk=found[0][0]).due(at).update(**dead):
                self.model.raise_alarm(at=at)
            found = found[1:]
        if not found:
            return []
        fresh = list(itertools.takewhile(lambda row: row[1] == 0, found))
        ids = [pk for pk, _ in fresh or found[:1]]
        taken = {"lease_token": token, "lease_until": at + LEASE, "attempts": F("attempts") + 1}
        self.model._default_manager.filter(pk__in=ids).due(at).update(**taken)
        return list(self.model._default_manager.filter(pk__in=ids, lease_token=token).order_by("next_at", "pk"))


class Work(models.Model):
    """Abstract: a unit of work with its lease. `attempts` counts claims, so a worker that dies counts as a try."""

    patience: ClassVar[int] = MAX_ATTEMPTS
    """How many tries a row is given before it is parked."""
    stuck: ClassVar[str] = (
        "Un trabajo se detuvo después de varios intentos. Vea por qué en su página, y vuelva a intentarlo."
    )
    """What the alarm says, in Spanish, when a row is parked."""

    state = models.CharField(
        "estado", max_length=10, choices=WorkState.choices, default=WorkState.PENDING, editable=False
    )
    created_at = models.DateTimeField("creado", default=clock.now, editable=False)
    next_at = models.DateTimeField("siguiente intento", default=clock.now, editable=False)
    attempts = models.PositiveSmallIntegerField("intentos", default=0, editable=False)
    lease_until = models.DateTimeField("en curso hasta", null=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    done_at = models.DateTimeField("terminado", null=True, editable=False)
    last_error = models.TextField("último error", blank=True, editable=False)

    objects = WorkQuerySet.as_manager()

    class Meta:
        abstract = True

    def finish(self, *, at: datetime, **values: Any) -> bool:
        """Mark the row done. False when the lease was lost meanwhile (the fencing token refuses the late write)."""
        return self._release(state=WorkState.DONE, done_at=at, last_error="", **values)

    def postpone(self, error: str, *, at: datetime) -> bool:
        """Record the failure and set the next try; after `patience` tries the row is parked, where the console shows it."""
        if self.attempts >= self.patience:
            return self.park(error, at=at)
        pause = min(FIRST_PAUSE * 2 ** (self.attempts - 1), LONGEST_PAUSE)
        return self._release(state=WorkState.PENDING, next_at=at + pause, last_error=error[:2000])

    def park(self, error: str, *, at: datetime) -> bool:
        """Stop trying until a person says so, and raise the alarm of this kind of work."""
        parked = self._release(state=WorkState.PARKED, last_error=error[:2000])
        if parked:
            self.raise_alarm(at=at)
        return parked

    def replay(self, *, at: datetime) -> None:
        """Give a parked row a fresh set of tries. With the last one that was parked, its kind's alarm passes."""
        manager = type(self)._default_manager
        manager.filter(pk=self.pk, state=WorkState.PARKED).update(
            state=WorkState.PENDING, attempts=0, next_at=at, lease_until=None
        )
        if not manager.filter(state=WorkState.PARKED).exists():
            _alarms().settle(self._alarm(), at=at)

    @classmethod
    def raise_alarm(cls, *, at: datetime) -> None:
        """One alarm for each kind of work, however many rows are parked."""
        _alarms().sound("parked", cls._alarm(), cls.stuck, at=at)

    @classmethod
    def _alarm(cls) -> str:
        return f"parked:{cls._meta.label}"

    def _release(self, **values: Any) -> bool:
        mine = type(self)._default_manager.filter(pk=self.pk, lease_token=self.lease_token, state=WorkState.PENDING)
        return bool(mine.update(lease_until=None, lease_token="", **values))


def _alarms() -> Any:
    """The alarms are rows, whose model is declared beside rows of work."""
    from core import alarms

    return alarms


class LongJob(Work):
    """Abstract: work over very many rows, done in chunks by as many runs as it takes. `total` is empty until it is known.

    `cursor` is the id of the last row done. Both move in the chunk's own transaction, so a killed worker repeats nothing.
    """

    total = models.PositiveIntegerField("por revisar", null=True, editable=False)
    done = models.PositiveIntegerField("revisados", default=0, editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)

    class Meta(Work.Meta):
        abstract = True

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100; a job that has not begun is at 0."""
        if self.state == WorkState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


Chunk = Callable[[Any], tuple[int, int] | None]
"""Does the next chunk of a LongJob and gives how many rows it took and the last one's id; None when there are no more."""


def run_long(rows: WorkQuerySet, chunk: Chunk, *, turn: timedelta) -> int:
    """Claim one due job and do its chunks, a transaction each, for at most `turn`. Returns how many rows were done.

    `chunk(job)` runs in the transaction that also moves the job's cursor. An unfinished job is due again at once; a failure is noted and
    tried later from the same place.
    """
    claimed = rows.claim(limit=1, at=clock.now())
    if not claimed:
        return 0
    job, until, began = claimed[0], clock.now() + turn, claimed[0].done
    mine = type(job)._default_manager.filter(pk=job.pk, lease_token=job.lease_token, state=WorkState.PENDING)
    try:
        while clock.now() < until:
            with transaction.atomic():
                found = chunk(job)
                if found is not None:
                    job.done, job.cursor = job.done + found[0], found[1]
                moved = {"done": job.done, "cursor": job.cursor, "total": job.total}
                # A job that gets on is not a job that fails: only tries without progress count.
                if not mine.update(lease_until=clock.now() + LEASE, attempts=1, **moved):
                    raise LostLease(f"{job._meta.label} {job.pk}")
                if found is None:
                    job.finish(at=clock.now())
            if found is None:
                return int(job.done - began)
        mine.update(next_at=clock.now(), lease_until=None, lease_token="", attempts=0)
    except LostLease:
        log.warning("lease_lost", row=job.pk, kind=job._meta.label)
    except Exception as error:
        log.exception("work_failed", row=job.pk, kind=job._meta.label, attempts=job.attempts)
        job.postpone(f"{type(error).__name__}: {error}", at=clock.now())
    return int(job.done - began)


def run_batch(rows: WorkQuerySet, do: Callable[[Any], None], *, limit: int = 100) -> int:
    """Claim due rows and do each in its own transaction; a failure is logged, postponed, and the rest goes on.

    `do(row)` runs inside the transaction that also marks the row done: both happen, or neither. Returns how many were claimed.
    """
    at = clock.now()
    claimed = rows.claim(limit=limit, at=at)
    for row in claimed:
        try:
            with transaction.atomic():
                do(row)
                if not row.finish(at=clock.now()):
                    raise LostLease(f"{row._meta.label} {row.pk}")
        except LostLease:
            log.warning("lease_lost", row=row.pk, kind=row._meta.label)
        except Exception as error:  # one poisoned row must not stop the others
            log.exception("work_failed", row=row.pk, kind=row._meta.label, attempts=row.attempts)
            row.postpone(f"{type(error).__name__}: {error}", at=clock.now())
    return len(claimed)


class LostLease(Exception):
    """This worker slept past its lease and another one has the row: undo what was done here."""
