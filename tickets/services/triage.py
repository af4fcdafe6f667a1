"""The desk's first steps: open, assign, take, reclassify, reject (guide 2.1, 3.4.1, 3.4.3, 3.5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import SupportGroup, User
from core import clock
from core.errors import InvalidInput, Refused
from core.text import fold
from tickets import policy
from tickets.events import TicketAssigned, TicketOpened, TicketReclassified, TicketRejected, TicketTaken
from tickets.models import Ticket
from tickets.services import classification, door, inputs
from tickets.vocabulary import ClosingCode, Impact, Kind, ServiceLine, Urgency


def open(ticket: Ticket, *, by: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Nuevo -> Abierto: tells the user that the ticket exists and is ready to be attended, which meets the reaction (guide 3.4.2)."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "open", by)
        row.reacted_at = row.reacted_at or at
        door.move(row, "open", by=by, at=at, event=TicketOpened, saved=["reacted_at"])
        return row


def assign(
    ticket: Ticket,
    *,
    by: User,
    group: SupportGroup,
    assignee: User | None = None,
    reason: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """To a support group, with or without a person. A reason is needed when it already had one. Whoever gets it has yet to start it."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "assign", by)
        if not (verdict := policy.can_assign_to(by, row, group)):
            raise Refused(verdict.reason, field="group")
        if not group.is_active:
            raise InvalidInput({"group": f"El grupo «{group}» ya no está activo."})
        if assignee is not None and not (assignee.is_active and group.members.filter(pk=assignee.pk).exists()):
            raise InvalidInput({"assignee": f"«{assignee}» no es integrante de {group}."}, code="not_member")
        reason = inputs.text(
            reason, "reason", "por qué cambia de grupo", required=row.group_id is not None, longest=2000
        )
        data = {
            "group": group.name,
            "level": group.level,
            "assignee": assignee and assignee.full_name,
            "reason": reason,
        }
        data["previous_group"] = row.group.name if row.group else None
        row.group, row.assignee, row.started_at = group, assignee, None
        door.move(
            row, "assign", by=by, at=at, event=TicketAssigned, saved=["group", "assignee", "started_at"], data=data
        )
        return row


def take(ticket: Ticket, *, by: User, version: int | None = None, at: datetime | None = None) -> Ticket:
    """A member of the assigned group makes the ticket theirs; its state does not change."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "take", by)
        data = {"previous": row.assignee and row.assignee.full_name, "assignee": by.full_name}
        row.assignee = by
        door.commit(row, "take", by=by, at=at, event=TicketTaken, saved=["assignee"], data=data)
        return row


CLASSIFICATION: Mapping[str, Any] = {"kind": Kind, "service_line": ServiceLine, "impact": Impact, "urgency": Urgency}


def reclassify(
    ticket: Ticket,
    *,
    by: User,
    reason: str,
    changes: Mapping[str, Any],
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Change any of kind, service_line, impact, urgency, title, is_major, with a reason. The priority follows; open clocks are
    recomputed from the ticket's creation (app sla)."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "reclassify", by)
        reason = inputs.text(reason, "reason", "por qué lo reclasifica", longest=2000)
        clean = _checked(changes)
        data: dict[str, Any] = {"reason": reason, "changes": {}}
        for field, value in clean.items():
            if getattr(row, field) != value:
                data["changes"][field] = [getattr(row, field), value]
                setattr(row, field, value)
        if not data["changes"]:
            raise InvalidInput({"reason": "No cambió nada de la clasificación."}, code="unchanged")
        before = row.priority
        row.priority = classification.priority_for(row.terms, impact=row.impact, urgency=row.urgency, at=row.created_at)
        row.precedence = row.derive_precedence()
        if row.priority != before:
            data["changes"]["priority"] = [before, row.priority]
        row.folded_title = fold(row.title)[:400]
        saved = [*clean, "folded_title", "priority", "precedence"]
        door.commit(row, "reclassify", by=by, at=at, event=TicketReclassified, saved=saved, data=data)
        return row


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for field, value in changes.items():
        if field in CLASSIFICATION:
            if value not in CLASSIFICATION[field].values:
                errors[field] = f"Elija una opción: {', '.join(CLASSIFICATION[field].labels)}."
            clean[field] = value
        elif field == "title":
            try:
                clean[field] = inputs.line(str(value), "title", "un título")
            except InvalidInput as error:
                errors |= error.errors
        elif field == "is_major":
            clean[field] = bool(value)
        else:
            errors[field] = "No es parte de la clasificación."
    if errors:
        raise InvalidInput(errors)
    return clean


def reject(ticket: Ticket, *, by: User, reason: str, version: int | None = None, at: datetime | None = None) -> Ticket:
    """Rechazado (inválido): it does not meet what a ticket needs. The customer reads the reason."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "reject", by)
        reason = inputs.text(reason, "reason", "por qué se rechaza", longest=2000)
        row.closed_at, row.closing_code = at, ClosingCode.INVALID
        row.reacted_at = row.reacted_at or at
        saved = ["closed_at", "closing_code", "reacted_at"]
        door.move(row, "reject", by=by, at=at, event=TicketRejected, saved=saved, data={"reason": reason})
        return row
