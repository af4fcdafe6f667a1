"""Escalating because somebody asks: the customer at any point of the life cycle, or the desk for one who calls (guide 3.5.2)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from core import alarms, clock
from core.errors import InvalidInput, NotVisible, Refused
from escalation import ladder, policy
from escalation.models import Escalation
from escalation.services.ascent import ALARM, Ascent, carry_out
from escalation.vocabulary import LIVE, Cause, EscalationState, MatrixKind
from tickets import policy as tickets_policy
from tickets.events import TicketFact
from tickets.models import Ticket
from tickets.services import door, inputs


def escalate(
    ticket: Ticket,
    *,
    by: User,
    reason: str,
    kind: str = MatrixKind.SERVICE_DESK,
    version: int | None = None,
    at: datetime | None = None,
) -> Escalation:
    """Tell the next level of the matrix; a level without anybody to tell is passed, and an alarm sounds.

    Raises NotVisible, StaleVersion, InvalidInput without a reason, and Refused: the actor may not, the ticket has ended (`code` "ended"),
    or it is not its turn ("not_yet").
    """
    at = at or clock.now()
    with door.locked(ticket, version=version) as row:
        if not tickets_policy.can_see(by, row):
            raise NotVisible("El ticket no existe.")
        if kind not in (MatrixKind.SERVICE_DESK, MatrixKind.TECHNICAL):
            raise InvalidInput({"kind": "Elija la matriz: service_desk o technical."}, code="invalid_choice")
        if not (verdict := policy.may_escalate(by, row, kind)):
            raise Refused(verdict.reason, code="ended" if row.is_terminal else None)
        rung = ladder.next_rung(ladder.of(row, kind, at=at), at=at, zone=ZoneInfo(by.time_zone))
        if not rung.verdict:
            raise Refused(rung.verdict.reason, code="not_yet")
        reason = inputs.text(reason, "reason", "por qué escala el ticket", longest=2000)
        ascent = Ascent(
            ticket=row,
            case=rung.case,
            matrix=rung.matrix,
            level=rung.level,
            cause=Cause.CUSTOMER if by.is_customer else Cause.DESK,
            reason=reason,
            by=by,
        )
        carry_out([ascent], at=at)
        assert ascent.case is not None
        return ascent.case


def end(event: TicketFact) -> None:
    """The ticket was solved or has ended: nobody of the matrix owes anything on it any more. Inside the ticket's own change."""
    going = Escalation.objects.filter(ticket=event.ticket_id, state__in=(*LIVE, EscalationState.ANSWERED))
    if going.update(state=EscalationState.ENDED, next_at=None, ended_at=event.entry.at):
        alarms.settle_under(f"{ALARM}:{event.ticket_id}:", at=event.entry.at)
