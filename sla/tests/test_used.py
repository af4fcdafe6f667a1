"""What a clock used is the same by whichever way it is asked, and what its ledger adds up to."""

from datetime import timedelta

import pytest

from core import clock
from sla import ledger
from sla.models import Clock
from sla.queries import clock_facts
from sla.tests.conftest import local
from tickets.services import conversation, resolution, triage, work

pytestmark = pytest.mark.django_db

DUE = local("2026-03-11 10:00")  # ten business hours after the cast's ticket, Tuesday 10:00
HOURS = timedelta(hours=1)


def attention(ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, kind="attention")


def facts(ticket, at):
    return next(row for row in clock_facts(ticket, at=at) if row["kind"] == "attention")


@pytest.fixture
def waited_late(ticket, agent, requester):
    """Two hours late, the ticket waits for three hours."""
    triage.open(ticket, by=agent)
    with clock.at(DUE + 2 * HOURS):
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(DUE + 5 * HOURS):
        conversation.reply(ticket, by=requester, message="Va.")
    return ticket


def test_a_wait_after_the_deadline_is_not_time_used(waited_late, agent):
    with clock.at(DUE + 6 * HOURS):
        resolution.solve(waited_late, by=agent, solution_type="definitive", solution="x")
    found = attention(waited_late)
    assert (found.due_at, found.used) == (DUE, 13 * HOURS)
    assert ledger.explain(found, at=DUE + 6 * HOURS).total == found.used


def test_it_is_not_when_the_ticket_is_solved_from_the_wait_either(ticket, agent):
    triage.open(ticket, by=agent)
    with clock.at(DUE + 2 * HOURS):
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(DUE + 5 * HOURS):
        resolution.solve(ticket, by=agent, solution_type="definitive", solution="x")
    assert attention(ticket).used == 12 * HOURS


@pytest.mark.parametrize(("at", "used"), [(1, 11), (2, 12), (4, 12), (6, 13)])
def test_a_late_clock_that_runs_tells_the_same_as_its_ledger(waited_late, at, used):
    told = facts(waited_late, DUE + at * HOURS)
    assert told["elapsed_seconds"] == told["ledger"]["total_seconds"] == used * 3600
