"""Messages about a ticket's way up a matrix: to the level that is told, to the customer, and to the people who attend it (guide 3.5.2).

Each function is a reaction to one event, safe to repeat, and always immediate: a level's time to acknowledge runs whatever the hour.
Whoever did it is not told. What was overtaken before anybody could read it is not written.
"""

from datetime import datetime

import structlog

from accounts.models import User
from accounts.roles import Role
from channels import about, links, outbox
from channels.messages import facts, rises, work
from channels.messages.rises import Rise
from core import alarms, clock
from escalation.events import EscalationAcknowledged, EscalationAnswered, EscalationOverdue, LevelNotified
from escalation.services.ascent import ALARM

log = structlog.get_logger(__name__)


def level(event: LevelNotified) -> None:
    """To the level's contact, with the link to acknowledge and answer; to the supervisors when there is nobody to tell."""
    rise = rises.read(event)
    if rise.is_over:
        _overtaken("escalation_level", rise)
    elif not _tell_contact(rise, "escalation_level"):
        _tell_supervision(rise, "escalation_nobody")


def told(event: LevelNotified) -> None:
    """The customer and those who attend the ticket, apart from the level itself, whose notice must not wait for theirs."""
    rise = rises.read(event)
    _raised(rise)
    _team(rise)


def _raised(rise: Rise) -> None:
    """The customer: to whom it went up, why, and by when they answer. Once, however many levels were told at the same moment."""
    is_covered = any(row.contact_id is not None for row in rise.together)
    if rise.is_over or is_covered:
        _overtaken("escalation_raised", rise)
    else:
        _tell_customer(rise, "escalation_raised")


def _team(rise: Rise) -> None:
    """Those who attend the ticket: it went up. Once, as above."""
    if rise.is_over or rise.together:
        _overtaken("work_escalated", rise)
    else:
        _tell_team(rise, "work_escalated")


def acknowledged(event: EscalationAcknowledged) -> None:
    """The customer: somebody has it in hand."""
    rise = rises.read(event)
    if rise.is_over:
        _overtaken("escalation_acknowledged", rise)
    else:
        _tell_customer(rise, "escalation_acknowledged")


def answered(event: EscalationAnswered) -> None:
    """The customer: the answer, in full, and whom they may go to if it is not enough."""
    _tell_customer(rises.read(event), "escalation_answered", onward=True)


def answered_team(event: EscalationAnswered) -> None:
    """Those who attend the ticket: what was answered in their customer's case."""
    _tell_team(rises.read(event), "work_escalation_answer")


def reminded(event: EscalationOverdue) -> None:
    """The level that let its time pass, and the supervisors."""
    rise = rises.read(event)
    if rise.is_over or rise.later:
        _overtaken("escalation_reminder", rise)
    else:
        has_contact = _tell_contact(rise, "escalation_reminder")
        _tell_supervision(rise, "work_escalation_overdue", has_contact=has_contact)


def overdue(event: EscalationOverdue) -> None:
    """The customer: nobody answered in time, and the next level is theirs to ask for."""
    rise = rises.read(event)
    if rise.is_over or rise.later:
        _overtaken("escalation_overdue", rise)
    else:
        _tell_customer(rise, "escalation_overdue", onward=True)


def _tell_contact(rise: Rise, kind: str) -> bool:
    """False when there is nobody to write to; an alarm sounds if there was, but their account or place ended, or they are a customer."""
    if rise.step.contact is None:
        return False
    at = clock.now()
    if (to := rise.mailbox(at)) is not None:
        # A level that the ticket has already passed owes nothing, so there is nothing to sign for.
        answer_url = links.escalation_url(rise.step) if not rise.later else ""
        context = {**rise.internal, "answer_url": answer_url, "has_account": to.user is not None}
        if outbox.post_to(rise.fact.event, kind, to=to, about=about.ticket(rise.fact.ticket), context=context, at=at):
            return True
    _sound(rise, at)
    return False


def _tell_supervision(rise: Rise, kind: str, *, has_contact: bool = False) -> None:
    everybody = supervision(but=rise.fact.author)
    to = [person for person in everybody if not (has_contact and _is_contact(person, rise))]
    if not everybody:
        log.error("nobody_supervises", message=kind, ticket=rise.fact.ticket.pk)
    outbox.post(rise.fact.event, kind, to=to, about=about.ticket(rise.fact.ticket), context=rise.internal)


def supervision(*, but: User) -> list[User]:
    """All supervisors except whoever did it; without any, the managers, directors and administrators."""
    fallback = User.objects.filter(role__in=(Role.MANAGER, Role.DIRECTOR, Role.ADMIN), is_active=True)
    return [p for p in work.supervisors() if p != but] or [p for p in fallback if p != but]


def _tell_customer(rise: Rise, kind: str, *, onward: bool = False) -> None:
    """The ticket's user and whoever of theirs asked, each with what they may do next; not of what is internal."""
    fact = rise.fact
    if not fact.is_public:
        log.info("internal_not_told", message=kind, ticket=fact.ticket.pk)
        return
    for person in outbox.recipients(
        [fact.ticket.requester, *rise.askers], about=about.ticket(fact.ticket), but=fact.author
    ):
        context = {**rise.shared, **(rise.onward(person, clock.now()) if onward else {})}
        outbox.post(fact.event, kind, to=[person], about=about.ticket(fact.ticket), context=context)


def _tell_team(rise: Rise, kind: str) -> None:
    """Not the contact: they have their own message, which has the link."""
    fact = rise.fact
    to = [person for person in facts.party(fact.ticket) if person.is_desk and not _is_contact(person, rise)]
    outbox.post(fact.event, kind, to=to, about=about.ticket(fact.ticket), context=rise.internal, but=fact.author)


def _is_contact(person: User, rise: Rise) -> bool:
    """One row per event and address: the contact's own message must not lose its place to another."""
    contact = rise.step.contact
    if contact is None:
        return False
    return contact.user_id == person.pk or contact.email.lower() == person.email.lower()


def _sound(rise: Rise, at: datetime) -> None:
    ticket, step = rise.fact.ticket, rise.step
    text = f"{ticket.number}: no se puede escribir a {step.name}, del nivel {step.level} de escalamiento. Búsquelo por teléfono."
    key = f"{ALARM}:{ticket.pk}:{rise.case.kind}:{step.level}"
    alarms.sound(ALARM, key, text, subject=ticket.number, at=at)


def _overtaken(kind: str, rise: Rise) -> None:
    log.info("message_overtaken", message=kind, ticket=rise.fact.ticket.pk, step=rise.step.pk)
