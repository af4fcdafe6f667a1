"""Housekeeping of the whole: the jobs' sign of life, and what Django leaves behind."""

from celery import shared_task
from django.core.management import call_command

from servicedesk import health


@shared_task(name="servicedesk.heartbeat")
def heartbeat() -> None:
    """Shows that the clockwork turns: the scheduler asked for this, and a worker ran it."""
    health.record_heartbeat()


@shared_task(name="servicedesk.forget_sessions")
def forget_sessions() -> None:
    """Delete the sessions that ended by their age."""
    call_command("clearsessions")
