"""What goes on by itself: levels that let their time pass, and answers that nobody objected to (guide 3.6, 3.13.1).

The rows say what is due, so a sweep that is late, lost or doubled does no harm: the row's lock lets only one see it as due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import trail
from accounts.services import system_actor
from core import events
from core.sweeps import each_chunk
from surveys import steps
from surveys.events import VoiceOverdue
from surveys.models import Voice, VoiceStep
from surveys.services import telling, voices
from surveys.vocabulary import PENDING, Ending, StepCause, VoiceState

BATCH = 200
CHUNK = 50
"""Rows in one transaction."""


@dataclass(slots=True)
class Swept:
    """`looked` rows were due; `left` are those that could not be looked at now."""

    looked: int
    left: set[int]


def sweep(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Go on with up to `limit` rows whose moment has come, the longest waiting first."""
    due = Voice.objects.due(at)
    ids = list((due.exclude(pk__in=skip) if skip else due).values_list("pk", flat=True)[:limit])
    return Swept(len(ids), each_chunk(ids, lambda part: _pass(part, at), name="voice_wait", size=CHUNK))


def _pass(ids: Sequence[int], at: datetime) -> set[int]:
    free = Voice.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids, next_at__lte=at)
    rows = list(free.select_related("company", "author").order_by("pk"))
    for row in rows:
        if row.state == VoiceState.ANSWERED:
            _close(row, at)
        elif row.state in PENDING:
            _go_on(row, at)
    return {row.pk for row in rows}


def _close(row: Voice, at: datetime) -> None:
    """Nobody objected in time; where there was nobody left to appeal to, that is no agreement."""
    ending = Ending.FINAL if steps.is_final(row, steps.of(row)) else Ending.SILENT
    voices.end(row, "close_unanswered", ending, by=system_actor(), at=at)


def _go_on(row: Voice, at: datetime) -> None:
    """Unacknowledged or unanswered: the next level; at the last one it is written down and the supervisors are told."""
    step = steps.last(row)
    if step is None:
        row.next_at = None
        row.save(update_fields=["next_at"])
        return
    is_silent = step.acknowledged_at is None and step.overdue_at is None
    step.overdue_at = row.next_at
    step.save(update_fields=["overdue_at"])
    above = [level["level"] for level in row.levels if level["level"] > row.level]
    if above:
        cause = StepCause.UNANSWERED if step.acknowledged_at else StepCause.UNACKNOWLEDGED
        telling.tell(row, start=min(above), cause=cause, at=at)
    else:
        _overdue(row, step, is_silent=is_silent, at=at)


def _overdue(row: Voice, step: VoiceStep, *, is_silent: bool, at: datetime) -> None:
    """The last level: once for its acknowledgement, once for its answer."""
    row.next_at = step.answer_by if is_silent and step.answer_by != row.next_at else None
    data = {"step": step.number, "level": step.level, "role": step.role, "name": step.name, "silent": is_silent}
    entry = trail.commit(row, "overdue", by=system_actor(), at=at, saved=["next_at"], data=data)
    what = "no acusó recibo" if is_silent else "no respondió"
    telling.sound(row, step.level, f"el último nivel {what} a tiempo. Búsquelo por teléfono o atiéndala usted.", at=at)
    events.publish(VoiceOverdue(voice_id=row.pk, entry_id=entry.pk, step_id=step.pk))
