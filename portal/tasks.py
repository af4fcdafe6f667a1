"""The portal's housekeeping."""

from datetime import timedelta

from celery import shared_task

from core import clock
from portal.models import Submission

KEEP = timedelta(days=7)
"""Nobody sends a form again after that."""
BATCH = 5_000


@shared_task(name="portal.forget_submissions")
def forget_submissions() -> int:
    """Delete the keys of forms sent long ago. Returns how many."""
    old = (
        Submission.objects.filter(created_at__lt=clock.now() - KEEP).order_by("created_at").values_list("pk", flat=True)
    )
    deleted, _ = Submission.objects.filter(pk__in=list(old[:BATCH])).delete()
    return deleted
