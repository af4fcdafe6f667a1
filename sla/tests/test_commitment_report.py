"""The sum of what became of promised dates."""

from datetime import timedelta

import pytest
from django.db import connection

from sla.commitment_report import Summary, summary
from sla.models import Commitment
from sla.services import commitments
from tickets.models import Ticket
from tickets.services import conversation, ending, intake, resolution, triage

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def promised(agent, requester, report, now):
    """`promised(due_at)`: another open ticket of the requester, promised for that moment."""

    def make(due_at, by=requester):
        row = triage.open(intake.receive(report(), by=by, channel="web"), by=agent)
        return conversation.reply(row, by=agent, message="Queda.", committed_for=due_at)

    return make


def solve(row, agent, at):
    resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.", at=at)


def test_each_promise_counts_once_for_what_became_of_it(promised, agent, now):
    for hours in (1, 2, 3):
        solve(promised(now + 3 * HOUR), agent, now + hours * HOUR)
    solve(promised(now + 3 * HOUR), agent, now + 4 * HOUR)
    changed = {"committed_for": now + 9 * HOUR, "commitment_reason": "Falta.", "at": now + HOUR}
    conversation.reply(promised(now + 3 * HOUR), by=agent, message="Tarda.", **changed)
    ending.cancel(promised(now + 3 * HOUR), by=agent, reason="Ya no.", at=now + HOUR)
    found = summary(Commitment.objects.all(), since=now, until=now + 5 * HOUR)
    assert found == Summary(kept=3, broken=1, renegotiated=1, standing=1)
    assert found.percent == 75.0


def test_the_period_is_half_open_and_a_broken_one_belongs_to_its_own_date(promised, agent, now):
    promised(now + 3 * HOUR)
    solve(promised(now + 9 * HOUR), agent, now + 3 * HOUR)
    commitments.sweep(now + 50 * HOUR)

    def counts(since, until):
        found = summary(Commitment.objects.all(), since=since, until=until)
        return found.kept, found.broken

    assert counts(now + 3 * HOUR, now + 4 * HOUR) == (1, 1)
    assert counts(now + 2 * HOUR, now + 3 * HOUR) == (0, 0)
    assert counts(now + 49 * HOUR, now + 51 * HOUR) == (0, 0)


@pytest.mark.parametrize(
    ("kept", "broken", "percent"), [(0, 0, None), (0, 3, 0.0), (3, 0, 100.0), (2, 1, 66.6), (9999, 1, 99.9)]
)
def test_the_percentage_is_never_flattered(kept, broken, percent):
    assert Summary(kept=kept, broken=broken, renegotiated=7, standing=7).percent == percent


def test_the_rows_given_decide_whose_it_is(promised, agent, outsider, requester, now):
    for person in (requester, outsider):
        solve(promised(now + 3 * HOUR, by=person), agent, now + HOUR)
        promised(now + 3 * HOUR, by=person)
    for viewer, expected in ((requester, 1), (outsider, 1), (agent, 2)):
        found = summary(Commitment.objects.visible_to(viewer), since=now, until=now + 2 * HOUR)
        assert (found.kept, found.standing) == (expected, expected)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_two_queries_however_many(promised, agent, now, count, django_assert_num_queries):
    for _ in range(count):
        solve(promised(now + 3 * HOUR), agent, now + HOUR)
    with django_assert_num_queries(2):
        assert summary(Commitment.objects.all(), since=now, until=now + 2 * HOUR).kept == count


def test_the_period_is_looked_up_by_its_index(promised, now):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    rows = Commitment.objects.filter(settled_at__gte=now, settled_at__lt=now + HOUR).order_by()
    assert "commitment_settled" in rows.explain()
    assert Ticket.objects.count() == 0
