"""Telling a level of the complaints' matrix: the one place where a complaint goes up, whoever or whatever made it (guide 3.13.1).

Who is pointed at is told nothing: a level that one of them holds, or would stand in for, is skipped. Every function here belongs to a
change whose transaction holds the row.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import alarms, events
from escalation import finding
from escalation.finding import Finder, Row
from escalation.matrices import Reach
from escalation.models import Contact
from surveys import times
from surveys.events import VoiceLevelTold
from surveys.models import Voice, VoiceStep
from surveys.vocabulary import StepCause

ALARM = "voice"
INVOLVED = "Está entre las personas señaladas."
"""The reason on a step that was skipped."""


def tell(row: Voice, *, start: int, cause: StepCause, at: datetime, reason: str = "") -> list[VoiceStep]:
    """Tell the level `start` of the row's way up; the next ones too while nobody can be told. Sets `level` and `next_at` and saves.

    Side effects: a step and an entry for each level, the events that make the notices, an alarm for each level without anybody. Without
    any levels only the alarm sounds.
    """
    if not row.levels:
        sound(
            row, 0, "no hay matriz de quejas en vigor y nadie fue avisado. Atiéndala usted y publique la matriz.", at=at
        )
        return []
    windows, number = times.windows(row.company, at), row.steps.count()
    search = _Search(row, at)
    told: list[VoiceStep] = []
    for level, reach in finding.climb(row.levels, start, search.whom):
        number += 1
        is_involved = reach is None and level["contact"] in search.involved
        step = VoiceStep(
            row=row,
            number=number,
            level=level["level"],
            direction=level["direction"],
            area=level["area"],
            role=level["role"],
            contact=reach.contact if reach else None,
            name=reach.contact.name if reach else "",
            email=reach.contact.email if reach else "",
            instead_of=reach.instead_of if reach else "",
            cause=cause,
            reason=INVOLVED if is_involved else reason[:2000],
            notified_at=at,
            acknowledge_by=times.after_minutes(windows, at, level["acknowledge_minutes"]),
            answer_by=times.after_minutes(windows, at, level["answer_minutes"]),
        )
        step.save(force_insert=True)
        told.append(step)
        cause = StepCause.INVOLVED if is_involved else StepCause.UNREACHABLE
        _write_down(row, step, is_involved, at)
    return told


def settle(row: Voice, *, at: datetime, by: str = "") -> None:
    """Somebody has it in hand, or it ended: the alarms about it are over."""
    alarms.settle_under(f"{ALARM}:{row.pk}:", at=at, by=by)


def sound(row: Voice, level: int, text: str, *, at: datetime) -> None:
    """An alarm about the row. It bears the number alone, because everybody who supervises reads it."""
    alarms.sound(ALARM, f"{ALARM}:{row.pk}:{level}", f"{row.number}: {text}", subject=row.number, at=at)


def is_pointed_at(contact: Contact | None, people: list[User]) -> bool:
    """Whether the contact is one of `people`, by account or by address."""
    if contact is None:
        return False
    return any(contact.user_id == p.pk or contact.email.lower() == p.email.lower() for p in people)


class _Search:
    """Who can be told at a level, those pointed at aside."""

    def __init__(self, row: Voice, at: datetime) -> None:
        self.finder = Finder(at)
        self.pointed_at = list(row.pointed_at.all())
        self.involved: set[int] = set()
        if self.pointed_at:
            holders = Contact.objects.filter(pk__in=[level["contact"] for level in row.levels if level["contact"]])
            addresses = [person.email.lower() for person in self.pointed_at]
            theirs = Q(user__in=[person.pk for person in self.pointed_at]) | Q(address__in=addresses)
            found = holders.annotate(address=Lower("email")).filter(theirs)
            self.involved = set(found.values_list("pk", flat=True))

    def whom(self, level: Row) -> Reach | None:
        if level["contact"] in self.involved:
            return None
        reach = self.finder.whom(level["contact"])
        if reach is not None and is_pointed_at(reach.contact, self.pointed_at):
            self.involved.add(level["contact"])
            return None
        return reach


def _write_down(row: Voice, step: VoiceStep, is_involved: bool, at: datetime) -> None:
    """The entry and the notice. A level without anybody is the desk's to know, unless it is the last word: then the supervisors'."""
    row.level, row.next_at = step.level, step.acknowledge_by
    is_told = step.contact_id is not None
    kind = "level_told" if is_told else "level_involved" if is_involved else "level_unreachable"
    entry = trail.commit(
        row, kind, by=system_actor(), at=at, saved=["level", "next_at"], data=_facts(step), is_public=is_told
    )
    is_last_word = step.level == row.last_level
    if not is_told:
        rest = "No queda nadie por encima: atiéndala usted." if is_last_word else "Se avisó al nivel siguiente."
        sound(row, step.level, f"no se pudo avisar al nivel {step.level} de la matriz de quejas. {rest}", at=at)
    if is_told or is_last_word:
        events.publish(VoiceLevelTold(voice_id=row.pk, entry_id=entry.pk, step_id=step.pk))


def _facts(step: VoiceStep) -> dict[str, Any]:
    return {
        "step": step.number,
        "level": step.level,
        "role": step.role,
        "area": step.area,
        "name": step.name,
        "instead_of": step.instead_of,
        "cause": step.cause,
        "reason": step.reason,
        "acknowledge_by": step.acknowledge_by,
        "answer_by": step.answer_by,
    }
