"""What the desk's «Registro de Quejas» asks of complaints and suggestions beyond one of them (guide 2.2)."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import User
from surveys import steps
from surveys.models import Voice, VoiceStep
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import PENDING


def late(at: datetime) -> Q:
    """Some level let its time pass and nobody has answered since, or one is letting it pass at `at` before the sweep has noticed.

    Says nothing of the state: ask it of those that are pending.
    """
    answered = VoiceStep.objects.filter(row=OuterRef("row"), answered_at__gte=OuterRef("overdue_at"))
    passed = VoiceStep.objects.filter(~Exists(answered), row=OuterRef("pk"), overdue_at__isnull=False)
    return Q(next_at__lte=at) | Q(Exists(passed))


def is_late(voice: Voice, at: datetime) -> bool:
    """The same of one row in hand, whose steps are loaded; nothing is late once it is answered."""
    if voice.state not in PENDING:
        return False
    told = steps.of(voice)
    answered = max((step.answered_at for step in told if step.answered_at), default=None)
    passed = [step.overdue_at for step in told if step.overdue_at]
    return any(answered is None or moment > answered for moment in passed) or (
        voice.next_at is not None and voice.next_at <= at
    )


def kept_from(person: User) -> list[str]:
    """The numbers of those that point at the person, who is to find nothing of them. One query."""
    rows = Voice.objects.filter(pointed_at=person.pk).order_by("pk")
    return [voice.number for voice in rows.only("pk")]


def of_month(year: int, month: int) -> Q:
    """Those registered in the desk's month."""
    zone = ZoneInfo(settings.TIME_ZONE)
    begins, ends = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    return Q(
        created_at__gte=datetime.combine(begins, time.min, zone),
        created_at__lt=datetime.combine(ends, time.min, zone),
    )


def for_list(rows: VoiceQuerySet) -> VoiceQuerySet:
    """Everything that a line of the register shows: one query more, for the levels told."""
    told = VoiceStep.objects.order_by("number")
    found: VoiceQuerySet = rows.select_related("company", "author", "ticket").prefetch_related(Prefetch("steps", told))
    return found
