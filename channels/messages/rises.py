"""What a mail about an escalation may say, read back from the rows that it left (guide 3.5.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from channels import compose
from channels.compose import Mailbox
from channels.messages import facts
from channels.messages.facts import Fact
from escalation import forecast, matrices, presentation, standing
from escalation.events import EscalationFact
from escalation.models import Contact, Escalation, EscalationStep
from escalation.vocabulary import Cause, EscalationState, MatrixKind

EXCERPT = 600
"""How much of an earlier answer or reason the next level is shown."""


@dataclass(frozen=True, slots=True)
class Rise:
    """One level's turn: `step`, among all `steps` of the way up, in order."""

    fact: Fact
    step: EscalationStep
    steps: list[EscalationStep]

    @property
    def case(self) -> Escalation:
        return self.step.escalation

    @property
    def later(self) -> list[EscalationStep]:
        return [row for row in self.steps if row.number > self.step.number]

    @property
    def is_over(self) -> bool:
        """It was answered, or the ticket was solved or ended."""
        return self.step.answered_at is not None or self.case.state == EscalationState.ENDED

    @property
    def is_last(self) -> bool:
        """There is no level above it."""
        return bool(self.step.level == max(row["level"] for row in self.case.levels))

    @property
    def origin(self) -> EscalationStep:
        """The first level told at the same moment: what moved the ticket is written there."""
        return next(row for row in self.steps if row.notified_at == self.step.notified_at)

    @property
    def together(self) -> list[EscalationStep]:
        """The levels above it that were told at the same moment."""
        return [row for row in self.later if row.notified_at == self.step.notified_at]

    @property
    def askers(self) -> list[User]:
        """The customers who asked, on any step of the way."""
        return [row.by for row in self.steps if row.by.is_customer]

    @property
    def shared(self) -> dict[str, Any]:
        """What every reader may know, customers too."""
        step, origin = self.step, self.origin
        return {
            **self.fact.context,
            "level": step.level,
            "role": step.role,
            "name": step.name,
            "who": presentation.name_of(step.name, step.role),
            "instead_of": step.instead_of,
            "of_list": self.case.kind == MatrixKind.TECHNICAL,
            "is_last": self.is_last,
            "cause": str(origin.cause),
            "reason": origin.reason,
            "asked_by": compose.line(origin.by.full_name),
            "acknowledge_by": step.acknowledge_by,
            "answer_by": step.answer_by,
            "acknowledged_at": step.acknowledged_at,
            "acknowledged_by": step.acknowledged_by,
            "answered_by": step.answered_by,
            "answer": step.answer,
            "silent": bool(self.fact.entry.data.get("silent")),
        }

    @property
    def internal(self) -> dict[str, Any]:
        """The same with what only the desk's side may know: who attends it, how to reach the user, and the way so far."""
        ticket = self.fact.ticket
        group = ticket.group.name if ticket.group else "Mesa de Servicio"
        return {
            **self.shared,
            "state": ticket.get_state_display(),
            "attends": f"{ticket.assignee.full_name}, de {group}" if ticket.assignee else group,
            "phone": compose.line(ticket.requester.phone),
            "contact_phones": phones(self.step.contact),
            "skips": self.step.cause == Cause.UNREACHABLE,
            "is_present": not self.later,
            "above": next(
                (f"el nivel {row.level}, {presentation.name_of(row.name, row.role)}" for row in self.later[-1:]), ""
            ),
            "past": [self._past(row) for row in self.steps if row.number < self.step.number],
        }

    def _past(self, row: EscalationStep) -> dict[str, Any]:
        return {
            "level": row.level,
            "who": presentation.name_of(row.name, row.role),
            "is_reached": row.contact_id is not None,
            "notified_at": row.notified_at,
            "reason": "" if row.reason == self.origin.reason else excerpt(row.reason),
            "acknowledged_at": row.acknowledged_at,
            "acknowledged_by": _other(row.acknowledged_by, row),
            "answered_at": row.answered_at,
            "answered_by": _other(row.answered_by, row),
            "answer": excerpt(row.answer),
            "is_passed": row.notified_at == self.step.notified_at,
        }

    def mailbox(self, at: datetime) -> Mailbox | None:
        """Where the step's contact is told at `at`; None when they cannot be any more."""
        contact = self.step.contact
        if contact is None or not contact.can_be_told or not contact.holds(matrices.day_of(at)):
            return None
        return Mailbox(compose.line(contact.name), contact.email, contact.user)

    def onward(self, reader: User, at: datetime) -> dict[str, Any]:
        """Which level `reader` may ask for next on this matrix, and whether the technical list is open to them too (guide 3.5.2)."""
        ticket = self.fact.ticket
        ways = {way.kind: way for way in standing.of(ticket, reader, at=at).ways if way.may}
        way = ways.pop(self.case.kind, None)
        expected = forecast.of(way, ticket, at=at) if way is not None else None
        who = presentation.whom(expected.name, expected.role, expected.instead_of) if expected else ""
        return {
            "next_level": expected.level if expected else None,
            "next_who": who,
            "has_list": MatrixKind.TECHNICAL in ways,
        }


def read(event: EscalationFact) -> Rise:
    """The level behind a stored event, as it is now."""
    fact = facts.read(event)
    rows = EscalationStep.objects.select_related("escalation", "contact__user", "by")
    steps = list(rows.filter(escalation__ticket=fact.ticket, escalation__steps=event.step_id).order_by("number"))
    step = next(row for row in steps if row.pk == event.step_id)
    return Rise(fact, step, steps)


def phones(contact: Contact | None) -> str:
    """«55 5000 0202 (celular), 55 5000 0130 (conmutador)»."""
    if contact is None:
        return ""
    known = ((contact.mobile, "celular"), (contact.direct_phone, "directo"), (contact.phone, "conmutador"))
    return ", ".join(f"{compose.line(number)} ({which})" for number, which in known if number)


def _other(who: str, row: EscalationStep) -> str:
    """The name only when it is not the level's own."""
    return who if who != row.name else ""


def excerpt(text: str) -> str:
    """The text, or its beginning when it is long."""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"
