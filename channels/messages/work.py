"""Notices to the people who attend a ticket: its person, else its group, and the supervisors when time runs out or something went wrong.

Each function is a reaction to one event, safe to repeat. Whoever did it is not told. What can wait reaches each person in their own
hours, and only if it is still so by then.
"""

from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Role
from channels import about, deadlines, outbox, wanted
from channels.messages import facts
from channels.messages.facts import Fact
from core import words
from core.events import Event
from sla.events import ClockBreached, ClockFact, ClockWarned, CommitmentBroken
from sla.models import Clock
from sla.vocabulary import Basis, ClockKind
from tickets.events import TicketFact
from tickets.models import Ticket
from tickets.vocabulary import UNSOLVED, Priority, Visibility


def assigned(event: TicketFact) -> None:
    """To the person it was given to, else to the whole group: somebody takes it."""
    fact = facts.read(event)
    data = fact.entry.data
    _tell(
        fact,
        "work_assigned",
        only_if=wanted.WORK,
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
    _tell(facts.read(event), "work_resumed", only_if=wanted.WORK)


def refused(event: TicketFact) -> None:
    """The solution was refused: to those who review it and to the supervisors (guide 3.6)."""
    fact = facts.read(event)
    data = fact.entry.data
    to = [*facts.party(fact.ticket), *supervisors()]
    told = {"reason": data.get("reason", ""), "group": data.get("group") or ""}
    _tell(fact, "work_refused", to=to, only_if=wanted.WORK, **told)


def urgent(event: TicketFact) -> None:
    """It became critical, or a major incident: what was told of it so far may still be waiting for the morning."""
    fact = facts.read(event)
    changes = fact.entry.data.get("changes", {})
    rose = changes.get("priority", ("", ""))[1] == Priority.CRITICAL or changes.get("is_major", (False, False))[1]
    if rose and not can_wait(fact.ticket):
        told = {"reason": fact.entry.data.get("reason", ""), "deadlines": deadlines.of(fact.ticket)}
        _tell(fact, "work_urgent", only_if=wanted.WORK, is_major=fact.ticket.is_major, **told)


def cancelled(event: TicketFact) -> None:
    """There is nothing left to do on it."""
    fact = facts.read(event)
    if fact.ticket.group_id is not None:
        _tell(fact, "work_cancelled", only_if=wanted.READER, reason=fact.entry.data.get("reason", ""))


def warned(event: ClockWarned) -> None:
    """To whoever attends the ticket and to the supervisors, at every percentage of its terms. Not when it was met meanwhile."""
    ticket, clock = _clock(event)
    if clock.is_open:
        context = {**_facts(event, ticket, clock), "percent": event.percent}
        to, due_at = [*facts.party(ticket), *supervisors()], datetime.fromisoformat(event.due_at)
        only_if = wanted.ahead(event.clock, due_at)
        _post(event, "work_warned", to=to, ticket=ticket, context=context, but=None, only_if=only_if)


def breached(event: ClockBreached) -> None:
    """To whoever attends the ticket, while there is something to attend; and to the supervisors, who hear of every one."""
    ticket, clock = _clock(event)
    context = _facts(event, ticket, clock)
    _post_both(
        event,
        "work_breached",
        ticket=ticket,
        context=context,
        party_if=wanted.unmet(event.breach_id),
        supervisors_if=wanted.stands(event.breach_id),
    )


def commitment_broken(event: CommitmentBroken) -> None:
    """The promised date passed: to whoever attends the ticket and to the supervisors. `renewed` is the date that has replaced it."""
    ticket = Ticket.objects.select_related("company", "requester", "group", "assignee").get(pk=event.ticket_id)
    due_at = datetime.fromisoformat(event.due_at)
    is_open = ticket.state in UNSOLVED
    renewed = ticket.committed_for if is_open and ticket.committed_for != due_at else None
    context = {**_where(ticket), "due_at": due_at, "is_open": is_open, "renewed": renewed}
    told: dict[str, Any] = {"ticket": ticket, "context": context}
    _post_both(event, "work_commitment", **told, party_if=wanted.WORK, supervisors_if=wanted.READER)


def supervisors() -> list[User]:
    return list(User.objects.filter(role=Role.SUPERVISOR, is_active=True))


def _tell(
    fact: Fact,
    kind: str,
    *,
    to: list[User | None] | list[User] | None = None,
    only_if: str = wanted.ATTENDS,
    **context: Any,
) -> None:
    _post(
        fact.event,
        kind,
        to=facts.party(fact.ticket) if to is None else to,
        ticket=fact.ticket,
        but=fact.author,
        context={**fact.context, **context},
        only_if=only_if,
    )


def _clock(event: ClockFact) -> tuple[Ticket, Clock]:
    ticket = Ticket.objects.select_related("company", "requester", "group", "assignee").get(pk=event.ticket_id)
    return ticket, Clock.objects.get(ticket=ticket, kind=event.clock)


def _facts(event: ClockFact, ticket: Ticket, clock: Clock) -> dict[str, Any]:
    return {
        "clock": ClockKind(event.clock).label.lower(),
        "due_at": datetime.fromisoformat(event.due_at),
        "target": words.span_words(clock.target_minutes, is_business=clock.clock == Basis.BUSINESS),
        "is_open": clock.is_open,
        **_where(ticket),
    }


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


def can_wait(ticket: Ticket) -> bool:
    """Whether notices about the ticket respect people's hours. What is critical, major or relevant reaches them at any hour."""
    return not (ticket.priority == Priority.CRITICAL or ticket.is_major or ticket.is_relevant)


def _post_both(
    event: Event, kind: str, *, ticket: Ticket, context: dict[str, Any], party_if: str, supervisors_if: str
) -> None:
    """To each half under a condition of its own. Whoever is in both attends the ticket."""
    party = facts.party(ticket)
    _post(event, kind, to=party, ticket=ticket, context=context, but=None, only_if=party_if)
    others = [person for person in supervisors() if person not in party]
    # What to do next is for those who attend it; by the time that a supervisor reads this it may be done.
    context = {**context, "is_open": False}
    _post(event, kind, to=others, ticket=ticket, context=context, but=None, only_if=supervisors_if)


def _post(
    event: Event,
    kind: str,
    *,
    to: list[User | None] | list[User],
    ticket: Ticket,
    context: dict[str, Any],
    but: User | None,
    only_if: str,
) -> None:
    """Only the desk's own people get notices of work, whatever group somebody was put in by mistake."""
    desk = [person for person in to if person is not None and person.is_desk]
    patient = can_wait(ticket)
    outbox.post(
        event, kind, to=desk, about=about.ticket(ticket), context=context, but=but, patient=patient, only_if=only_if
    )
