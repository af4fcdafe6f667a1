"""Warnings and breaches, put on record once, whenever the sweep comes."""

import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, connections

from core import clock
from core.models import Delivery
from sla import checks
from sla.models import Breach, Clock, WarningLevel, WarningNotice
from sla.tasks import sweep_clocks
from sla.tests.conftest import local
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, triage, work

MICROSECOND = timedelta(microseconds=1)
# Naming the apps makes the clean-up cascade to tables whose model is swapped out.
together = pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])


def sweep_at(moment):
    with clock.at(moment):
        return sweep_clocks()


def notices(ticket):
    return list(
        WarningNotice.objects.filter(clock__ticket=ticket).order_by("reached_at").values_list("clock__kind", "percent")
    )


@pytest.mark.django_db
def test_each_warning_is_given_once_at_its_moment(ticket, now):
    assert sweep_at(now + timedelta(minutes=30) - MICROSECOND) == 0
    sweep_at(now + timedelta(minutes=30))
    sweep_at(now + timedelta(minutes=31))
    assert notices(ticket) == [("reaction", 50)]
    sweep_at(now + timedelta(minutes=45))
    assert notices(ticket) == [("reaction", 50), ("reaction", 75)]
    assert WarningNotice.objects.last().reached_at == now + timedelta(minutes=45)


@pytest.mark.django_db
def test_a_late_sweep_gives_only_the_highest_warning_and_none_after_the_breach(ticket, now):
    sweep_at(now + timedelta(minutes=50))
    assert notices(ticket) == [("reaction", 75)]
    sweep_at(now + timedelta(days=1, hours=1))
    assert notices(ticket) == [("reaction", 75)]
    assert Breach.objects.filter(ticket=ticket).count() == 2


