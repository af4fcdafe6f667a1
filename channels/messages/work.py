"""Notices to the people who attend a ticket: its person, else its group, and the supervisors when something went wrong.

Each function is a reaction to one event, safe to repeat. Whoever did it is not told.
"""

from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Role
from channels import deadlines, outbox
from channels.messages import facts
from channels.messages.facts import Fact
from core import words
from core.events import Event
from sla.events import ClockBreached, ClockFact, ClockWarned, CommitmentBroken
from sla.models import Clock
from sla.vocabulary import Basis, ClockKind
from tickets.events import TicketFact
from tickets.models import Ticket
from tickets.vocabulary import UNSOLVED, Visibility

CALM = 75
"""Below this part of the target a warning is for whoever attends the ticket; from here on for the supervisors too."""


def assigned(event: TicketFact) -> None:
    """To the person it was given to, else to the whole group: somebody takes it."""
    fact = facts.read(event)
    data = fact.entry.data
    _tell(
        fact,
        "work_assigned",
        group=data.get("group", ""),
        assignee=data.get("assignee") or "",
        reason=data.get("reason", ""),
        description=fact.ticket.description,
        deadlines=deadlines.of(fact.ticket),
    )


def message(event: TicketFact) -> None:
    """What the customer said or attached; and, to the ticket's person only, a colleague's internal note."""
    fact = facts.read(event)
    is_note = fact.said is not None and fact.said.visibility == Visibility.INTERNAL
    if is_note:
        _tell(fact, "work_note", to=[fact.ticket.assignee])
    elif fact.author.is_customer:
        _tell(fact, "work_message")


def resumed(event: TicketFact) -> None:
    """The user answered what they were asked."""
    _tell(facts.read(event), "work_resumed")


def refused(event: TicketFact) -> None:
    """The solution was refused: to those who review it and to the supervisors (guide 3.6)."""
    fact = facts.read(event)
    data = fact.entry.data
    to = [*facts.party(fact.ticket), *supervisors()]
    _tell(fact, "work_refused", to=to, reason=data.get("reason", ""), group=data.get("group") or "")


def cancelled(event: TicketFact) -> None:
    """There is nothing left to do on it."""
    fact = facts.read(event)
    if fact.ticket.group_id is not None:
        _tell(fact, "work_cancelled", reason=fact.entry.data.get("reason", ""))


def warned(event: ClockWarned) -> None:
    _clock(event, "work_warned", percent=event.percent)


def breached(event: ClockBreached) -> None:
    _clock(event, "work_breached")


def commitment_broken(event: CommitmentBroken) -> None:
    """The promised date passed: to whoever attends the ticket and to the supervisors. `renewed` is the date that has replaced it."""
    ticket = Ticket.objects.select_related("company", "requester", "group", "assignee").get(pk=event.ticket_id)
    due_at = datetime.fromisoformat(event.due_at)
    is_open = ticket.state in UNSOLVED
    renewed = ticket.committed_for if is_open and ticket.committed_for != due_at else None
    to = [*facts.party(ticket), *supervisors()]
    context = {**_where(ticket), "due_at": due_at, "is_open": is_open, "renewed": renewed}
    _post(event, "work_commitment", to=to, ticket=ticket, context=context, but=None)


def supervisors() -> list[User]:
    return list(User.objects.filter(role=Role.SUPERVISOR, is_active=True))


def _tell(fact: Fact, kind: str, *, to: list[User | None] | list[User] | None = None, **context: Any) -> None:
    _post(
        fact.event,
        kind,
        to=facts.party(fact.ticket) if to is None else to,
        ticket=fact.ticket,
        but=fact.author,
        context={**fact.context, **context},
    )


def _clock(event: ClockFact, kind: str, **context: Any) -> None:
    """To whoever attends the ticket, and to the supervisors. Not when it was met or stopped before anybody could read it."""
    ticket = Ticket.objects.select_related("company", "requester", "group", "assignee").get(pk=event.ticket_id)
    clock = Clock.objects.get(ticket=ticket, kind=event.clock)
    if isinstance(event, ClockWarned) and not clock.is_open:
        return
    facts_of_clock = {
        "clock": ClockKind(event.clock).label.lower(),
        "due_at": datetime.fromisoformat(event.due_at),
        "target": words.span_words(clock.target_minutes, is_business=clock.clock == Basis.BUSINESS),
        "is_open": clock.is_open,
        **_where(ticket),
    }
    is_calm = isinstance(event, ClockWarned) and event.percent < CALM
    to = [*facts.party(ticket), *([] if is_calm else supervisors())]
    _post(event, kind, to=to, ticket=ticket, context={**facts_of_clock, **context}, but=None)


def _where(ticket: Ticket) -> dict[str, str]:
    """Whose the ticket is, and in whose hands."""
    return {
        "group": ticket.group.name if ticket.group else "Mesa de Servicio",
        "assignee": ticket.assignee.full_name if ticket.assignee else "",
        "state": ticket.get_state_display(),
        "company": ticket.company.name,
        "requester": ticket.requester.full_name,
        "priority": ticket.get_priority_display(),
    }


def _post(
    event: Event,
    kind: str,
    *,
    to: list[User | None] | list[User],
    ticket: Ticket,
    context: dict[str, Any],
    but: User | None,
) -> None:
    """Only the desk's own people get notices of work, whatever group somebody was put in by mistake."""
    desk = [person for person in to if person is not None and person.is_desk]
    outbox.post(event, kind, to=desk, ticket=ticket, context=context, but=but)
