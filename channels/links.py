"""The links that mails carry. The signed one lets the user validate a solution without signing in (guide 3.6).

A link only shows a page; the page's buttons act, by POST, because mail scanners follow every link.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing

from accounts.models import User
from core import clock
from core.errors import NotVisible, Refused
from customers import terms
from tickets import policy
from tickets.models import Ticket
from tickets.vocabulary import State

SALT = "servicedesk.validation"
GRACE = timedelta(days=1)
"""How long after the time to validate the link still explains itself."""


SIGNED = re.compile(r"(/validar/)[^/\s\"<>]+")


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
    due = ticket.validation_due_at or ticket.solved_at + terms.validation_period(ticket.terms)
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


def without_keys(text: str) -> str:
    """The text of a mail for somebody else's eyes: whoever has its signed link answers in the recipient's name."""
    return SIGNED.sub(r"\1…", text)
