"""What is done with an action once it is open: planned, done with evidence, verified by another person (docs/decisions/0013)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.files.base import File

from accounts import trail
from accounts.models import User
from core import clock, events
from core.errors import IllegalTransition, InvalidInput, NotVisible, Refused
from improvements import days, moments, people, policy, rules
from improvements.events import (
    ActionClosed,
    ActionFact,
    ActionFailed,
    ActionImplemented,
    ActionReassigned,
)
from improvements.models import CorrectiveAction, Evidence
from improvements.services.register import date_error, settle_alarms
from improvements.vocabulary import ActionState
from tickets.services import inputs

NOTICES = ["next_at", "told_level"]


def plan(
    action: CorrectiveAction,
    *,
    by: User,
    cause: str,
    plan: str,
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """Why it happened and what will be done; said again, it replaces what was said. Starts an open action.

    As every function here: raises NotVisible, StaleVersion, IllegalTransition, Refused and InvalidInput, and returns the saved row.
    """
    at = at or clock.now()
    with _held(action, "plan", by, version) as row:
        typed = _all_of(
            lambda: {"cause": inputs.text(cause, "cause", "la causa")},
            lambda: {"plan": inputs.text(plan, "plan", "qué se hará")},
        )
        row.cause, row.plan = typed["cause"], typed["plan"]
        before = row.state
        if before == ActionState.OPEN:
            row.start()
        moved = before if row.state != before else None
        trail.commit(row, "planned", by=by, at=at, saved=["cause", "plan"], data=typed, before=moved)
        return row


def implement(
    action: CorrectiveAction,
    *,
    by: User,
    evidence: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """It was done, and this shows it. Its effect is verified by somebody else, the rule's days from now."""
    at = at or clock.now()
    with _held(action, "implement", by, version) as row:
        typed = _all_of(
            lambda: {"evidence": inputs.text(evidence, "evidence", "qué muestra que se hizo")},
            lambda: {"files": inputs.files(files)},
        )
        before = row.state
        row.implement()
        row.evidence = typed["evidence"]
        row.implemented_at, row.implemented_by = at, by
        row.verify_on = days.after(rules.of(row.origin).verify_days, at=at)
        saved = ["evidence", "implemented_at", "implemented_by", "verify_on"]
        kept = _keep(typed["files"], row, by=by, at=at)
        data = {"evidence": row.evidence, "files": kept, "verify_on": row.verify_on, "promised": row.due_on}
        _settle(row, ActionImplemented, "implemented", by=by, at=at, saved=saved, data=data, before=before)
        return row


