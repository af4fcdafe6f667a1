"""The links that mails carry. The signed ones let a user validate a solution (guide 3.6), and a level of the matrix acknowledge and answer
an escalation (guide 3.5.2), without signing in.

A link only shows a page; the page's buttons act, by POST, because mail scanners follow every link.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils import timezone

from accounts.models import User
from core import clock, words
from core.errors import NotVisible, Refused
from customers import terms
from escalation import matrices, presentation
from escalation.models import Contact, EscalationStep
from escalation.vocabulary import Cause, EscalationState
from tickets import policy
from tickets.models import Ticket, TicketEvent
from tickets.vocabulary import State

SALT = "servicedesk.validation"
GRACE = timedelta(days=1)
"""How long after the time to validate the link still explains itself."""

ESCALATION_SALT = "servicedesk.escalation"
LINGERS = timedelta(days=7)
"""How long after the time to answer an escalation its link still serves, or explains itself."""

SIGNED = re.compile(r"(/(?:validar|escalamiento|queja|encuesta|nps)/)[^/\s\"<>]+")


@dataclass(frozen=True, slots=True)
class Validation:
    """Who is asked, about which solved ticket."""

    ticket: Ticket
    user: User
    token: str


def ticket_url(ticket: Ticket) -> str:
    """The ticket's page in the portal."""
    return f"{settings.SITE_URL}/asuntos/{ticket.number}/"


def work_url(ticket: Ticket) -> str:
    """The ticket's page in the console."""
    return f"{settings.SITE_URL}/admin/tickets/ticket/{ticket.number}/change/"


def validation_url(ticket: Ticket, user: User) -> str:
    """The page where `user` accepts or refuses the ticket's present solution."""
    return f"{settings.SITE_URL}/validar/{validation_token(ticket, user)}/"


def validation_token(ticket: Ticket, user: User) -> str:
    """A signed statement: this person, this solution of this ticket, until a day after the time to validate."""
    if ticket.solved_at is None:
        raise ValueError("only a solved ticket has a link")
    # An answer of the customer stops the automatic close and takes the date away; the link keeps the one it would have had.
    due = ticket.validation_due_at or ticket.solved_at + terms.validation_period(ticket.terms, ticket.created_at)
    expires = int((due + GRACE).timestamp())
    return signing.dumps([ticket.key, user.pk, ticket.solved_at.isoformat(), expires], salt=SALT)


def read_validation(token: str, *, at: datetime | None = None) -> Validation:
    """Whom the token asks, about what. Changes nothing.

    Raises NotVisible for a forged token or somebody who may not see the ticket any more, and Refused with a code: `expired`,
    `superseded` (the solution was refused or replaced) or `closed`.
    """
    at = at or clock.now()
    try:
        key, user_id, solved_at, expires = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotVisible("El enlace no es válido.") from None
    user = User.objects.filter(pk=user_id).first()
    ticket = Ticket.objects.select_related("company", "group").filter(key=key).first()
    if user is None or ticket is None or not policy.can_see(user, ticket):
        raise NotVisible("El enlace no es válido.")
    if at >= datetime.fromtimestamp(expires, UTC):
        raise Refused("Este enlace ya venció. Entre al portal para ver su ticket.", code="expired")
    if ticket.is_terminal:
        how = f"{ticket.get_state_display()}, {ticket.get_closing_code_display()}".lower()
        raise Refused(f"El ticket {ticket.number} ya terminó ({how}). No hace falta que haga nada más.", code="closed")
    if ticket.state != State.SOLVED or ticket.solved_at is None or ticket.solved_at.isoformat() != solved_at:
        raise Refused(
            f"El ticket {ticket.number} volvió a revisión: esta solución ya no espera su respuesta.", code="superseded"
        )
    return Validation(ticket, user, token)


class Over(Refused):
    """The level that a link stands for owes nothing any more, or the link no longer serves."""

    def __init__(self, message: str, *, code: str, step: EscalationStep) -> None:
        super().__init__(message, code=code)
        self.step = step


def escalation_url(step: EscalationStep) -> str:
    """The page where the step's contact acknowledges and answers."""
    return f"{settings.SITE_URL}/escalamiento/{escalation_token(step)}/"


def escalation_token(step: EscalationStep) -> str:
    """A signed statement: this level's turn on this ticket, at the contact's present address, until a week after its time to answer."""
    if step.contact is None:
        raise ValueError("only a level that has somebody to tell has a link")
    expires = int(((step.answer_by or step.notified_at) + LINGERS).timestamp())
    content = [step.escalation.ticket.key, step.pk, mark_of(step.contact.email), expires]
    return signing.dumps(content, salt=ESCALATION_SALT)


