"""Messages about corrective actions: to who owns one, who verifies it, who must know that it is late, and the customer (guide 3.13, 3.14).

Each function is a reaction to one event, safe to repeat. Whoever did it is not told, nor is anybody from whom the action is kept. They wait
for each person's hours, unless the delay has reached the managers.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from accounts.models import User
from accounts.roles import Role
from channels import about, outbox, wanted
from channels.messages import facts
from core import words
from core.events import Event
from customers.models import ValidUser
from improvements import moments, people
from improvements.events import ActionFact
from improvements.models import ActionEntry, CorrectiveAction
from improvements.vocabulary import PENDING, ActionState

FOR_CUSTOMERS = "Mejora para su compañía"
URGENT = 2
"""From this level on a delay reaches people at any hour."""


def opened(event: ActionFact) -> None:
    """To its owner."""
    action, entry = _read(event)
    _post(event, "action_opened", action, entry, [action.owner], only_if=wanted.action(action, "owed"))


def reassigned(event: ActionFact) -> None:
    """To its new owner."""
    action, entry = _read(event)
    _post(event, "action_reassigned", action, entry, [action.owner], only_if=wanted.action(action, "owed"))


def reminded(event: ActionFact) -> None:
    """Its date is near: its owner, or the supervisors while it has none. Its effect is to be verified: those who may, and each level."""
    action, entry = _read(event)
    if entry.kind == "reminded" and action.state in PENDING:
        to = [action.owner, *_levels(action, entry)]
        _post(event, "action_reminder", action, entry, to, only_if=wanted.action(action, "pending"))
    elif entry.kind == "verification_due" and action.state == ActionState.IMPLEMENTED:
        involved = {action.owner_id, action.implemented_by_id}
        to = [person for person in _levels(action, entry) if person.pk not in involved] or people.verifiers(action)
        _post(event, "action_verify", action, entry, to, only_if=wanted.action(action, "done"))


def overdue(event: ActionFact) -> None:
    """Its date passed: its owner, and the level that the delay reached, each in words of their own."""
    action, entry = _read(event)
    if action.state in PENDING:
        patient = max(entry.data.get("levels") or [0]) < URGENT
        only_if = wanted.action(action, "pending")
        others = [person for person in _levels(action, entry) if person != action.owner]
        for to, is_owner in ([action.owner], True), (others, False):
            _post(event, "action_overdue", action, entry, to, only_if=only_if, patient=patient, is_owner=is_owner)


def implemented(event: ActionFact) -> None:
    """To who verifies its effect."""
    action, entry = _read(event)
    to = people.verifiers(action)
    _post(event, "action_implemented", action, entry, to, only_if=wanted.action(action, "done"))


def failed(event: ActionFact) -> None:
    """It had no effect: its owner has it again, with another date."""
    action, entry = _read(event)
    _post(event, "action_failed", action, entry, [action.owner], only_if=wanted.action(action, "owed"))


def closed(event: ActionFact) -> None:
    """To its owner; and to the company's representatives, where something is written for them."""
    action, entry = _read(event)
    _post(event, "action_closed", action, entry, [action.owner], only_if=wanted.action(action, "seen"))
    if action.summary and action.company_id is not None:
        rows = ValidUser.objects.filter(company=action.company_id, user__role=Role.REPRESENTATIVE)
        to = [row.user for row in rows.select_related("user")]
        context = {"summary": action.summary, "due_on": _day(action.due_on)}
        only_if = wanted.action(action, "seen")
        # Its own title is the desk's: what the customer reads is the summary alone.
        told = replace(about.action(action), title=FOR_CUSTOMERS)
        outbox.post(event, "action_done", to=to, about=told, context=context, patient=True, only_if=only_if)


def _read(event: ActionFact) -> tuple[CorrectiveAction, ActionEntry]:
    action = CorrectiveAction.objects.select_related("owner", "company").get(pk=event.action_id)
    return action, ActionEntry.objects.select_related("actor").get(pk=event.entry_id, row=action)


def _levels(action: CorrectiveAction, entry: ActionEntry) -> list[User]:
    return [person for level in entry.data.get("levels") or () for person in people.at_level(level, action)]


def _post(
    event: Event,
    kind: str,
    action: CorrectiveAction,
    entry: ActionEntry,
    to: Iterable[User],
    *,
    only_if: str,
    patient: bool = True,
    **context: Any,
) -> None:
    """Only the desk's own people: what is for customers is `action_done` alone."""
    outbox.post(
        event,
        kind,
        to=[person for person in to if person.is_desk],
        about=about.action(action),
        context={**_context(action, entry), **context},
        but=entry.actor,
        patient=patient,
        only_if=only_if,
    )


def _context(action: CorrectiveAction, entry: ActionEntry) -> dict[str, Any]:
    """Values only, as they were when it happened."""
    data = entry.data
    levels = data.get("levels") or []
    return {
        "kind": action.get_kind_display(),
        "origin": action.get_origin_display(),
        "company": action.company.name if action.company else "",
        "problem": action.problem,
        "cause": action.cause,
        "plan": action.plan,
        "owner": facts.speaker(action.owner),
        "author": facts.speaker(entry.actor),
        "by_itself": entry.actor.role == Role.SYSTEM,
        "due_on": _day(_stored(data, "due_on") or action.due_on),
        "verify_on": _day(_stored(data, "verify_on") or action.verify_on),
        "evidence": data.get("evidence") or "",
        "files": data.get("files") or [],
        "text": data.get("text") or "",
        "reason": data.get("reason") or "",
        "previous": data.get("from") or "",
        "label": data.get("label") or "",
        "is_orphan": not people.can_own(action.owner),
        "climbs": max(levels, default=0) < moments.TOP,
        "levels": " y ".join(people.LEVEL_WORDS[level] for level in levels),
    }


def _stored(data: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(data[name]) if data.get(name) else None


def _day(on: date | None) -> str:
    """«viernes 13 de marzo de 2026»."""
    return words.long_date(on, year=True) if on else ""
