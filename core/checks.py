"""Proofs about the work that waits (invariant I8)."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps

from core import clock
from core.leases import Work

STUCK = timedelta(hours=1)


def invariants() -> Iterator[str]:
    """I8: no row is leased for ever, and none that is due waits without a reason."""
    at = clock.now()
    for model in apps.get_models():
        if not issubclass(model, Work):
            continue
        rows = model._default_manager.all()
        for pk in rows.filter(lease_until__gt=at + STUCK).values_list("pk", flat=True):
            yield f"I8 {model._meta.label} {pk}: leased for more than an hour"
        for pk in rows.exclude(state="done").filter(done_at__isnull=False).values_list("pk", flat=True):
            yield f"I8 {model._meta.label} {pk}: has an end but is not done"
