"""The checker of the promised dates finds what it is for, and nothing else."""

from datetime import timedelta

import pytest

from core import clock
from sla import commitment_checks
from sla.models import Commitment
from sla.tasks import sweep_clocks
from tickets.models import Ticket
from tickets.services import conversation, ending, resolution, triage

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def promised(ticket, agent, now):
    """Promised for five hours later, and once more for nine."""
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + 5 * HOUR)
    return conversation.reply(
        ticket, by=agent, message="Queda.", committed_for=now + 9 * HOUR, commitment_reason="Falta.", at=now + HOUR
    )


def faults(at):
    with clock.at(at):
        return list(commitment_checks.invariants())


def test_a_life_of_promises_holds_at_every_step(promised, agent, requester, now):
    assert faults(now + HOUR) == []
    resolution.solve(promised, by=agent, solution_type="definitive", solution="Listo.", at=now + 2 * HOUR)
    assert faults(now + 2 * HOUR) == []
    resolution.refuse(promised, by=requester, reason="No.", at=now + 3 * HOUR)
    assert faults(now + 3 * HOUR) == []
    assert faults(now + 10 * HOUR) == []
    with clock.at(now + 10 * HOUR):
        sweep_clocks()
    assert faults(now + 10 * HOUR) == []
    ending.cancel(promised, by=agent, reason="Ya no.", at=now + 11 * HOUR)
    assert faults(now + 11 * HOUR) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda rows, now: Ticket.objects.update(committed_for=now + 8 * HOUR), "on record is"),
        (lambda rows, now: Ticket.objects.update(committed_for=None), "no promised date"),
        (lambda rows, now: rows.all().delete(), "not on record"),
        (lambda rows, now: rows.filter(state="standing").update(state="void", settled_at=now), "its promise is void"),
        (lambda rows, now: rows.filter(state="standing").update(state="kept", settled_at=now), "its promise is kept"),
        (lambda rows, now: rows.filter(state="renegotiated").update(state="kept"), "neither renegotiated nor broken"),
        (lambda rows, now: rows.filter(state="renegotiated").update(settled_at=now + 6 * HOUR), "after its date"),
        (lambda rows, now: rows.filter(state="renegotiated").update(state="broken"), "broke the promise"),
        (lambda rows, now: rows.filter(state="renegotiated").update(made_at=now + 5 * HOUR), "when it had passed"),
    ],
)
def test_each_fault_is_found(promised, now, spoil, said):
    spoil(Commitment.objects.all(), now)
    found = faults(now + 7 * HOUR)
    assert len(found) == 1
    assert found[0].startswith(f"{promised.number}: ")
    assert said in found[0]


def test_a_promise_broken_before_its_date_is_found(promised, now):
    Commitment.objects.filter(state="standing").update(state="broken", settled_at=now + 9 * HOUR)
    assert "broke the promise" in faults(now + 9 * HOUR)[0]
    assert faults(now + 9 * HOUR + HOUR) == []


def test_a_promise_kept_at_another_moment_than_the_solutions_is_found(promised, agent, now):
    resolution.solve(promised, by=agent, solution_type="definitive", solution="Listo.", at=now + 2 * HOUR)
    Commitment.objects.filter(state="kept").update(settled_at=now + 3 * HOUR)
    assert "was solved at" in faults(now + 4 * HOUR)[0]
