"""What a level does with what it was told: acknowledge it, answer it, or let its time pass (guide 3.5.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.services import system_actor
from core import alarms, clock, events
from core.errors import NotVisible, Refused
from escalation import policy
from escalation.events import EscalationAcknowledged, EscalationAnswered
from escalation.models import Escalation, EscalationStep
from escalation.services.ascent import ALARM
from escalation.vocabulary import LIVE, EscalationState
from tickets import policy as tickets_policy
from tickets.models import Ticket
from tickets.services import door, history, inputs


def acknowledge(
    step: EscalationStep,
    *,
    by: User | None,
    name: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> EscalationStep:
    """The level has read it and takes it on. `by` is None for the mail's signed link, and `name` who used it.

    Raises NotVisible, StaleVersion when the ticket is not in `version` any more, and Refused: the actor may not, the level is not the
    present one (`code` "superseded"), it already did ("done"), or nobody owes anything ("ended").
    """
    at = at or clock.now()
    with _present(step, by, version) as (ticket, case, row):
        if row.acknowledged_at is not None:
            raise Refused(f"Ya se acusó recibo: lo hizo {row.acknowledged_by}.", code="done")
        row.acknowledged_at, row.acknowledged_by = at, _name(row, by, name)
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        case.state = EscalationState.ACKNOWLEDGED
        case.next_at = None if row.overdue_at is not None else row.answer_by
        case.save(update_fields=["state", "next_at"])
        _settle(ticket, case, at, row.acknowledged_by)
        entry = _note(ticket, case, row, "escalation_acknowledged", by, at, who=row.acknowledged_by)
        events.publish(EscalationAcknowledged(ticket_id=ticket.pk, entry_id=entry, step_id=row.pk))
        return row


def answer(
    step: EscalationStep,
    *,
    by: User | None,
    text: str,
    name: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> EscalationStep:
    """What the level says to the customer; it acknowledges too, if nobody had. Raises as `acknowledge`, and InvalidInput without a text."""
    at = at or clock.now()
    with _present(step, by, version) as (ticket, case, row):
        if row.answered_at is not None:
            raise Refused(f"Ya se respondió: lo hizo {row.answered_by}.", code="done")
        said = inputs.text(text, "text", "la respuesta")
        who = _name(row, by, name)
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = at, who
        row.answered_at, row.answered_by, row.answer = at, who, said
        row.save(update_fields=["acknowledged_at", "acknowledged_by", "answered_at", "answered_by", "answer"])
        case.state, case.next_at = EscalationState.ANSWERED, None
        case.save(update_fields=["state", "next_at"])
        _settle(ticket, case, at, who)
        entry = _note(ticket, case, row, "escalation_answered", by, at, who=who, answer=said)
        events.publish(EscalationAnswered(ticket_id=ticket.pk, entry_id=entry, step_id=row.pk))
        return row


@contextmanager
def _present(
    step: EscalationStep, by: User | None, version: int | None
) -> Iterator[tuple[Ticket, Escalation, EscalationStep]]:
    """The ticket locked, its case and step read again, and the actor's right to them asked."""
    with door.locked(step.escalation.ticket, version=version) as ticket:
        row = EscalationStep.objects.select_related("escalation", "contact").get(pk=step.pk)
        case = row.escalation
        if by is not None:
            if not tickets_policy.can_see(by, ticket):
                raise NotVisible("El ticket no existe.")
            if not (verdict := policy.may_answer(by, ticket, row)):
                raise Refused(verdict.reason)
        is_last = not case.steps.filter(number__gt=row.number).exists()
        if case.state == EscalationState.ENDED or (case.state not in LIVE and row.answered_at is None):
            raise Refused("El escalamiento ya terminó: no hace falta que haga nada más.", code="ended")
        if not is_last:
            raise Refused("El ticket ya está en un nivel superior, que lo atiende.", code="superseded")
        yield ticket, case, row


def _name(row: EscalationStep, by: User | None, name: str) -> str:
    """Who did it, as the history tells: the contact when an agent writes down what they said."""
    if by is None:
        return (name or row.name)[:150]
    writes_down = row.contact is not None and row.contact.user_id != by.pk and by.role == Role.AGENT
    return row.name if writes_down else by.full_name


def _note(
    ticket: Ticket, case: Escalation, row: EscalationStep, kind: str, by: User | None, at: datetime, **data: str
) -> int:
    facts = {"matrix": case.kind, "level": row.level, "role": row.role, **data}
    if by is not None and by.full_name != data["who"]:
        facts["recorded_by"] = by.full_name
    fact = history.Fact(ticket=ticket, kind=kind, data=facts, is_public=True)
    return history.note([fact], by=by or system_actor(), at=at)[0].pk


def _settle(ticket: Ticket, case: Escalation, at: datetime, by: str) -> None:
    """Somebody has it in hand: the alarms about this way up are over."""
    alarms.settle_under(f"{ALARM}:{ticket.pk}:{case.kind}:", at=at, by=by)
