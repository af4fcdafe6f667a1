"""What a person must see to: raised once however often it is noticed, settled by the product when it passes, or by a person."""

from datetime import datetime

from django.db import models, transaction

from core.caching import remembered
from core.models import Alarm

LONGEST = 500


def sound(kind: str, key: str, text: str, *, subject: str = "", at: datetime) -> Alarm:
    """Raise the alarm `key`, or note on the open one that it was noticed again. `text` is Spanish and says what to do."""
    with transaction.atomic():
        values = {"kind": kind, "subject": subject, "text": text[:LONGEST], "raised_at": at, "last_at": at}
        row, created = Alarm.objects.get_or_create(key=key, settled_at=None, defaults=values)
        if not created:
            Alarm.objects.filter(pk=row.pk).update(last_at=at, times=models.F("times") + 1, text=text[:LONGEST])
    return row


def settle(key: str, *, at: datetime, by: str = "") -> bool:
    """The reason has passed, or `by` (a name) has seen to it. False when there was no such alarm."""
    return bool(Alarm.objects.filter(key=key, settled_at=None).update(settled_at=at, settled_by=by[:150]))


def settle_all(kind: str, *, at: datetime) -> int:
    """Every open alarm of the kind has passed. Returns how many they were."""
    return Alarm.objects.filter(kind=kind, settled_at=None).update(settled_at=at, settled_by="")


def settle_under(prefix: str, *, at: datetime, by: str = "") -> int:
    """`settle` for every alarm whose key begins so."""
    return Alarm.objects.filter(key__startswith=prefix, settled_at=None).update(settled_at=at, settled_by=by[:150])


@remembered
def open_by_subject() -> dict[str, int]:
    """How many wait, by what they are about; half a minute old at most."""
    rows = Alarm.objects.filter(settled_at=None).order_by().values_list("subject").annotate(models.Count("pk"))
    return dict(rows)
