"""Which tickets new terms reach, and which ones a calendar's new days."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from core import caching, clock
from core.leases import WorkState
from customers.models import Calendar, CalendarWindow, Contract, ServiceTerms
from sla import concerned
from sla.models import Clock, Recalculation
from sla.services import recalculation
from sla.tasks import recalculate
from sla.tests.conftest import local
from sla.tests.recalculating import (
    FASTER,
    LATER,
    close,
    fresh,
    guide_id,
    guide_version,
    next_of,
    nothing_is_wrong,
    terms_of,
    the,
)
from tickets.models import TicketEvent
from tickets.services import intake, resolution, triage, work

pytestmark = pytest.mark.django_db


# ── Whom it reaches ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_guides_new_terms_reach_every_contract_but_those_with_their_own(
    ticket, outsider, report, contract, guide, apply, now
):
    other = Contract.objects.get(number="MN-002")
    own = terms_of(other, at=now - timedelta(days=1), targets=[{**FASTER, "attention_minutes": 300}])
    theirs = intake.receive(report(), by=outsider, channel="web")
    assert theirs.terms_id == own.pk
    before = list(Clock.objects.filter(ticket=theirs).order_by("pk").values())
    new = guide_version(guide)
    job = apply(new)
    assert (fresh(ticket).terms_id, the(ticket).due_at) == (new.pk, now + timedelta(minutes=60))
    assert (fresh(theirs).terms_id, fresh(theirs).version) == (own.pk, 1)
    assert list(Clock.objects.filter(ticket=theirs).order_by("pk").values()) == before
    assert (job.done, job.changed) == (1, 1)
    assert nothing_is_wrong()


def test_a_contracts_terms_reach_its_own_tickets_alone(ticket, outsider, report, contract, apply):
    theirs = intake.receive(report(), by=outsider, channel="web")
    job = apply(terms_of(contract, targets=[FASTER]))
    assert (job.done, fresh(theirs).version) == (1, 1)
    assert fresh(theirs).terms_id == guide_id()


def test_a_ticket_of_the_old_guide_keeps_it_when_its_contract_has_terms_by_now(ticket, contract, guide, apply):
    terms_of(contract, at=LATER - timedelta(minutes=5))
    job = apply(guide_version(guide))
    assert (job.done, fresh(ticket).version) == (0, 1)


def test_nothing_goes_back_from_later_terms(raise_at, contract, apply, now):
    first = terms_of(contract, targets=[FASTER])
    second = terms_of(contract, at=LATER + timedelta(minutes=10))
    ticket = raise_at(LATER + timedelta(minutes=11))
    assert ticket.terms_id == second.pk
    job = Recalculation.objects.create(terms=first, reason="Tarde.", requested_by=ticket.requester, next_at=LATER)
    with clock.at(LATER + timedelta(hours=1)):
        recalculate()
    assert (fresh(ticket).terms_id, fresh(ticket).version) == (second.pk, 1)
    assert Recalculation.objects.get(pk=job.pk).state == WorkState.DONE


# ── Calendars ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_day_moves_the_open_clocks_of_its_calendar_alone(raise_at, outsider, report, guide, apply, now):
    nights = Calendar.objects.create(name="Otro", observes_holidays=False)
    CalendarWindow.objects.bulk_create(
        [CalendarWindow(calendar=nights, weekday=day, opens=540, closes=1140) for day in range(5)]
    )
    terms_of(Contract.objects.get(number="MN-002"), at=now - timedelta(days=1), calendar=nights)
    by_guide, always = raise_at(now), raise_at(now, service_line="technological")
    theirs = intake.receive(report(), by=outsider, channel="web")
    close(guide.calendar, date(2026, 3, 11))
    job = apply(calendar=guide.calendar, reason="El 11 de marzo es inhábil.")
    assert the(by_guide).due_at == local("2026-03-12 10:00")
    assert the(by_guide, "reaction").due_at == now + timedelta(hours=1)
    event = TicketEvent.objects.get(kind="calendar_applied")
    assert (event.ticket_id, event.is_public, event.data["calendar"]) == (by_guide.pk, True, guide.calendar.name)
    assert set(event.data["clocks"]) == {"attention"}
    assert [fresh(row).version for row in (always, theirs)] == [1, 1]
    assert fresh(by_guide).terms_id == guide.pk
    assert (job.done, job.changed) == (2, 1)
    assert nothing_is_wrong(LATER + timedelta(minutes=2))


def test_a_calendar_begins_when_no_process_counts_by_the_old_days_any_more(ticket, admin, guide):
    close(guide.calendar, date(2026, 3, 11))
    job = recalculation.request(by=admin, calendar=guide.calendar, reason="Es inhábil.", at=LATER)
    assert job.next_at - LATER > timedelta(seconds=caching.SECONDS)


def test_todays_closing_counts_again_what_a_paused_clock_had_used(ticket, agent, guide, apply, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(minutes=20)):
        work.wait_for_user(ticket, by=agent, message="¿Me envía el XML?")
    close(guide.calendar, date(2026, 3, 10))
    apply(calendar=guide.calendar)
    assert (the(ticket).state, the(ticket).used) == ("paused", timedelta())
    assert nothing_is_wrong(LATER + timedelta(minutes=2))


def test_the_guides_calendar_of_a_tickets_own_time_decides(raise_at, contract, guide, apply, now):
    other = Calendar.objects.create(name="Horario nuevo", observes_holidays=False)
    CalendarWindow.objects.bulk_create(
        [CalendarWindow(calendar=other, weekday=day, opens=480, closes=1200) for day in range(5)]
    )
    terms_of(contract, at=now - timedelta(days=1))
    old = raise_at(now)
    new_guide = guide_version(guide)
    ServiceTerms.objects.filter(pk=new_guide.pk).update(calendar=other)
    caching.forget_all()
    new = raise_at(LATER + timedelta(minutes=1))
    assert list(concerned.by_calendar(guide.calendar)) == [old]
    assert list(concerned.by_calendar(other)) == [new]


def test_days_edited_while_it_is_pending_make_it_begin_again(raise_at, admin, guide, now):
    first, second = raise_at(now), raise_at(now)
    close(guide.calendar, date(2026, 3, 11))
    job = recalculation.request(by=admin, calendar=guide.calendar, reason="El 11 es inhábil.", at=LATER)
    begun = Recalculation.objects.claim(limit=1, at=job.next_at)[0]
    with clock.at(job.next_at), transaction.atomic():
        begun.done, begun.cursor = next_of(begun, size=1)
        Recalculation.objects.filter(pk=begun.pk).update(done=1, cursor=begun.cursor, total=begun.total)
    close(guide.calendar, date(2026, 3, 12))
    again = recalculation.renew(
        guide.calendar, by=admin, reason="El 11 y el 12 son inhábiles.", at=LATER + timedelta(minutes=5)
    )
    assert (again.pk, again.cursor, again.done, again.total) == (job.pk, 0, 0, None)
    assert not begun.finish(at=LATER)
    with clock.at(again.next_at):
        recalculate()
    assert {the(row).due_at for row in (first, second)} == {local("2026-03-13 10:00")}
    assert Recalculation.objects.get().state == WorkState.DONE


# ── What the guide decides for a contract that says nothing ───────────────────────────────────────────────────────────


def test_a_contracts_silence_means_the_guide_of_the_tickets_own_time(raise_at, agent, requester, contract, guide, now):
    """Its pauses and its time to validate, as its targets."""
    terms_of(contract, at=now - timedelta(days=1))
    old = raise_at(now)
    new_guide = guide_version(guide)
    ServiceTerms.objects.filter(pk=new_guide.pk).update(
        pauses_for_user=False, pauses_for_vendor=True, validation_hours=24
    )
    caching.forget_all()
    new = raise_at(LATER + timedelta(minutes=1))
    at = LATER + timedelta(minutes=5)
    with clock.at(at):
        for row in (old, new):
            triage.open(row, by=agent)
            work.wait_for_user(row, by=agent, message="¿Me envía el XML?")
        assert [the(row).state for row in (old, new)] == ["paused", "running"]
        for row in (old, new):
            resolution.solve(row, by=agent, solution_type="definitive", solution="Se corrigió.")
    assert [fresh(row).validation_due_at - at for row in (old, new)] == [timedelta(hours=72), timedelta(hours=24)]
    assert nothing_is_wrong(at)
