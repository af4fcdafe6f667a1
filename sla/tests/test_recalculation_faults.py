"""However it goes: many tickets, failing ones, kills, two runs at once, and people at work meanwhile."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core import clock
from core.errors import Refused
from core.leases import WorkState
from core.models import Alarm
from servicedesk.testing import TUESDAY
from sla import targets
from sla.models import ClockChange, Recalculation
from sla.services import recalculation
from sla.tasks import recalculate
from sla.tests.conftest import local
from sla.tests.recalculating import FASTER, LATER, fresh, next_of, nothing_is_wrong, terms_of, the
from tickets.models import Ticket
from tickets.services import intake, triage, work

pytestmark = pytest.mark.django_db
together = pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])


def test_many_tickets_cost_as_many_queries_as_few(raise_at, contract, admin, apply, now):
    terms = terms_of(contract, targets=[{**FASTER, "reaction_minutes": 10}])
    job = Recalculation.objects.create(terms=terms, reason="Se renovó.", requested_by=admin, next_at=LATER)
    counted = []
    for size in (2, 12):
        for _ in range(size):
            raise_at(now)
        with clock.at(LATER), transaction.atomic():
            recalculation.chunk(job, size=1)  # warms the configuration
            with CaptureQueriesContext(
                connection,
            ) as queries:
                done, job.cursor = next_of(job)
        counted.append((done >= size - 1, len(queries)))
        job = Recalculation.objects.create(terms=terms, reason="Se renovó.", requested_by=admin, next_at=LATER)
    assert counted[0] == counted[1]
    assert counted[0][1] <= 25


def test_few_tickets_among_many_are_found_a_stretch_of_ids_at_a_time(raise_at, admin, contract, now, monkeypatch):
    monkeypatch.setattr(recalculation, "STRETCH", 2)
    monkeypatch.setattr(recalculation, "STRETCHES", 3)
    tickets = [raise_at(now) for _ in range(20)]
    few = [tickets[8], tickets[9], tickets[19]]
    Ticket.objects.exclude(pk__in=[row.pk for row in few]).update(state="closed", closed_at=now, closing_code="invalid")
    terms = terms_of(contract, targets=[FASTER])
    job = recalculation.request(by=admin, terms=terms, reason="Se renovó.", at=LATER)
    job.cursor, done, looked = tickets[0].pk - 1, [], 0
    with clock.at(LATER), transaction.atomic():
        while (found := recalculation.chunk(job, size=1)) is not None:
            job.cursor, looked = found[1], looked + 1
            done.append(found[0])
    assert ([count for count in done if count], looked < 10) == ([1, 1, 1], True)
    assert (job.total, {fresh(row).terms_id for row in few}) == (3, {terms.pk})


def test_a_ticket_that_fails_stops_no_other_and_sounds_the_alarm(raise_at, contract, apply, now):
    good, beyond, broken, last = (raise_at(now) for _ in range(4))
    Ticket.objects.filter(pk=beyond.pk).update(created_at=local("2199-12-31 18:59"))
    Ticket.objects.filter(pk=broken.pk).update(version=0)
    terms = terms_of(contract, targets=[FASTER])
    job = apply(terms)
    assert (job.state, job.done, job.changed) == (WorkState.DONE, 4, 2)
    assert {fresh(row).terms_id == terms.pk for row in (good, last)} == {True}
    assert {fresh(row).terms_id == terms.pk for row in (beyond, broken)} == {False}
    alarm = Alarm.objects.get(key=f"recalculation:{job.pk}")
    assert (alarm.times, alarm.kind) == (2, "recalculation")
    assert broken.number in alarm.text


def test_killed_between_chunks_it_goes_on_from_there(raise_at, contract, admin, now, monkeypatch):
    tickets = [raise_at(now) for _ in range(5)]
    terms = terms_of(contract, targets=[FASTER])
    job = recalculation.request(by=admin, terms=terms, reason="Se renovó.", at=LATER)
    monkeypatch.setattr(recalculation.chunk, "__kwdefaults__", {"size": 2})
    with clock.at(LATER):
        taken = Recalculation.objects.claim(limit=1, at=LATER)[0]
        with transaction.atomic():
            taken.done, taken.cursor = next_of(taken)
            Recalculation.objects.filter(pk=job.pk).update(done=taken.done, cursor=taken.cursor, total=taken.total)
        with suppress(Killed), transaction.atomic():
            recalculation.chunk(taken)
            raise Killed
        recalculate()
        assert [fresh(row).version for row in tickets] == [2, 2, 1, 1, 1]
    with clock.at(LATER + timedelta(minutes=1)):
        recalculate()
    assert [fresh(row).version for row in tickets] == [2] * 5
    row = Recalculation.objects.get()
    assert (row.state, row.done, row.total, row.changed) == (WorkState.DONE, 5, 5, 5)
    assert nothing_is_wrong(LATER + timedelta(minutes=1))


class Killed(Exception):
    pass


@together
def test_two_runs_at_once_do_every_ticket_once(guide, requester, report, contract, admin, monkeypatch):
    monkeypatch.setattr(recalculation.chunk, "__kwdefaults__", {"size": 3})
    with clock.at(TUESDAY):
        tickets = [intake.receive(report(), by=requester, channel="web") for _ in range(12)]
    terms = terms_of(contract, targets=[FASTER])
    recalculation.request(by=admin, terms=terms, reason="Se renovó.", at=LATER)
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        with clock.at(LATER):
            for _ in range(6):
                recalculate()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    row = Recalculation.objects.get()
    assert (row.state, row.done, row.changed) == (WorkState.DONE, 12, 12)
    assert {fresh(one).version for one in tickets} == {2}
    assert ClockChange.objects.count() == 24
    assert nothing_is_wrong()


@together
def test_a_ticket_worked_on_meanwhile_comes_out_right(guide, requester, agent, report, contract, admin):
    with clock.at(TUESDAY):
        tickets = [intake.receive(report(), by=requester, channel="web") for _ in range(6)]
    terms = terms_of(contract, targets=[FASTER])
    recalculation.request(by=admin, terms=terms, reason="Se renovó.", at=LATER)
    start, worked_on = threading.Barrier(2), []

    def work_on() -> None:
        start.wait()
        with clock.at(LATER):
            for row in tickets:
                triage.open(row, by=agent)
                worked_on.append(work.wait_for_user(row, by=agent, message="¿Me envía el XML?"))
        connections.close_all()

    thread = threading.Thread(target=work_on)
    thread.start()
    start.wait()
    with clock.at(LATER):
        recalculate()
    thread.join(60)
    assert len(worked_on) == 6
    for row in tickets:
        assert (fresh(row).terms_id, the(row).state, the(row).target_minutes) == (terms.pk, "paused", 120)
        assert targets.for_ticket(fresh(row))["attention"].minutes == 120
    assert nothing_is_wrong()


@together
def test_two_who_ask_at_once_get_one_between_them(guide, contract, admin):
    terms = terms_of(contract, targets=[FASTER])
    start, answers = threading.Barrier(2), []

    def ask() -> None:
        start.wait()
        try:
            recalculation.request(by=admin, terms=terms, reason="Se renovó.", at=LATER)
            answers.append("asked")
        except Refused:
            answers.append("refused")
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(answers), Recalculation.objects.count()) == (["asked", "refused"], 1)
