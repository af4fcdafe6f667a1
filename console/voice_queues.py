"""The standard queues of complaints and suggestions: what each holds and in which order (guide 2.2, 3.13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from surveys import voice_register
from surveys.models import Voice
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import PENDING, VoiceKind, VoiceState

DUE, ENDED, RECENT = "voice_due", "voice_ended", "voice_recent"
"""Orders, of `keyset.ORDERS`."""


@dataclass(frozen=True, slots=True)
class VoiceQueue:
    """`condition` is of the moment `now`; `empty` says what it means that there is nothing."""

    key: str
    label: str
    icon: str
    empty: str
    order: str = DUE
    tone: str = ""
    counted: bool = True

    def condition(self, now: datetime) -> Q:
        return _CONDITIONS[self.key](now)


_ANY = Q(kind__in=VoiceKind.values)
"""Says nothing, and lets the index by kind and state be used: what is alive is few among what ended."""
_CONDITIONS = {
    "por-acusar": lambda now: _ANY & Q(state=VoiceState.RECEIVED),
    "por-responder": lambda now: Q(
        kind=VoiceKind.COMPLAINT, state__in=(VoiceState.ACKNOWLEDGED, VoiceState.IN_ANALYSIS)
    ),
    "vencidas": lambda now: _ANY & Q(state__in=PENDING) & voice_register.late(now),
    "apeladas": lambda now: _ANY & Q(state__in=PENDING, appeals__gt=0),
    "esperan-cliente": lambda now: _ANY & Q(state=VoiceState.ANSWERED),
    "sugerencias": lambda now: Q(kind=VoiceKind.SUGGESTION, state__in=PENDING),
    "cerradas": lambda now: _ANY & Q(state=VoiceState.CLOSED),
    "todas": lambda now: Q(),
}
QUEUES: Mapping[str, VoiceQueue] = {
    queue.key: queue
    for queue in (
        VoiceQueue("por-acusar", "Por acusar", "mark_email_unread", "Todas tienen acuse de recibo.", tone="act"),
        VoiceQueue("por-responder", "Por responder", "reply", "Ninguna queja espera respuesta."),
        VoiceQueue("vencidas", "Vencidas", "error", "A ninguna se le pasó el tiempo.", tone="bad"),
        VoiceQueue("apeladas", "Apeladas", "gavel", "Ningún cliente está inconforme con su respuesta.", tone="bad"),
        VoiceQueue("esperan-cliente", "Esperan al cliente", "hourglass_top", "Ningún cliente tiene la palabra."),
        VoiceQueue("sugerencias", "Sugerencias por decidir", "lightbulb", "Todas las sugerencias tienen decisión."),
        VoiceQueue("cerradas", "Cerradas", "task_alt", "Todavía no se cierra ninguna.", ENDED, counted=False),
        VoiceQueue("todas", "Todas", "history", "Todavía no hay quejas ni sugerencias.", RECENT, counted=False),
    )
}
FIRST = QUEUES["todas"]
"""Where who comes without a queue begins."""


def voices_of(queue: VoiceQueue, actor: User, now: datetime) -> VoiceQuerySet:
    rows: VoiceQuerySet = Voice.objects.visible_to(actor).filter(queue.condition(now))
    return rows


def counted(actor: User, now: datetime) -> dict[str, VoiceQuerySet]:
    """The rows of each counted queue, for `queues.counts` to count with its own in one query."""
    return {key: voices_of(queue, actor, now) for key, queue in QUEUES.items() if queue.counted}
