"""What the tests of the recalculations share: terms to apply, and what became of a ticket."""

from datetime import date, datetime, timedelta
from typing import Any

from core import caching, clock
from customers.models import Calendar, ClosedDay, Contract, ServiceTerms
from servicedesk.testing import TUESDAY
from sla import checks
from sla.models import Clock, Recalculation, Target
from sla.services import recalculation
from tickets.checks import history_faults
from tickets.models import PriorityRule, Ticket

LATER = TUESDAY + timedelta(minutes=30)
"""Half an hour after the cast's ticket: 10:30."""
FASTER = {"priority": "high", "service_line": "", "reaction_minutes": 45, "attention_minutes": 120}


def terms_of(contract: Contract | None, *, at: datetime = LATER, **values: Any) -> ServiceTerms:
    """Terms valid from `at`: `targets`, `matrix` as (urgency, impact, priority), else the fields' own values."""
    own, matrix = values.pop("targets", ()), values.pop("matrix", ())
    row = ServiceTerms.objects.create(contract=contract, name="Condiciones 2027", valid_from=at, **values)
    Target.objects.bulk_create([Target(terms=row, **target) for target in own])
    PriorityRule.objects.bulk_create(
        [PriorityRule(terms=row, urgency=urgency, impact=impact, priority=value) for urgency, impact, value in matrix]
    )
    caching.forget_all()
    return row


def guide_version(guide: ServiceTerms, *, at: datetime = LATER, attention: int = 60) -> ServiceTerms:
    """The guide's next version: complete, and faster for what is high."""
    matrix = list(guide.priority_rules.values_list("urgency", "impact", "priority"))
    row = terms_of(None, at=at, calendar=guide.calendar, matrix=matrix)
    Target.objects.bulk_create(
        [
            Target(
                terms=row,
                priority=old.priority,
                service_line=old.service_line,
                reaction_minutes=old.reaction_minutes,
                attention_minutes=attention if old.priority == "high" else old.attention_minutes,
                attention_clock=old.attention_clock,
            )
            for old in guide.targets.all()
        ]
    )
    caching.forget_all()
    return row


def close(calendar: Calendar, on: date) -> None:
    ClosedDay.objects.create(calendar=calendar, date=on, name="Aniversario")


def guide_id() -> int:
    return ServiceTerms.objects.get(contract=None).pk


def the(ticket: Ticket, kind: str = "attention") -> Clock:
    return Clock.objects.get(ticket=ticket, kind=kind)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def nothing_is_wrong(at: datetime = LATER) -> bool:
    with clock.at(at):
        return [*checks.invariants(), *history_faults()] == []


def next_of(job: Recalculation, **how: Any) -> tuple[int, int]:
    done = recalculation.chunk(job, **how)
    assert done is not None
    return done
