"""Endings without a solution: found invalid, or cancelled (guide 3.4.3, 3.6.1)."""

from datetime import datetime

from accounts.models import User
from core import clock
from core.errors import InvalidInput
from tickets.events import TicketCancelled, TicketClosed
from tickets.models import Ticket
from tickets.services import door, inputs
from tickets.vocabulary import CancelCause, ClosingCode


def close_as_invalid(
    ticket: Ticket, *, by: User, reason: str, version: int | None = None, at: datetime | None = None
) -> Ticket:
    """Cerrado (inválido): registered, but it does not meet the requirements. The customer reads the reason."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "close_as_invalid", by)
        reason = inputs.text(reason, "reason", "qué requisito no cumple", longest=2000)
        row.closed_at, row.closing_code = at, ClosingCode.INVALID
        data = {"reason": reason, "closing_code": row.closing_code}
        door.move(
            row, "close_as_invalid", by=by, at=at, event=TicketClosed, saved=["closed_at", "closing_code"], data=data
        )
        return row


def cancel(
    ticket: Ticket,
    *,
    by: User,
    cause: str = CancelCause.CUSTOMER_REQUEST,
    duplicate_of: Ticket | None = None,
    reason: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Cancelado: a duplicate of another ticket of the same company, or at the customer's request."""
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        door.require(row, "cancel", by)
        if cause not in CancelCause.values:
            raise InvalidInput({"cause": f"Elija la causa: {', '.join(CancelCause.labels)}."}, code="invalid_choice")
        if (cause == CancelCause.DUPLICATE) != (duplicate_of is not None):
            raise InvalidInput({"duplicate_of": "Indique de qué ticket es duplicado, sólo si lo es."}, code="required")
        if duplicate_of is not None and (duplicate_of.pk == row.pk or duplicate_of.company_id != row.company_id):
            raise InvalidInput({"duplicate_of": "Debe ser otro ticket de la misma compañía."})
        reason = inputs.text(reason, "reason", "por qué se cancela", longest=2000)
        row.duplicate_of, row.closed_at, row.closing_code = duplicate_of, at, ClosingCode.CANCELLED
        data = {"cause": cause, "duplicate_of": duplicate_of and duplicate_of.number, "reason": reason}
        door.move(
            row,
            "cancel",
            by=by,
            at=at,
            event=TicketCancelled,
            saved=["duplicate_of", "closed_at", "closing_code"],
            data=data,
        )
        return row
