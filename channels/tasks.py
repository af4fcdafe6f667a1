"""The job that sends. No transaction is open while the mail server is spoken to: claim, send, note.

At least once: a crash after the server's answer and before the note of it repeats the message when the lease runs out, with the same
Message-ID. A note that comes after the lease was lost is refused by its token.
"""

import uuid
from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings

from channels import wanted
from channels.models import OutboundMessage, Route
from channels.transports import ConnectionLost, Never, NotNow, TransportError, Unreachable
from channels.transports.mail import Mailer
from core import clock
from core.tasks import begin

log = structlog.get_logger(__name__)

BATCH = 100
BUDGET = timedelta(seconds=45)
"""How long one run goes on taking messages: well below a task's time limit, whatever a slow server does to the last one."""


@shared_task(name="channels.send_due")
def send_due() -> int:
    """Send what is due, in order. Returns how many were sent. Does nothing while another sender has the route, or it rests."""
    begin("channels.send_due")
    at, channel = clock.now(), OutboundMessage.Channel.EMAIL
    waiting = OutboundMessage.objects.filter(channel=channel)
    if not waiting.due(at).exists():
        return 0
    route = Route.take(channel, uuid.uuid4().hex, at=at)
    if route is None:
        return 0
    try:
        with Mailer() as mailer:
            tried, sent = _drain(route, mailer)
    except Unreachable as error:
        log.warning("mail_unreachable", error=str(error), failures=route.failures + 1)
        route.close(str(error), at=clock.now())
        return 0
    # A full batch rests until its share of the minute has passed, so that a day's backlog does not flood the server.
    pace = timedelta(minutes=tried / settings.MAIL_PER_MINUTE) if tried == BATCH else timedelta()
    route.give_back(closed_until=at + pace)
    return sent


def _drain(route: Route, mailer: Mailer) -> tuple[int, int]:
    """Send up to BATCH messages, one claim each: how many were tried, and how many sent."""
    tried = sent = 0
    until = clock.now() + BUDGET
    while tried < BATCH and clock.now() < until and route.hold(at=clock.now()):
        claimed: list[OutboundMessage] = OutboundMessage.objects.filter(channel=route.channel).claim(
            limit=1, at=clock.now()
        )
        if not claimed:
            break
        if _withdrawn(claimed[0]):
            continue
        tried += 1
        sent += _send(claimed[0], mailer)
    return tried, sent


def _withdrawn(row: OutboundMessage) -> bool:
    """Take back a claimed message that is not wanted any more. It costs the server nothing, so it is no try of the batch."""
    try:
        why = wanted.objection(row, at=clock.now())
    except Exception:  # one notice too many is better than one that nobody gets
        log.exception("condition_failed", row=row.pk, only_if=row.only_if)
        return False
    if not why:
        return False
    log.info("mail_withdrawn", row=row.pk, kind=row.kind)
    row.withdraw(why)
    return True


def _send(row: OutboundMessage, mailer: Mailer) -> bool:
    """Send one claimed message and note what became of it. Raises Unreachable, with the claim undone, when the server is gone."""
    try:
        mailer.send(row)
    except Unreachable:
        row.put_back()
        raise
    except ConnectionLost as error:
        mailer.close()
        try:
            mailer.open()
        except Unreachable:
            row.put_back()
            raise
        # The server lives, so it is this message that it hangs up on.
        _postpone(row, error)
        return False
    except NotNow as error:
        _postpone(row, error)
        return False
    except Never as error:
        log.warning("mail_refused", row=row.pk, error=str(error))
        row.park(str(error), at=clock.now())
        return False
    except Exception as error:  # one message that cannot be handled must not stop the others
        log.exception("mail_failed", row=row.pk)
        row.postpone(f"{type(error).__name__}: {error}", at=clock.now())
        return False
    if not row.finish(at=clock.now()):
        log.warning("lease_lost", row=row.pk, kind="channels.OutboundMessage")
        return False
    return True


def _postpone(row: OutboundMessage, error: TransportError) -> None:
    log.info("mail_postponed", row=row.pk, attempts=row.attempts, error=str(error))
    row.postpone(str(error), at=clock.now())
