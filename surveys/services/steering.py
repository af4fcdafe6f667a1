"""Where a complaint or suggestion goes, whom it is kept from, and the action that answers to it (guide 2.2, 3.13.1)."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import alarms, clock
from core.errors import InvalidInput
from improvements.models import CorrectiveAction
from improvements.services import register
from improvements.vocabulary import LIVE, ActionKind, Origin
from surveys import people as people_of
from surveys import routing, steps
from surveys.events import VoiceReceived
from surveys.models import Voice
from surveys.services import door, hearing, telling
from surveys.vocabulary import PENDING, StepCause
from tickets.services import inputs


def reroute(
    voice: Voice,
    *,
    by: User,
    direction: str,
    area: str,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """It belongs to another area: its way up begins again there, by the matrix in force now.

    Raises InvalidInput for an area that is not in the matrix or is the present one, and without a reason.
    """
    at = at or clock.now()
    with door.opened(voice, "reroute", by=by, version=version) as row:
        said = inputs.text(reason, "reason", "por qué se turna a otra área", longest=2000)
        was = {"direction": row.direction, "area": row.area}
        new_direction, new_area, levels = hearing.place(direction, area, at)
        if not levels:
            raise InvalidInput({"area": "No hay matriz de quejas en vigor: publíquela primero."}, code="no_matrix")
        if (new_direction, new_area) == (row.direction, row.area) and row.levels:
            raise InvalidInput({"area": "Ya está en esa área. Elija otra."}, code="same_area")
        published = routing.matrix(at)
        row.direction, row.area, row.levels = new_direction, new_area, levels
        row.matrix_id = published.matrix_id if published else None
        telling.settle(row, at=at, by=by.full_name)
        trail.commit(
            row,
            "reroute",
            by=by,
            at=at,
            saved=["direction", "area", "levels", "matrix"],
            data={**was, "to_direction": new_direction, "to_area": new_area, "reason": said},
        )
        start = min(level["level"] for level in levels)
        telling.tell(row, start=start, cause=StepCause.REROUTED, at=at, reason=said)
        return row


def point_at(
    voice: Voice,
    *,
    by: User,
    people: Iterable[User],
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """It is about exactly these `people` of the desk, and kept from them from now on, its actions too; nobody: from nobody any more.

    A present level that one of them holds is skipped at once. Raises InvalidInput for somebody who is not of the desk, and without a
    reason.
    """
    at = at or clock.now()
    with door.opened(voice, "point_at", by=by, version=version) as row:
        chosen = people_of.checked(people, by=by, ticket=row.ticket)
        said = inputs.text(reason, "reason", "el motivo", longest=2000)
        row.pointed_at.set(chosen)
        names = sorted(person.full_name for person in chosen)
        trail.commit(row, "point_at", by=by, at=at, data={"people": names, "reason": said}, is_public=False)
        _keep_actions_from(row, chosen, at)
        present = steps.last(row) if row.state in PENDING else None
        if present is not None and telling.is_pointed_at(present.contact, chosen):
            above = [level["level"] for level in row.levels if level["level"] > row.level]
            telling.tell(row, start=min(above, default=row.level), cause=StepCause.INVOLVED, at=at)
        return row


def open_action(
    voice: Voice,
    *,
    by: User,
    title: str = "",
    problem: str = "",
    owner: User | None = None,
    due_on: date | None = None,
    kind: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """The corrective action that answers to it, kept from those it points at; the one that does already is returned.

    Title and problem are its own subject and text where none are given. Raises InvalidInput as the register does.
    """
    at = at or clock.now()
    with door.opened(voice, "open_action", by=by, version=version) as row:
        origin = origin_of(row)
        known = CorrectiveAction.objects.of_source(origin, row.pk).first()
        if known is not None:
            return known
        action = register.open_for(
            origin,
            source_id=row.pk,
            label=row.number,
            title=title or row.subject,
            problem=problem or row.body,
            by=by,
            company=row.company,
            ticket=row.ticket,
            owner=owner,
            due_on=due_on,
            kind=kind or (ActionKind.CORRECTIVE if row.is_complaint else ActionKind.IMPROVEMENT),
            kept_from=row.pointed_at.all(),
            at=at,
        )
        trail.commit(row, "open_action", by=by, at=at, data={"action": action.number}, is_public=False)
        return action


def open_by_rule(event: VoiceReceived) -> None:
    """Open the action of one that was received, where its origin's rule says that it opens by itself. A reaction, safe to repeat."""
    voice = Voice.objects.get(pk=event.voice_id)
    if register.opens_itself(origin_of(voice)):
        open_action(voice, by=system_actor())


def origin_of(voice: Voice) -> Origin:
    return Origin.COMPLAINT if voice.is_complaint else Origin.SUGGESTION


def _keep_actions_from(row: Voice, people: list[User], at: datetime) -> None:
    """What answers to it is kept from them too. Only added to: an action may answer to something else that is kept from somebody."""
    for action in CorrectiveAction.objects.of_source(origin_of(row), row.pk):
        action.kept_from.add(*people)
        if action.state in LIVE and action.owner in people:
            text = f"{action.number}: su responsable ya no la ve. Asígnele otro."
            alarms.sound(register.ALARM, register.alarm_key(action, "owner"), text, subject=action.number, at=at)
