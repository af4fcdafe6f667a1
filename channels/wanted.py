"""Whether a notice that waited is still worth its reader's time: decided when it is about to leave.

A row's `only_if` names what must still be so; the reader must in any case still be allowed to see the ticket. The texts of this module
are Spanish: the console shows them on what was withdrawn.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from django.db.models import Q

from accounts.models import User
from accounts.roles import SUPERVISING
from channels.messages import facts
from channels.models import OutboundMessage
from improvements.models import CorrectiveAction
from improvements.vocabulary import PENDING, ActionState
from sla.models import Breach, Clock
from sla.vocabulary import ClockKind, ClockState
from surveys import tokens
from surveys.models import NpsInvitation, Survey, Voice
from surveys.vocabulary import InvitationState
from tickets import policy
from tickets.models import Ticket
from tickets.vocabulary import UNSOLVED

log = structlog.get_logger(__name__)

READER = "reader"
"""Nothing more than that the reader may see the ticket."""
ATTENDS = "attends"
"""The ticket has not ended, and the reader is among those who attend or supervise it."""
WORK = "work"
"""The same, and it is unsolved."""


def ahead(kind: str, due_at: datetime) -> str:
    """The clock runs towards that very deadline, which has not passed."""
    return f"clock:{kind}:ahead:{int(due_at.timestamp())}"


def stands(breach_id: int) -> str:
    """The missed deadline is on record and nobody has corrected it."""
    return f"breach:{breach_id}"


def unmet(breach_id: int) -> str:
    """The same, and its clock still runs, for whoever attends it."""
    return f"breach:{breach_id}:open"


def survey(survey_id: int) -> str:
    """The satisfaction survey can still be answered, and was not."""
    return f"survey:{survey_id}"


def nps(invitation_id: int) -> str:
    """The yearly question can still be answered, and was not."""
    return f"nps:{invitation_id}"


def action(row: CorrectiveAction, need: str) -> str:
    """The reader sees the corrective action, and it is still so: one of ACTION_NEEDS."""
    return f"action:{row.pk}:{need}"


def objection(row: OutboundMessage, *, at: datetime) -> str:
    """Why the message should not leave at `at`; empty when it should. What this release cannot judge holds nothing back.

    No query for a message without a condition, one for a message about a complaint.
    """
    if row.voice_id is not None and _points_at_reader(row):
        return "La queja señala a esta persona: no se le envía."
    if not row.only_if:
        return ""
    name, _, argument = row.only_if.partition(":")
    if name in QUESTIONS and row.recipient is not None:
        return QUESTIONS[name](row.recipient, argument, at)
    reader, ticket = row.recipient, _ticket(row)
    if name not in CONDITIONS or reader is None or ticket is None:
        log.warning("condition_not_judged", row=row.pk, only_if=row.only_if)
        return ""
    if not reader.is_active or not policy.can_see(reader, ticket):
        return "La persona ya no ve este ticket."
    return CONDITIONS[name](ticket, reader, argument, at)


def _points_at_reader(row: OutboundMessage) -> bool:
    """Whether the complaint has come to point at whom the message was written for, while it waited to leave."""
    pointed_at = User.objects.filter(pk__in=Voice.pointed_at.through.objects.filter(voice=row.voice_id).values("user"))
    return pointed_at.filter(Q(pk=row.recipient_id) | Q(email__iexact=row.address)).exists()


def _ticket(row: OutboundMessage) -> Ticket | None:
    found: Ticket | None = Ticket.objects.select_related("group", "assignee").filter(pk=row.ticket_id).first()
    return found


def _reader(ticket: Ticket, reader: User, argument: str, at: datetime) -> str:
    return ""


def _attends(ticket: Ticket, reader: User, argument: str, at: datetime) -> str:
    if ticket.is_terminal:
        return f"El ticket ya terminó: {ticket.get_state_display().lower()}."
    if reader.role not in SUPERVISING and reader not in facts.party(ticket):
        return "La persona ya no atiende este ticket."
    return ""


def _work(ticket: Ticket, reader: User, argument: str, at: datetime) -> str:
    if not (why := _attends(ticket, reader, argument, at)) and ticket.state not in UNSOLVED:
        return "El ticket ya está solucionado."
    return why


def _clock(ticket: Ticket, reader: User, argument: str, at: datetime) -> str:
    kind, _, rest = argument.partition(":")
    clock = Clock.objects.filter(ticket=ticket, kind=kind).first()
    if clock is None or not clock.is_open:
        return f"El tiempo de {ClockKind(kind).label.lower()} ya no corre: se cumplió o el ticket terminó."
    if rest.startswith("ahead:") and (why := _moved(clock, int(rest.removeprefix("ahead:")), at)):
        return why
    return _attends(ticket, reader, "", at)


def _moved(clock: Clock, told: int, at: datetime) -> str:
    """Why a deadline that was announced, in whole seconds since 1970, is no longer the one to announce."""
    if clock.state == ClockState.PAUSED or clock.due_at is None:
        return "El tiempo está en pausa."
    if int(clock.due_at.timestamp()) != told:
        return "El vencimiento que anunciaba cambió."
    return "El tiempo ya venció: se avisa aparte." if clock.due_at < at else ""


def _breach(ticket: Ticket, reader: User, argument: str, at: datetime) -> str:
    pk, _, rest = argument.partition(":")
    row = Breach.objects.filter(pk=int(pk), ticket=ticket, corrected_at=None).first()
    if row is None:
        return "El incumplimiento se corrigió."
    return _clock(ticket, reader, f"{row.kind}:open", at) if rest else ""


def _survey(reader: User, argument: str, at: datetime) -> str:
    row = Survey.objects.visible_to(reader).filter(pk=int(argument)).first()
    if row is None:
        return "La persona ya no puede contestar esta encuesta."
    if row.state == InvitationState.ANSWERED:
        return "La encuesta ya se contestó."
    if row.state != InvitationState.INVITED or row.expires_at is None or at >= row.expires_at:
        return "El plazo para contestar la encuesta terminó."
    return ""


def _nps(reader: User, argument: str, at: datetime) -> str:
    row = NpsInvitation.objects.visible_to(reader).select_related("campaign").filter(pk=int(argument)).first()
    if row is None:
        return "La persona ya no puede contestar la pregunta de NPS."
    if row.state == InvitationState.ANSWERED:
        return "La pregunta de NPS ya se contestó."
    if row.state != InvitationState.INVITED or at >= tokens.ends_at(row.campaign):
        return "La campaña de NPS terminó."
    return ""


def _action(reader: User, argument: str, at: datetime) -> str:
    pk, _, need = argument.partition(":")
    row = CorrectiveAction.objects.visible_to(reader).filter(pk=int(pk)).first()
    if row is None:
        return "La persona ya no ve esta acción."
    if row.state not in ACTION_NEEDS[need]:
        return f"La acción ya está en «{row.get_state_display()}»."
    if need == "owed" and row.owner_id != reader.pk:
        return "La persona ya no es responsable de la acción."
    return ""


ACTION_NEEDS: Mapping[str, tuple[str, ...]] = {
    "seen": tuple(ActionState),
    "owed": PENDING,
    "pending": PENDING,
    "done": (ActionState.IMPLEMENTED,),
}
"""What a message about a corrective action needs it to be when it leaves; «owed» also that it is still its reader's."""

QUESTIONS: Mapping[str, Callable[[User, str, datetime], str]] = {"survey": _survey, "nps": _nps, "action": _action}
"""Of a message to one person that is about no ticket: its reader, what the condition names, and when it would leave."""

CONDITIONS: Mapping[str, Callable[[Ticket, User, str, datetime], str]] = {
    READER: _reader,
    ATTENDS: _attends,
    WORK: _work,
    "clock": _clock,
    "breach": _breach,
}
