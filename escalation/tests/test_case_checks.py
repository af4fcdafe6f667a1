"""The checker finds each fault that is planted, and none in lives that were really lived."""

from datetime import timedelta

import pytest

from core import clock
from escalation import case_checks
from escalation.models import Escalation, EscalationPlan, EscalationStep
from escalation.services import answering, raising, sweep
from escalation.vocabulary import EscalationState
from tickets.models import Ticket
from tickets.services import ending, triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(matrices, ticket, requester, agent, supervisor, now) -> Ticket:
    """Asked for, answered, gone further, and taken higher by a rule."""
    row = triage.open(ticket, by=agent)
    case = raising.escalate(row, by=requester, reason="Nadie contesta")
    answering.answer(case.steps.get(), by=supervisor, text="Hoy.")
    raising.escalate(row, by=requester, reason="Nada")
    with clock.at(now + timedelta(days=4)):
        sweep.plans(clock.now())
    return row


def found() -> list[str]:
    return list(case_checks.invariants())


def test_a_lived_way_up_has_no_fault(lived):
    assert Escalation.objects.get().level == 4
    assert found() == []


def test_what_ended_has_no_fault(lived, agent, requester):
    ending.cancel(Ticket.objects.get(pk=lived.pk), by=requester, cause="customer_request", reason="Ya no hace falta")
    assert EscalationPlan.objects.get().next_at is None
    assert found() == []


@pytest.mark.parametrize(
    ("model", "change", "words"),
    [
        (Escalation, {"level": 2}, "stands at level 2"),
        (Escalation, {"state": EscalationState.ANSWERED, "next_at": None}, "is answered, against its last step"),
        (Escalation, {"next_at": None}, "is looked at at None instead of"),
        (EscalationPlan, {"next_at": clock.now()}, "its escalation plan waits for"),
        (Ticket, {"state": "closed", "closing_code": "approved", "closed_at": clock.now()}, "goes on though"),
    ],
)
def test_a_planted_fault_is_found(lived, model, change, words):
    model.objects.update(**change)
    assert any(words in fault and fault.startswith(lived.number) for fault in found()), found()


def test_a_missing_step_is_found(lived):
    EscalationStep.objects.filter(number=1).delete()
    assert any("has the steps" in fault for fault in found())
