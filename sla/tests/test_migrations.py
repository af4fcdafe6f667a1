"""The upgrade puts the dates promised before it on record as they would have been, and tells nobody."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from core import clock
from core.models import Delivery
from sla import commitment_checks
from sla.models import Commitment
from sla.services import commitments
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, ending, intake, resolution, triage

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
upgrade = import_module("sla.migrations.0003_promises_of_before")


def rows():
    return list(
        Commitment.objects.order_by("ticket", "pk").values_list(
            "ticket", "due_at", "made_at", "made_by", "state", "settled_at"
        )
    )


@pytest.fixture
def lives(agent, requester, report, now):
    """A ticket of every fate, as the services leave it; the last one is never promised anything."""

    def begin(*dates):
        row = triage.open(intake.receive(report(), by=requester, channel="web"), by=agent)
        for n, due_at in enumerate(dates):
            given = {"committed_for": due_at, "commitment_reason": "Falta." if n else "", "at": now + n * HOUR}
            conversation.reply(row, by=agent, message="Queda.", **given)
        return row

    def solve(row, hours):
        resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.", at=now + hours * HOUR)

    solve(begin(now + 5 * HOUR), 3)
    solve(begin(now + 5 * HOUR), 6)
    ending.cancel(begin(now + 5 * HOUR), by=agent, reason="Ya no.", at=now + 3 * HOUR)
    ending.cancel(begin(now + 5 * HOUR), by=agent, reason="Ya no.", at=now + 6 * HOUR)
    solve(begin(now + 5 * HOUR, now + 9 * HOUR), 6)
    begin(now + HOUR / 2, now + 9 * HOUR)
    begin(now + 5 * HOUR)
    begin(now + 5 * HOUR, now + 50 * HOUR)
    begin()


@pytest.mark.parametrize("chunk", [1, 500])
def test_what_is_read_back_is_what_the_services_recorded(lives, now, monkeypatch, chunk):
    with clock.at(now + 10 * HOUR):
        commitments.sweep(clock.now())
        expected, events, owed = rows(), TicketEvent.objects.count(), Delivery.objects.count()
        assert {row[4] for row in expected} == {"kept", "broken", "void", "renegotiated", "standing"}
        Commitment.objects.all().delete()
        monkeypatch.setattr(upgrade, "CHUNK", chunk)
        upgrade.record(apps, None)
        assert rows() == expected
        assert (TicketEvent.objects.count(), Delivery.objects.count()) == (events, owed)
        assert list(commitment_checks.invariants()) == []
        upgrade.record(apps, None)
        assert rows() == expected


def test_a_date_that_no_message_gives_is_put_on_record_all_the_same(lives, now):
    row = Ticket.objects.last()
    Ticket.objects.filter(pk=row.pk).update(committed_for=now + 50 * HOUR)
    upgrade.record(apps, None)
    found = Commitment.objects.get(ticket=row)
    assert (found.due_at, found.made_by_id, found.state) == (now + 50 * HOUR, row.requester_id, "standing")
