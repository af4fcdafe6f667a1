"""A ticket's clocks as the customer's pages show them, in the person's own time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import words
from sla import presentation
from sla.commitment_presentation import promise_view
from tickets.models import Ticket
from tickets.vocabulary import State

ORDER = {"reaction": 0, "attention": 1}


def of_ticket(ticket: Ticket, viewer: User, *, now: datetime) -> list[presentation.ClockView]:
    """Every clock of the ticket with its ledger, in the order in which they are met: reaction, attention."""
    views = presentation.clock_views(ticket, at=now, zone=ZoneInfo(viewer.time_zone))
    return sorted(views, key=lambda view: ORDER.get(view.kind, 0))


def promise(ticket: Ticket, viewer: User, *, now: datetime) -> dict[str, Any] | None:
    """The promised solution as `clock` and `promise`; None when no date was given."""
    return promise_view(ticket, at=now, zone=ZoneInfo(viewer.time_zone))


def nearest(ticket: Ticket, viewer: User, *, now: datetime) -> dict[str, Any]:
    """What a row of a list says under «Vence»: props of the component `due`, or only `text` when nothing runs any more."""
    zone = ZoneInfo(viewer.time_zone)
    if ticket.state == State.SOLVED:
        return validation(ticket, now=now, zone=zone)
    if ticket.is_terminal:
        return {"text": f"Duplicado de {ticket.duplicate_of.number}" if ticket.duplicate_of else ended(ticket)}
    return presentation.due_props(ticket, at=now, zone=zone) or {"text": "Atendido"}


def validation(ticket: Ticket, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """How long the customer has to validate; nothing closes by itself once they answered (guide 3.6)."""
    due = ticket.validation_due_at
    when = "espera su respuesta"
    if due and due > now:
        moment = words.dated_moment(due, zone=zone, now=now)
        when = f"antes de {moment}" if moment.startswith("hoy") else f"antes del {moment}"
    return {"status": "warning", "words": "valídelo", "when": when, "icon": "check-circle"}


def ended(ticket: Ticket) -> str:
    return str(ticket.get_closing_code_display())