def verify(
    action: CorrectiveAction,
    *,
    by: User,
    is_effective: bool,
    text: str,
    due_on: date | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """Whether it helped. If it did, it is closed; if not, it is its owner's again until `due_on` (the rule's days from now, without one)."""
    at = at or clock.now()
    with _held(action, "verify", by, version) as row:
        before, label = row.state, "qué efecto tuvo" if is_effective else "por qué no tuvo efecto"
        due = None if is_effective else due_on or days.after(rules.of(row.origin).days, at=at)
        typed = _all_of(
            lambda: {"text": inputs.text(text, "text", label)},
            lambda: {"due_on": _date(due, at)},
        )
        row.verification = typed["text"]
        if is_effective:
            row.verify()
            row.verified_at, row.verified_by, row.closed_at = at, by, at
            saved = ["verification", "verified_at", "verified_by", "closed_at"]
            _settle(
                row, ActionClosed, "verified", by=by, at=at, saved=saved, data={"text": row.verification}, before=before
            )
            return row
        row.fail()
        data = {"text": row.verification, "due_on": typed["due_on"], "evidence": row.evidence}
        row.due_on, row.implemented_at, row.implemented_by, row.verify_on = typed["due_on"], None, None, None
        saved = ["verification", "due_on", "implemented_at", "implemented_by", "verify_on"]
        _settle(row, ActionFailed, "failed", by=by, at=at, saved=saved, data=data, before=before)
        return row


def reassign(
    action: CorrectiveAction,
    *,
    by: User,
    owner: User,
    reason: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """It is somebody else's: an active person of the desk from whom it is not kept."""
    at = at or clock.now()
    with _held(action, "reassign", by, version) as row:
        said = inputs.text(reason, "reason", "por qué cambia de responsable", required=False, longest=2000)
        if not people.can_own(owner) or row.kept_from.filter(pk=owner.pk).exists():
            raise InvalidInput({"owner": "Elija una persona activa de la Mesa de Servicio que pueda ver la acción."})
        if owner.pk == row.owner_id:
            raise InvalidInput({"owner": f"{owner.full_name} ya es responsable de la acción."}, code="same")
        data = {"from": row.owner.full_name, "owner": owner.full_name, "reason": said}
        row.owner = owner
        settle_alarms(row, at=at, by=by)
        entry = trail.commit(row, "reassigned", by=by, at=at, saved=["owner"], data=data)
        events.publish(ActionReassigned(action_id=row.pk, entry_id=entry.pk))
        return row


def postpone(
    action: CorrectiveAction,
    *,
    by: User,
    due_on: date,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """Another date, with its reason. What was told of the delay so far begins again."""
    at = at or clock.now()
    with _held(action, "postpone", by, version) as row:
        typed = _all_of(
            lambda: {"due_on": _date(due_on, at)},
            lambda: {"reason": inputs.text(reason, "reason", "por qué cambia la fecha", longest=2000)},
        )
        data = {"from": row.due_on, **typed}
        row.due_on, row.told_level = typed["due_on"], 0
        row.next_at = moments.next_moment(row, at=at)
        trail.commit(row, "postponed", by=by, at=at, saved=["due_on", *NOTICES], data=data)
        return row


def cancel(
    action: CorrectiveAction, *, by: User, reason: str, version: int | None = None, at: datetime | None = None
) -> CorrectiveAction:
    """It does not apply, or another one covers it."""
    at = at or clock.now()
    with _held(action, "cancel", by, version) as row:
        said = inputs.text(reason, "reason", "por qué se cancela", longest=2000)
        before = row.state
        row.cancel()
        row.closed_at = at
        _settle(row, None, "cancelled", by=by, at=at, saved=["closed_at"], data={"reason": said}, before=before)
        return row


def comment(
    action: CorrectiveAction,
    *,
    by: User,
    text: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> CorrectiveAction:
    """A remark in the history, for the desk alone, with files that show something."""
    at = at or clock.now()
    with _held(action, "comment", by, version) as row:
        typed = _all_of(
            lambda: {"text": inputs.text(text, "text", "el comentario", longest=10_000)},
            lambda: {"files": inputs.files(files)},
        )
        kept = _keep(typed["files"], row, by=by, at=at)
        trail.commit(row, "commented", by=by, at=at, data={"text": typed["text"], "files": kept})
        return row


def summarise(
    action: CorrectiveAction, *, by: User, summary: str, version: int | None = None, at: datetime | None = None
) -> CorrectiveAction:
    """What the company's representatives read of it; empty, they see nothing of the action."""
    at = at or clock.now()
    with _held(action, "summarise", by, version) as row:
        row.summary = inputs.text(summary, "summary", "lo que lee el cliente", required=False, longest=4000)
        trail.commit(row, "summarised", by=by, at=at, saved=["summary"], data={"text": row.summary})
        return row


@contextmanager
def _held(action: CorrectiveAction, name: str, by: User, version: int | None) -> Iterator[CorrectiveAction]:
    """The row locked, once it is sure that the actor may do `name` to it."""
    with trail.locked(action, version=version) as row:
        require(row, name, by)
        yield row


def require(row: CorrectiveAction, name: str, by: User) -> None:
    """Raise unless `by` may do `name` to the row now: NotVisible, IllegalTransition or Refused, each with its reason."""
    if not (seen := policy.can_see(by, row)) or by.is_customer:
        raise NotVisible(seen.reason or "La acción no existe.")
    if not (legal := policy.admits(name, row)):
        raise IllegalTransition(legal.reason, allowed=policy.available(by, row))
    if not (verdict := policy.RULES[name](by, row)):
        raise Refused(verdict.reason)


def _settle(
    row: CorrectiveAction,
    event: type[ActionFact] | None,
    kind: str,
    *,
    by: User,
    at: datetime,
    saved: Sequence[str],
    data: dict[str, Any],
    before: str,
) -> None:
    """A change of state: what was told so far is over, what comes next is reckoned anew, and it is made known."""
    row.told_level = 0
    row.next_at = moments.next_moment(row, at=at)
    settle_alarms(row, at=at, by=by)
    entry = trail.commit(row, kind, by=by, at=at, saved=[*saved, *NOTICES], data=data, before=before)
    if event is not None:
        events.publish(event(action_id=row.pk, entry_id=entry.pk))


def _date(day: date | None, at: datetime) -> date | None:
    if day is not None and (wrong := date_error(day, at=at)):
        raise InvalidInput({"due_on": wrong}, code="invalid_date")
    return day


def _keep(uploads: Sequence[File], row: CorrectiveAction, *, by: User, at: datetime) -> list[str]:
    """Store the files, and tell their names for the history."""
    kept = inputs.store(uploads, lambda **values: Evidence(row=row, **values), by=by, at=at)
    return [file.name for file in kept]


def _all_of(*readers: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What each reads; all of their errors at once."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for read in readers:
        try:
            found |= read()
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return found
