"""Housekeeping of the API's own rows."""

from celery import shared_task

from api.idempotency import KEPT
from api.models import ApiToken, IdempotencyKey
from core import clock


@shared_task(name="api.purge")
def purge() -> int:
    """Forget answers that are no longer repeated, and keys that expired. Returns how many rows went."""
    at = clock.now()
    answers, _ = IdempotencyKey.objects.filter(created_at__lte=at - KEPT).delete()
    keys, _ = ApiToken.objects.expired(at).delete()
    return answers + keys
