"""Telling a level: the one place where a ticket goes up, whoever or whatever asked for it (guide 3.5.2).

Written for many tickets at once: the queries do not grow with them, except for the people who must be found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from core import alarms, events
from core.bulk import insert_each, update_each
from core.worktime import Schedule
from escalation import finding
from escalation.events import LevelNotified
from escalation.finding import Finder
from escalation.matrices import Published, Reach
from escalation.models import Escalation, EscalationStep
from escalation.vocabulary import Cause, EscalationState
from sla import targets
from sla.schedules import is_continuous
from tickets.models import Ticket
from tickets.services import history

ALARM = "escalation"


@dataclass(slots=True, kw_only=True)
class Ascent:
    """One ticket goes to `level`. `ticket` is locked; `case` is its way so far, or None to begin one by `matrix`.

    `passing` are the levels told on the way, none of which may be skipped in silence.
    """

    ticket: Ticket
    level: int
    cause: Cause
    reason: str
    by: User
    case: Escalation | None = None
    matrix: Published | None = None
    passing: Sequence[int] = ()
    steps: list[EscalationStep] = field(default_factory=list)


def carry_out(ascents: Sequence[Ascent], *, at: datetime) -> None:
    """Tell every ascent's levels, in the caller's transaction, which holds the tickets.

    Where a level has nobody to tell, the next one is, and an alarm sounds. Side effects: the cases and their steps, one history event for
    each, the events that make the notices.
    """
    if not ascents:
        return
    numbers = _last_numbers(ascents)
    finder = Finder(at)
    for ascent in ascents:
        case = ascent.case = ascent.case or _begun(ascent, at)
        _climb(ascent, finder, at, numbers.get(case.pk, 0))
    insert_each([case for case in map(_case, ascents) if case.pk is None])
    update_each([case for case in map(_case, ascents) if case.pk in numbers], ["state", "level", "next_at", "ended_at"])
    insert_each([_owned(step, ascent) for ascent in ascents for step in ascent.steps])
    _write_down(ascents, at)


def clock_of(ticket: Ticket) -> Schedule:
    """The time in which a level's minutes run: the desk's window for the ticket (guide 3.1)."""
    windows = targets.windows_of(ticket)
    return windows.continuous if is_continuous(ticket.kind, ticket.service_line) else windows.desk


def snapshot(matrix: Published) -> list[dict[str, Any]]:
    """The matrix as a case keeps it."""
    return [finding.kept(place) for place in matrix.places]


def _owned(step: EscalationStep, ascent: Ascent) -> EscalationStep:
    """With the key of its case, known since that was stored."""
    step.escalation_id = _case(ascent).pk
    return step


def _case(ascent: Ascent) -> Escalation:
    assert ascent.case is not None
    return ascent.case


def _begun(ascent: Ascent, at: datetime) -> Escalation:
    assert ascent.matrix is not None
    return Escalation(
        ticket=ascent.ticket,
        kind=ascent.matrix.kind,
        matrix_id=ascent.matrix.matrix_id,
        levels=snapshot(ascent.matrix),
        started_at=at,
    )


def _last_numbers(ascents: Sequence[Ascent]) -> dict[int, int]:
    """How many steps each case has that began before."""
    known = [ascent.case.pk for ascent in ascents if ascent.case is not None]
    numbers = dict.fromkeys(known, 0)
    rows = EscalationStep.objects.filter(escalation__in=known).values_list("escalation_id", "number") if known else ()
    for case_id, number in rows:
        numbers[case_id] = max(number, numbers[case_id])
    return numbers


def _climb(ascent: Ascent, finder: Finder, at: datetime, number: int) -> None:
    """Make the steps: those passed, the level itself, and those above it while nobody could be told."""
    case = _case(ascent)
    cause = ascent.cause
    told = finding.climb(case.levels, ascent.level, lambda row: finder.whom(row["contact"]), passing=ascent.passing)
    for row, reach in told:
        number += 1
        ascent.steps.append(_step(ascent, row, number, reach, cause, at))
        case.level = row["level"]
        if row["level"] >= ascent.level:
            cause = Cause.UNREACHABLE
    last = ascent.steps[-1]
    case.state, case.ended_at, case.next_at = EscalationState.NOTIFIED, None, last.acknowledge_by


def _step(
    ascent: Ascent, row: finding.Row, number: int, reach: Reach | None, cause: Cause, at: datetime
) -> EscalationStep:
    clock = clock_of(ascent.ticket)
    return EscalationStep(
        escalation=_case(ascent),
        number=number,
        level=row["level"],
        role=row["role"],
        contact=reach.contact if reach else None,
        name=reach.contact.name if reach else "",
        email=reach.contact.email if reach else "",
        instead_of=reach.instead_of if reach else "",
        cause=cause,
        reason=ascent.reason,
        by=ascent.by,
        notified_at=at,
        acknowledge_by=clock.add(at, timedelta(minutes=row["acknowledge_minutes"])),
        answer_by=clock.add(at, timedelta(minutes=row["answer_minutes"])),
    )


def _write_down(ascents: Sequence[Ascent], at: datetime) -> None:
    """History and notices. A level without anybody is the desk's to know, unless it is the last word: then everybody reads of it."""
    by_actor: dict[int, tuple[User, list[EscalationStep], list[history.Fact]]] = {}
    for ascent in ascents:
        _, steps, facts = by_actor.setdefault(ascent.by.pk, (ascent.by, [], []))
        for step in ascent.steps:
            steps.append(step)
            facts.append(_fact(ascent, step))
            if step.contact is None:
                _sound(ascent.ticket, step, at)
    for actor, steps, facts in by_actor.values():
        entries = history.note(facts, by=actor, at=at)
        owed = [
            LevelNotified(ticket_id=entry.ticket_id, entry_id=entry.pk, step_id=step.pk)
            for step, entry in zip(steps, entries, strict=True)
            if step.contact is not None or _is_last_word(step)
        ]
        events.publish_all(owed)


def _fact(ascent: Ascent, step: EscalationStep) -> history.Fact:
    data = {
        "matrix": _case(ascent).kind,
        "level": step.level,
        "role": step.role,
        "name": step.name,
        "instead_of": step.instead_of,
        "cause": step.cause,
        "reason": step.reason,
        "acknowledge_by": step.acknowledge_by,
        "answer_by": step.answer_by,
    }
    told = step.contact is not None
    kind = "escalate" if told else "escalation_unreachable"
    return history.Fact(ticket=ascent.ticket, kind=kind, data=data, is_public=told)


def _is_last_word(step: EscalationStep) -> bool:
    """Nobody above could be told either."""
    return bool(step.level == max(row["level"] for row in step.escalation.levels))


def _sound(ticket: Ticket, step: EscalationStep, at: datetime) -> None:
    text = f"{ticket.number}: el nivel {step.level} de escalamiento ({step.role}) no tiene a quién avisar. "
    text += "No queda nadie por encima: atiéndalo usted." if _is_last_word(step) else "Se avisó al nivel siguiente."
    key = f"{ALARM}:{ticket.pk}:{step.escalation.kind}:{step.level}"
    alarms.sound(ALARM, key, f"{text} Revise la matriz y las ausencias.", subject=ticket.number, at=at)
