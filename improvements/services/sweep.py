"""What is told because its day came: dates that are near, delays that go up level by level, effects to be verified (docs/decisions/0013).

The rows say what is due, so a sweep that is late, lost or doubled does no harm: what was missed is told once, at its worst.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import alarms, events
from core.sweeps import each_chunk
from improvements import days, moments, people
from improvements.events import ActionFact, ActionOverdue, ActionReminded
from improvements.models import CorrectiveAction
from improvements.services.register import ALARM, alarm_key
from improvements.vocabulary import PENDING

BATCH = 200
CHUNK = 50


@dataclass(slots=True)
class Swept:
    """`looked` actions were due; `left` could not be looked at now."""

    looked: int
    left: set[int]


def due(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Tell of up to `limit` actions whose moment came, the longest waiting first."""
    rows = CorrectiveAction.objects.due(at)
    ids = list((rows.exclude(pk__in=skip) if skip else rows).values_list("pk", flat=True)[:limit])
    return Swept(len(ids), each_chunk(ids, lambda part: _tell(part, at), name="improvements_sweep", size=CHUNK))


def _tell(ids: Sequence[int], at: datetime) -> set[int]:
    free = CorrectiveAction.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    rows = list(free.select_related("owner").order_by("pk"))
    by, today = system_actor(), days.of(at)
    for row in rows:
        if row.next_at is not None and row.next_at <= at:
            _one(row, by=by, today=today, at=at)
    return {row.pk for row in rows}


def _one(row: CorrectiveAction, *, by: User, today: date, at: datetime) -> None:
    """Its delay goes up, or its date is near, or there is nothing left to say."""
    told, level = row.told_level, moments.level_on(row, today)
    is_pending = row.state in PENDING
    row.next_at = moments.next_moment(row, at=at)
    orphan = is_pending and not people.can_own(row.owner)
    if orphan:
        text = f"{row.number}: su responsable ya no está en la Mesa de Servicio. Asígnele otro."
        alarms.sound(ALARM, alarm_key(row, "owner"), text, subject=row.number, at=at)
    if level > told:
        levels = _reach(row, told, level, at=at)
        row.told_level = max([level, *levels])
        event: type[ActionFact] = ActionOverdue if is_pending else ActionReminded
        _note(row, "overdue" if is_pending else "verification_due", event, levels, by=by, at=at)
    elif is_pending and not level:
        _note(row, "reminded", ActionReminded, [1] if orphan else [], by=by, at=at)
    else:
        row.save(update_fields=["next_at"])


def _reach(row: CorrectiveAction, told: int, level: int, *, at: datetime) -> list[int]:
    """The levels to tell, from the one after `told` to `level`; where that has nobody an alarm sounds and the next one up is told."""
    found: list[int] = []
    wanted = told + 1
    while wanted <= moments.TOP and (wanted <= level or not found):
        if people.at_level(wanted, row):
            found.append(wanted)
        else:
            above = (
                "Se avisó al nivel siguiente."
                if wanted < moments.TOP
                else "No queda nadie por encima: atiéndala usted."
            )
            text = f"{row.number}: está atrasada y no hay a quién avisar en {people.LEVEL_WORDS[wanted]}. {above}"
            alarms.sound(ALARM, alarm_key(row, f"level{wanted}"), text, subject=row.number, at=at)
        wanted += 1
    return found


def _note(
    row: CorrectiveAction, kind: str, event: type[ActionFact], levels: Sequence[int], *, by: User, at: datetime
) -> None:
    data = {"levels": list(levels), "due_on": row.due_on, "verify_on": row.verify_on}
    entry = trail.commit(row, kind, by=by, at=at, saved=["next_at", "told_level"], data=data)
    events.publish(event(action_id=row.pk, entry_id=entry.pk))
