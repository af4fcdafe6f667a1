"""The jobs together: each gets its turn, two at once do no more than one, and a new process takes up what a dead one held."""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from accounts.services import system_actor
from channels.models import OutboundMessage, Route
from channels.tasks import send_due
from core import clock, tasks
from core.leases import WorkState
from core.models import Delivery
from core.tasks import begin, request, run_deliveries
from servicedesk.celery import app
from servicedesk.oneprocess import take_over
from sla.models import Breach
from sla.tasks import sweep_clocks
from tickets.models import Ticket, TicketEvent
from tickets.services import intake, resolution, triage
from tickets.tasks import close_unvalidated, remind_validation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_asked():
    cache.clear()
    app.control.purge()
    yield
    app.control.purge()
    cache.clear()


def asked_for():
    """How many wake-ups lie in the queue."""
    with app.connection_for_write() as link:
        return link.default_channel.queue_declare(app.conf.task_default_queue, durable=True).message_count


@pytest.fixture
def tickets(requester, report, now):
    return [intake.receive(report(title=f"Ticket {n}"), by=requester, channel="web") for n in range(6)]


def test_a_worker_is_asked_once_until_it_begins():
    for _ in range(5):
        request("core.run_deliveries")
    request("channels.send_due")
    assert asked_for() == 2
    begin("core.run_deliveries")
    request("core.run_deliveries")
    assert asked_for() == 3


def test_many_changes_at_once_ask_once(tickets):
    assert (Delivery.objects.count(), asked_for()) == (len(tickets), 1)


def test_a_run_ends_with_its_turn_and_asks_for_another(tickets, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "TURN", timedelta())
    app.control.purge()
    assert run_deliveries() == 2
    # One more turn of its own, and one for the sender of what it wrote.
    assert asked_for() == 2
    assert [run_deliveries(), run_deliveries(), run_deliveries()] == [2, 2, 0]


def at_once(*jobs):
    """Runs the jobs in as many threads, all from the same moment."""
    moment, faults = clock.now(), []
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(10)
            with clock.at(moment):
                job()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_every_job_twice_at_once_does_no_more_than_once(tickets, agent, supervisor, settings, tmp_path, now):
    settings.EMAIL_BACKEND = "channels.transports.files.EmailBackend"
    settings.MAIL_DIR = tmp_path
    system_actor()
    for ticket in tickets[:3]:
        triage.open(ticket, by=agent)
        resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    jobs = [sweep_clocks, remind_validation, close_unvalidated, run_deliveries, send_due]
    for hours in (1, 50, 73, 100):
        with clock.at(now + timedelta(hours=hours)):
            at_once(*jobs, *jobs, *jobs)
            at_once(run_deliveries, run_deliveries)
            send_due()
    solved = [ticket.pk for ticket in tickets[:3]]
    kinds = ["receive", "open", "solve", "remind", "auto_close"]
    for pk in solved:
        assert list(TicketEvent.objects.filter(ticket=pk).values_list("kind", flat=True).order_by("sequence")) == kinds
    assert set(Ticket.objects.filter(pk__in=solved).values_list("closing_code", flat=True)) == {"unvalidated"}
    assert Breach.objects.count() == 2 * 3
    assert not Delivery.objects.exclude(state=WorkState.DONE).exists()
    assert set(OutboundMessage.objects.values_list("state", "attempts")) == {(WorkState.DONE, 1)}
    assert len(list(tmp_path.glob("*.eml"))) == OutboundMessage.objects.count()


def test_what_a_dead_process_held_is_free_at_the_next_start(tickets, agent, now):
    run_deliveries()
    triage.open(tickets[0], by=agent)
    [claimed] = Delivery.objects.all().claim(limit=1, at=now)
    OutboundMessage.objects.all().claim(limit=3, at=now)
    Route.take("email", "dead", at=now)
    assert (run_deliveries(), send_due()) == (0, 0)
    assert take_over() == 1 + 3 + 1
    assert (run_deliveries(), claimed.finish(at=now)) == (1, False)
    assert Route.take("email", "alive", at=now) is not None
    assert OutboundMessage.objects.due(now).count() == OutboundMessage.objects.count()
