"""Solving and what the customer says of it: solve, accept, refuse, and the close that nobody answered (guide 3.5, 3.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from accounts.models import SupportGroup, User
from accounts.services import system_actor
from core import clock
from core.errors import InvalidInput
from customers import terms as terms_of
from tickets.events import SolutionRefused, TicketClosed, TicketSolved, ValidationReminded
from tickets.models import Message, Ticket
from tickets.services import door, inputs
from tickets.vocabulary import Channel, ClosingCode, SolutionType, State, Visibility


def solve(
    ticket: Ticket,
    *,
    by: User,
    solution_type: str,
    solution: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Solucionado, documented, with its type (guide 3.5.1). The user has the contract's time to validate, 72 hours by the guide (3.6).

    The solution itself meets whatever clock was still running.
    """
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "solve", by)
        if solution_type not in SolutionType.values:
            raise InvalidInput(
                {"solution_type": f"Elija el tipo de solución: {', '.join(SolutionType.labels)}."},
                code="invalid_choice",
            )
        row.solution = inputs.text(solution, "solution", "la solución: qué se hizo y cómo comprobarlo")
        row.solution_type = solution_type
        uploads = inputs.files(files)
        said = Message.objects.create(
            ticket=row, author=by, visibility=Visibility.PUBLIC, channel=Channel.WEB, body=row.solution, created_at=at
        )
        inputs.keep(uploads, row, by=by, at=at, message=said)
        row.solved_at = at
        row.reacted_at, row.attended_at = row.reacted_at or at, row.attended_at or at
        row.validation_due_at, row.validation_reminded_at = (
            at + terms_of.validation_period(row.terms, row.created_at),
            None,
        )
        saved = [
            "solution",
            "solution_type",
            "solved_at",
            "reacted_at",
            "attended_at",
            "validation_due_at",
            "validation_reminded_at",
        ]
        data = {"message": said.pk, "solution_type": solution_type, "validation_due_at": row.validation_due_at}
        door.move(row, "solve", by=by, at=at, event=TicketSolved, saved=saved, data=data)
        return row


def accept(
    ticket: Ticket, *, by: User, note: str = "", version: int | None = None, at: datetime | None = None
) -> Ticket:
    """Cerrado (aprobado por el cliente). An agent who records it says in `note` how the user told them."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "accept", by)
        note = inputs.text(
            note, "note", "cómo confirmó el usuario (quién, cuándo, por qué medio)", required=by.is_desk, longest=2000
        )
        _close(row, ClosingCode.APPROVED, at)
        door.move(
            row,
            "accept",
            by=by,
            at=at,
            event=TicketClosed,
            saved=ENDED,
            data={"note": note, "closing_code": row.closing_code},
        )
        return row


def refuse(
    ticket: Ticket,
    *,
    by: User,
    reason: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """The solution did not do: back to Asignado, for review one level up (guide 3.6).

    From the desk it goes to the second-level group of its catalogue item, when there is one; the second level reviews its own.
    """
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "refuse", by)
        reason = inputs.text(reason, "reason", "qué sigue fallando", longest=5000)
        uploads = inputs.files(files)
        author = by if by.is_customer else row.requester
        said = Message.objects.create(
            ticket=row, author=author, visibility=Visibility.PUBLIC, channel=Channel.WEB, body=reason, created_at=at
        )
        inputs.keep(uploads, row, by=by, at=at, message=said)
        review = review_group(row)
        data: dict[str, Any] = {
            "message": said.pk,
            "reason": reason,
            "group": review and review.name,
            "level": review_level(row),
        }
        row.group = review
        row.assignee = row.started_at = row.solved_at = row.validation_due_at = row.validation_reminded_at = None
        row.solution_type = row.solution = ""
        saved = [
            "group",
            "assignee",
            "started_at",
            "solved_at",
            "validation_due_at",
            "validation_reminded_at",
            "solution_type",
            "solution",
        ]
        door.move(row, "refuse", by=by, at=at, event=SolutionRefused, saved=saved, data=data)
        return row


def review_group(ticket: Ticket) -> SupportGroup | None:
    """Who reviews a refused solution: the experts of its catalogue item when only the desk had it, else the same group."""
    item = ticket.catalog_item
    if ticket.support_level == SupportGroup.Level.FIRST and item is not None and item.default_group is not None:
        return item.default_group
    return ticket.group


def review_level(ticket: Ticket) -> int:
    """One level above the one that solved it; the second is the last that works on tickets (guide 3.5, 3.6)."""
    return min(ticket.support_level + 1, SupportGroup.Level.SECOND)


def remind(ticket: Ticket, *, at: datetime | None = None) -> bool:
    """Note that the reminder of the validation goes out; False when it was sent, answered or closed meanwhile."""
    at = at or clock.now()
    with door.locked(ticket) as row:
        if row.state != State.SOLVED or row.validation_reminded_at is not None or row.validation_due_at is None:
            return False
        row.validation_reminded_at = at
        data = {"validation_due_at": row.validation_due_at}
        door.commit(
            row,
            "remind",
            by=system_actor(),
            at=at,
            event=ValidationReminded,
            saved=["validation_reminded_at"],
            data=data,
        )
        return True


def auto_close(ticket: Ticket, *, at: datetime | None = None) -> bool:
    """Cerrado (sin validación del usuario) once the time to validate has passed (guide 3.6, 3.6.1); False when it had not, or was answered."""
    at = at or clock.now()
    with door.locked(ticket) as row:
        if row.state != State.SOLVED or row.validation_due_at is None or at <= row.validation_due_at:
            return False
        by = system_actor()
        door.require(row, "auto_close", by)
        _close(row, ClosingCode.UNVALIDATED, at)
        data = {"closing_code": row.closing_code, "validation_due_at": row.validation_due_at}
        door.move(row, "auto_close", by=by, at=at, event=TicketClosed, saved=ENDED, data=data)
        return True


ENDED = ["closed_at", "closing_code", "validation_due_at"]


def _close(row: Ticket, code: ClosingCode, at: datetime) -> None:
    row.closed_at, row.closing_code = at, code