@pytest.mark.django_db
def test_a_breach_is_stamped_with_its_deadline_when_the_sweep_comes_a_day_late(ticket, now):
    late = now + timedelta(days=1, hours=5)
    sweep_at(late)
    found = {b.kind: (b.due_at, b.recorded_at) for b in Breach.objects.all()}
    assert found == {
        "reaction": (now + timedelta(hours=1), late),
        "attention": (local("2026-03-11 10:00"), late),
    }
    assert {c.breached_at == c.due_at and c.next_at is None for c in Clock.objects.all()} == {True}
    row = Ticket.objects.get(pk=ticket.pk)
    assert (row.breached, row.next_due_at, row.version) == (True, now + timedelta(hours=1), 3)
    entry = TicketEvent.objects.filter(kind="breach").first()
    assert (entry.at, entry.actor.role, entry.is_public) == (late, "system", True)
    assert sweep_at(late + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_the_deadlines_own_instant_is_still_in_time(ticket, now):
    sweep_at(now + timedelta(hours=1))
    assert not Breach.objects.exists()
    sweep_at(now + timedelta(hours=1) + MICROSECOND)
    assert Breach.objects.get().due_at == now + timedelta(hours=1)


@pytest.mark.django_db
def test_a_paused_clock_is_neither_warned_nor_breached_and_goes_on_where_it_was(ticket, agent, requester, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(hours=2)):
        work.wait_for_user(ticket, by=agent, message="¿?")
    assert sweep_at(now + timedelta(days=30)) == 0
    with clock.at(now + timedelta(hours=4)):
        conversation.reply(ticket, by=requester, message="Va.")
    sweep_at(now + timedelta(hours=7) - MICROSECOND)
    assert notices(ticket) == []
    sweep_at(now + timedelta(hours=7))
    assert notices(ticket) == [("attention", 50)]


@pytest.mark.django_db
def test_a_warning_reached_just_before_a_pause_is_still_given(ticket, agent, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(hours=6)):
        work.wait_for_user(ticket, by=agent, message="¿?")
    sweep_at(now + timedelta(hours=7))
    assert notices(ticket) == [("attention", 50)]
    assert sweep_at(now + timedelta(hours=8)) == 0


@pytest.mark.django_db
def test_a_longer_promise_may_warn_again_and_a_shorter_one_does_not_repeat_itself(ticket, agent, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(minutes=95)):
        triage.reclassify(ticket, by=agent, reason="1", changes={"impact": "extensive", "urgency": "critical"})
        sweep_clocks()
        assert notices(ticket) == [("attention", 50)]
        triage.reclassify(ticket, by=agent, reason="2", changes={"impact": "minor", "urgency": "low"})
        triage.reclassify(ticket, by=agent, reason="3", changes={"impact": "moderate", "urgency": "high"})
    sweep_at(now + timedelta(hours=5))
    assert notices(ticket) == [("attention", 50), ("attention", 50)]


@pytest.mark.django_db
def test_a_contract_has_its_own_percentages(raise_at, own_terms):
    WarningLevel.objects.create(terms=own_terms(), percent=90)
    ticket = raise_at(local("2026-03-10 10:00"))
    sweep_at(local("2026-03-10 10:53"))
    assert notices(ticket) == []
    sweep_at(local("2026-03-10 10:54"))
    assert notices(ticket) == [("reaction", 90)]


@pytest.mark.django_db
def test_a_ticket_that_cannot_be_looked_at_does_not_stop_the_others(raise_at, monkeypatch):
    bad, good = raise_at(local("2026-03-10 10:00")), raise_at(local("2026-03-10 10:00"))
    Clock.objects.filter(ticket=bad).update(clock="business", counts_from=local("1850-01-01 00:00"))
    Clock.objects.filter(ticket=bad).update(due_at=local("2199-01-01 10:00"))
    sweep_at(local("2026-03-10 10:40"))
    assert (notices(bad), notices(good)) == ([], [("reaction", 50)])


@pytest.mark.django_db
def test_many_tickets_take_one_batch_and_a_fixed_number_of_queries(raise_at, django_assert_max_num_queries):
    for _ in range(12):
        raise_at(local("2026-03-10 10:00"))
    with clock.at(local("2026-03-12 10:00")), django_assert_max_num_queries(20):
        assert sweep_clocks() == 24
    assert Breach.objects.count() == 24
    assert list(checks.invariants()) == []


@pytest.mark.django_db
def test_the_search_for_due_clocks_uses_its_partial_index(ticket, now):
    if connection.vendor == "postgresql":
        # So few rows fit in one page: what is asked here is whether the index can serve the search and its order.
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )
    plan = Clock.objects.due(now + timedelta(hours=5)).values_list("ticket_id", flat=True)[:500].explain()
    assert "clock_next" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@together
def test_two_sweeps_at_once_record_everything_once(raise_at):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(30)]
    barrier, failures = threading.Barrier(2), []

    def run():
        try:
            barrier.wait()
            sweep_at(local("2026-03-12 10:00"))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep_at(local("2026-03-12 10:00"))
    assert failures == []
    assert Breach.objects.count() == 2 * len(tickets)
    for ticket in tickets:
        sequences = list(TicketEvent.objects.filter(ticket=ticket).values_list("sequence", "kind"))
        assert sequences == [(1, "receive"), (2, "breach"), (3, "breach")]
    owed = Delivery.objects.filter(event="ClockBreached").values_list("event_id", "handler")
    assert len(owed) == len(set(owed))
    assert list(checks.invariants()) == []


@together
def test_a_sweep_and_an_agent_at_once_agree(raise_at, agent):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(12)]
    moment, failures = local("2026-03-10 11:30"), []

    def run(act):
        try:
            act()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    def answer():
        for ticket in tickets:
            with clock.at(moment):
                triage.open(ticket, by=agent)

    threads = [threading.Thread(target=run, args=(act,)) for act in (answer, lambda: sweep_at(moment))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep_at(moment)
    assert failures == []
    assert Breach.objects.filter(kind="reaction").count() == len(tickets)
    assert TicketEvent.objects.filter(kind="breach").count() == len(tickets)
    with clock.at(moment):
        assert list(checks.invariants()) == []
