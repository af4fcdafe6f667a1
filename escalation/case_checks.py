"""What must hold between the tickets and their ways up the matrices, checked from the database alone."""

from collections.abc import Iterator

from django.db.models import Prefetch

from escalation.models import Escalation, EscalationPlan, EscalationStep
from escalation.services import plans
from escalation.vocabulary import LIVE, EscalationState
from tickets.models import TicketEvent
from tickets.vocabulary import TERMINAL, State

CHUNK = 500
TOLD = ("escalate", "escalation_unreachable")


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with the ticket's number. Reads cases and open plans in chunks."""
    steps = Prefetch("steps", EscalationStep.objects.order_by("number"))
    cases = Escalation.objects.select_related("ticket").prefetch_related(steps).order_by("pk")
    for case in cases.iterator(CHUNK):
        for problem in _of_case(case, list(case.steps.all())):
            yield f"{case.ticket.number}: its way up the {case.kind} matrix {problem}"
    open_plans = EscalationPlan.objects.exclude(ticket__state__in=TERMINAL).order_by("pk")
    related = open_plans.select_related("ticket__company", "ticket__terms").prefetch_related("ticket__clocks")
    for plan in related.iterator(CHUNK):
        expected = plans.next_look(plan, plan.ticket, list(plan.ticket.clocks.all()))
        if plan.next_at != expected:
            yield f"{plan.ticket.number}: its escalation plan waits for {plan.next_at}, and its clocks say {expected}"
    idle = EscalationPlan.objects.filter(ticket__state__in=TERMINAL, next_at__isnull=False)
    for pk in idle.values_list("ticket", flat=True).iterator(CHUNK):
        yield f"T{pk:07d}: has ended, and its escalation plan still waits"


def _of_case(case: Escalation, steps: list[EscalationStep]) -> Iterator[str]:
    if [step.number for step in steps] != list(range(1, len(steps) + 1)) or not steps:
        yield f"has the steps {[step.number for step in steps]}"
        return
    last, over = steps[-1], case.ticket.state in (*TERMINAL, State.SOLVED)
    if last.level != case.level or [step.level for step in steps] != sorted(step.level for step in steps):
        yield f"stands at level {case.level}, and told {[step.level for step in steps]}"
    if case.state in LIVE and case.ticket.state in TERMINAL:
        yield "goes on though the ticket has ended"
    if case.state != _state(last) and not (case.state == EscalationState.ENDED and case.ended_at):
        yield f"is {case.state}, against its last step"
    waits = {EscalationState.NOTIFIED: last.acknowledge_by, EscalationState.ACKNOWLEDGED: last.answer_by}
    expected = None if last.overdue_at else waits.get(EscalationState(case.state))
    if case.next_at != expected and not over:
        yield f"is looked at at {case.next_at} instead of {expected}"
    told = TicketEvent.objects.filter(ticket=case.ticket_id, kind__in=TOLD, data__matrix=case.kind).count()
    if told != len(steps):
        yield f"has {len(steps)} steps and {told} events"


def _state(last: EscalationStep) -> EscalationState:
    if last.answered_at:
        return EscalationState.ANSWERED
    return EscalationState.ACKNOWLEDGED if last.acknowledged_at else EscalationState.NOTIFIED
