"""The promised date in words and as plain values costs one query, however many dates there were."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from sla.commitment_presentation import promise_view
from sla.models import Commitment
from sla.queries import commitment_facts
from tickets.models import Ticket
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db

MEXICO = ZoneInfo("America/Mexico_City")
HOUR = timedelta(hours=1)


@pytest.fixture
def promised(ticket, agent, now):
    """`promised(n)`: n dates, an hour apart, each given an hour after the one before."""

    def give(count):
        triage.open(ticket, by=agent)
        for n in range(count):
            why = "Falta la pieza." if n else ""
            due_at = now + (5 + n) * HOUR
            given = {"committed_for": due_at, "commitment_reason": why, "at": now + n * HOUR}
            conversation.reply(ticket, by=agent, message="Queda.", **given)
        return Ticket.objects.get(pk=ticket.pk)

    return give


@pytest.mark.parametrize("count", [1, 3])
def test_one_query_whatever_was_promised(promised, now, count, django_assert_num_queries):
    row = promised(count)
    with django_assert_num_queries(1):
        view = promise_view(row, at=now + 3 * HOUR, zone=MEXICO)
    with django_assert_num_queries(1):
        facts = commitment_facts(row, at=now + 3 * HOUR)
    assert len(view["promise"]["before"]) == len(facts["history"]) == count - 1


def test_no_query_without_a_promise(ticket, now, django_assert_num_queries):
    row = Ticket.objects.get(pk=ticket.pk)
    with django_assert_num_queries(0):
        assert promise_view(row, at=now, zone=MEXICO) is None
        assert commitment_facts(row, at=now) is None


def test_each_earlier_date_is_told_with_what_became_of_it_and_why_it_changed(promised, agent, now):
    row = promised(2)
    late = {"committed_for": now + 30 * HOUR, "commitment_reason": "No llegó.", "at": now + 7 * HOUR}
    row = conversation.reply(row, by=agent, message="Queda.", **late)
    view = promise_view(row, at=now + 8 * HOUR, zone=MEXICO)
    assert view["promise"]["before"] == [
        {"due": "hoy 15:00", "note": "Renegociada hoy 11:00", "reason": "Falta la pieza."},
        {"due": "hoy 16:00", "note": "Incumplida; otra fecha hoy 17:00", "reason": "No llegó."},
    ]
    assert (view["promise"]["word"], view["clock"]["status"]) == ("Vigente", "running")


def test_today_is_said_in_the_readers_zone(promised, now):
    row = promised(1)
    assert promise_view(row, at=now - 2 * HOUR, zone=MEXICO)["promise"]["word"] == "Vence hoy"
    assert promise_view(row, at=now - 2 * HOUR, zone=ZoneInfo("Asia/Tokyo"))["promise"]["word"] == "Vigente"


def test_only_who_sees_the_ticket_sees_its_promises(promised, requester, agent, colleague, outsider, other_consultant):
    promised(2)
    for viewer in (requester, agent):
        assert Commitment.objects.visible_to(viewer).count() == 2
    for viewer in (colleague, outsider, other_consultant):
        assert Commitment.objects.visible_to(viewer).count() == 0
