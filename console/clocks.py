"""Clocks as the console's pages take them, in the desk's words and the viewer's zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import words
from core.errors import DomainError
from customers import terms as terms_of
from customers.models import ValidUser
from sla import presentation, queries
from sla import preview as sla_preview
from sla.commitment_presentation import promise_view
from sla.vocabulary import ClockKind
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.services import classification
from tickets.vocabulary import Impact, Kind, ServiceLine, State, Urgency


def with_clocks(tickets: TicketQuerySet) -> TicketQuerySet:
    """One query more, whatever the rows."""
    rows: TicketQuerySet = queries.prefetch_clocks(tickets)
    return rows


def nearest(ticket: Ticket, viewer: User, *, now: datetime) -> dict[str, Any] | None:
    """The props of `due` for a row of a list; None when nothing runs."""
    zone = ZoneInfo(viewer.time_zone)
    if ticket.state == State.SOLVED:
        return _validation(ticket, zone, now)
    if ticket.is_terminal:
        return None
    found: dict[str, Any] | None = presentation.due_props(ticket, at=now, zone=zone, desk=True)
    return found


def _validation(ticket: Ticket, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """When it closes by itself (guide 3.6); nothing does once the user has answered."""
    if ticket.validation_due_at is None:
        return {"status": "paused", "words": "no se cierra solo", "when": "el usuario contestó: dele seguimiento"}
    due = words.due(ticket.validation_due_at, zone=zone, now=now)
    return {
        "status": "met",
        "words": due.words.replace("vence", "se cierra solo", 1),
        "when": due.when,
        "icon": "clock",
    }


def of(ticket: Ticket, viewer: User, *, now: datetime) -> list[Any]:
    """Every clock of the ticket, with its ledger."""
    views: list[Any] = presentation.clock_views(ticket, at=now, zone=ZoneInfo(viewer.time_zone), desk=True)
    return views


def promise(ticket: Ticket, viewer: User, *, now: datetime) -> dict[str, Any] | None:
    """The promised solution as `clock` and `promise`; None when no date was given."""
    found: dict[str, Any] | None = promise_view(ticket, at=now, zone=ZoneInfo(viewer.time_zone))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The priority and the deadlines that a report would have if it were registered now."""

    priority: str
    lines: Sequence[Line]


def reclassified(ticket: Ticket, values: Mapping[str, Any], viewer: User, *, now: datetime) -> Preview | None:
    """The priority and the open clocks that the ticket would have if it were classified so; None while a choice is not known."""
    given = {name: str(values.get(name) or "") for name in KNOWN}
    if any(given[name] not in KNOWN[name].values for name in KNOWN):
        return None
    priority = classification.priority_for(
        ticket.terms, impact=given["impact"], urgency=given["urgency"], at=ticket.created_at
    )
    due = sla_preview.reclassified(ticket, kind=given["kind"], service_line=given["service_line"], priority=priority)
    zone = ZoneInfo(viewer.time_zone)
    lines = []
    for kind, ends in sorted(due.items()):
        told = words.due(ends, zone=zone, now=now) if ends else words.paused()
        lines.append(Line(str(ClockKind(kind).label), told.words, told.when))
    return Preview(priority, lines or [Line("Relojes", "ya se cumplieron", "Reclasificar no los cambia.")])


KNOWN: Mapping[str, Any] = {"kind": Kind, "service_line": ServiceLine, "impact": Impact, "urgency": Urgency}


def preview(who: ValidUser, values: Mapping[str, Any], viewer: User, *, now: datetime) -> Preview | None:
    """None until what is typed decides a priority, or when the person has no standing."""
    given = {name: str(values.get(name) or "") for name in KNOWN}
    if any(given[name] not in KNOWN[name].values for name in KNOWN):
        return None
    try:
        standing = terms_of.standing_of(who.user_id, now)
        priority = classification.priority_for(standing.terms, impact=given["impact"], urgency=given["urgency"], at=now)
        due = sla_preview.deadlines(
            standing.terms,
            zone=who.company.time_zone,
            kind=given["kind"],
            service_line=given["service_line"],
            priority=priority,
            at=now,
        )
    except DomainError:
        return None
    zone = ZoneInfo(viewer.time_zone)
    ends = due["attention"]
    attention = words.due(ends, zone=zone, now=now) if ends else None
    lines = [Line("Reacción", "se cumple al registrarlo", "Queda en «Abierto».")]
    if attention is not None:
        lines.append(Line("Atención", attention.words, attention.when))
    return Preview(priority, lines)