def read_escalation(token: str, *, at: datetime | None = None) -> EscalationStep:
    """The level that the token stands for, which still owes something. Changes nothing.

    Raises NotVisible for a forged token or a contact who no longer holds the place, and Over with a code: `expired`, `moved` (the
    contact's address is another one now), `done` (answered), `superseded` (a level above has it) or `ended`.
    """
    at = at or clock.now()
    try:
        key, step_id, mark, expires = signing.loads(token, salt=ESCALATION_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotVisible("El enlace no es válido.") from None
    rows = EscalationStep.objects.select_related("contact__user", "by", *_TICKET)
    step = rows.filter(pk=step_id, escalation__ticket__key=key).first()
    if step is None or step.contact is None or not may_speak(step.contact, at):
        raise NotVisible("El enlace no es válido.")
    if at >= datetime.fromtimestamp(expires, UTC):
        raise Over("Si tiene cuenta en la consola, ahí puede ver el ticket.", code="expired", step=step)
    if mark_of(step.contact.email) != mark:
        raise Over("Se envió a una dirección de correo que ya no es la del contacto.", code="moved", step=step)
    _refuse_what_is_over(step, at)
    return step


def origin_of(step: EscalationStep) -> EscalationStep:
    """The first level told at the same moment as `step`: what moved the ticket is written there."""
    rows = EscalationStep.objects.filter(escalation=step.escalation, notified_at=step.notified_at)
    return rows.select_related("by").order_by("number")[0]


_TICKET = ("escalation__ticket__company", "escalation__ticket__requester")


def may_speak(contact: Contact, at: datetime) -> bool:
    """Whether they may still speak for a level: never a customer, nor somebody whose place or account has ended."""
    if not contact.holds(matrices.day_of(at)):
        return False
    return contact.user is None or (contact.user.is_active and contact.user.is_desk)


def mark_of(address: str) -> str:
    """What tells one address from another without naming it in the link."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:16]


def _refuse_what_is_over(step: EscalationStep, at: datetime) -> None:
    """What happened since, and who did it."""
    ticket, case = step.escalation.ticket, step.escalation
    if step.answered_at is not None:
        message = f"{step.answered_by} respondió {_on(step.answered_at, at)} y se le avisa al cliente por correo."
        raise Over(f"{message} No hace falta que haga nada más.", code="done", step=step)
    if case.state == EscalationState.ENDED:
        raise Over(f"{_how_it_ended(ticket, at)} Ya no hace falta que usted responda.", code="ended", step=step)
    if above := case.steps.filter(number__gt=step.number).select_related("by").order_by("number").last():
        who = presentation.name_of(above.name, above.role)
        message = f"El ticket {ticket.number} subió {_on(above.notified_at, at)} al nivel {above.level}, {who}: {_why(above)}."
        raise Over(f"{message} Ya no hace falta que usted responda.", code="superseded", step=step)


def _why(above: EscalationStep) -> str:
    if above.cause in (Cause.CUSTOMER, Cause.DESK):
        return f"lo pidió {above.by.full_name}"
    if above.cause == Cause.UNREACHABLE:
        return "no se pudo avisar a nadie del nivel anterior"
    return above.reason[:1].lower() + above.reason[1:] if above.cause == Cause.RULE else above.reason


def _how_it_ended(ticket: Ticket, at: datetime) -> str:
    state = ticket.state if ticket.is_terminal else State.SOLVED
    entry = TicketEvent.objects.filter(ticket=ticket, to_state=state).select_related("actor").last()
    by = f" ({entry.actor.full_name}, {_on(entry.at, at)})" if entry is not None else ""
    if ticket.is_terminal:
        how = dict.fromkeys([ticket.get_state_display().lower(), ticket.get_closing_code_display().lower()])
        return f"El ticket {ticket.number} terminó, {', '.join(how)}{by}."
    back = "" if ticket.state == State.SOLVED else " El cliente no aceptó la solución y el ticket volvió a revisión."
    return f"El ticket {ticket.number} se solucionó{by}.{back}"


def _on(moment: datetime, at: datetime) -> str:
    """«hoy 11:20», «el martes 10 de marzo, 11:20», in the zone of whoever looks."""
    return words.on_moment(moment, zone=timezone.get_current_timezone(), now=at)


def without_keys(text: str) -> str:
    """The text of a mail for somebody else's eyes: whoever has its signed link answers in the recipient's name."""
    return SIGNED.sub(r"\1…", text)
