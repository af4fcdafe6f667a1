"""The jobs' own sign of life."""

from celery import shared_task

from servicedesk import health


@shared_task(name="servicedesk.heartbeat")
def heartbeat() -> None:
    """Shows that the clockwork turns: the scheduler asked for this, and a worker ran it."""
    health.record_heartbeat()
