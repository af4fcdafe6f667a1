"""The daily proof that the open tickets' clocks are what counting from scratch gives; and putting right what was found (guide 3.4.2).

Nothing is locked while reading. What looks wrong is read again under its ticket's lock before it is recorded, so that a ticket which was
moving at that moment is no difference.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db.models import F

from core import alarms, clock
from core.leases import WorkState
from sla import differences
from sla.models import ClockAudit, ClockDifference, Recalculation
from sla.services.recalculation import SETTLED
from tickets.models import Ticket
from tickets.vocabulary import State

log = structlog.get_logger(__name__)

TASK = "sla.audit_clocks"
HOUR = 3
"""From this hour of the desk's day on, the day's audit is due."""
CHUNK = 500
SPAN = 20_000
"""How many ids one chunk goes over, so that long stretches of closed tickets cost no more than open ones."""
ALARM = "clocks"


def open_day(at: datetime) -> ClockAudit | None:
    """The row of the local day's audit, made when it is due and the one before has ended; None while there is nothing to begin."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    if local.hour < HOUR or ClockAudit.objects.filter(day=local.date()).exists():
        return None
    if ClockAudit.objects.filter(state=WorkState.PENDING).exists():
        return None
    row: ClockAudit
    row, _ = ClockAudit.objects.get_or_create(day=local.date(), defaults={"created_at": at, "next_at": at})
    return row


def is_recounting(at: datetime) -> bool:
    """Whether open tickets are being counted anew: what the audit would find is about to be put right."""
    return Recalculation.objects.filter(state=WorkState.PENDING, next_at__lte=at + SETTLED).exists()


def chunk(job: ClockAudit) -> tuple[int, int] | None:
    """Go over the next open tickets in the caller's transaction: how many they were, and the last id gone over; None at the end.

    Three queries when nothing is wrong.
    """
    at = clock.now()
    if job.total is None:
        job.total = Ticket.objects.unsolved().count() + Ticket.objects.filter(state=State.SOLVED).count()
    ahead = Ticket.objects.filter(pk__gt=job.cursor).order_by("pk")
    rows = list(differences.readable(ahead.alive().filter(pk__lte=job.cursor + SPAN))[:CHUNK])
    if not rows:
        return _gap(job, at)
    suspects = [row.pk for row in rows if any(True for _ in differences.of_ticket(row, at=at))]
    if suspects and not is_recounting(at):
        confirm(job, suspects, at=at)
    return len(rows), rows[-1].pk if len(rows) == CHUNK else job.cursor + SPAN


def _gap(job: ClockAudit, at: datetime) -> tuple[int, int] | None:
    """No open ticket in this stretch: on to where tickets go on, or the end."""
    beyond = Ticket.objects.filter(pk__gt=job.cursor + SPAN).order_by("pk").values_list("pk", flat=True).first()
    if beyond is not None:
        return 0, beyond - 1
    _tell(job, at)
    return None


def confirm(job: ClockAudit, ids: Sequence[int], *, at: datetime) -> int:
    """Read the tickets again under their lock, and record what still differs. Returns how many differences there were."""
    locked = Ticket.objects.alive().select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    rows = list(differences.readable(locked))
    # What a sweep has put on record since `at` was late by then: under the locks, it is this moment that counts.
    at = max(at, clock.now())
    found = [
        ClockDifference(audit=job, ticket=ticket, kind=one.kind, text=one.spanish[:500], found_at=at)
        for ticket in rows
        for one in differences.of_ticket(ticket, at=at)
    ]
    ClockDifference.objects.bulk_create(found)
    if found:
        log.warning("clocks_differ", audit=job.pk, differences=len(found))
        job.differences += len(found)
        ClockAudit.objects.filter(pk=job.pk).update(differences=F("differences") + len(found))
    return len(found)


def _tell(job: ClockAudit, at: datetime) -> None:
    """The newest audit speaks for all of them: its alarm, if it has one, takes the place of earlier ones."""
    alarms.settle_all(ALARM, at=at)
    if job.differences:
        many = "1 diferencia" if job.differences == 1 else f"{job.differences} diferencias"
        text = (
            f"La revisión de relojes del {job.day:%d/%m/%Y} encontró {many}. Véalas en «Revisiones de relojes», y vuelva a calcular "
            "los tickets que aparecen."
        )
        alarms.sound(ALARM, f"{ALARM}:{job.day:%Y-%m-%d}", text, at=at)
