"""New terms and a calendar's new days reach the open tickets: all of them, once, with everything on record."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core import caching, clock
from core.errors import InvalidInput, Refused
from core.leases import WorkState
from core.models import Alarm
from customers.models import Calendar, CalendarWindow, ClosedDay, Contract, ServiceTerms
from escalation.models import EscalationPlan, EscalationRule
from servicedesk.testing import TUESDAY
from sla import checks, concerned, targets
from sla.ledger import explain
from sla.models import Breach, Clock, ClockChange, Recalculation, Target, WarningLevel
from sla.services import recalculation
from sla.tasks import recalculate, sweep_clocks
from sla.tests.conftest import local
from tickets.checks import history_faults
from tickets.models import PriorityRule, Ticket, TicketEvent
from tickets.services import conversation, ending, intake, resolution, triage, work

pytestmark = pytest.mark.django_db
together = pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])

LATER = TUESDAY + timedelta(minutes=30)
"""Half an hour after the cast's ticket: 10:30."""
FASTER = {"priority": "high", "service_line": "", "reaction_minutes": 45, "attention_minutes": 120}


def terms_of(contract: Contract | None, *, at=LATER, **values: Any) -> ServiceTerms:
    """Terms valid from `at`: `targets`, `matrix` as (urgency, impact, priority), else the fields' own values."""
    own, matrix = values.pop("targets", ()), values.pop("matrix", ())
    row = ServiceTerms.objects.create(contract=contract, name="Condiciones 2027", valid_from=at, **values)
    Target.objects.bulk_create([Target(terms=row, **target) for target in own])
    PriorityRule.objects.bulk_create(
        [PriorityRule(terms=row, urgency=urgency, impact=impact, priority=value) for urgency, impact, value in matrix]
    )
    caching.forget_all()
    return row


@pytest.fixture
def apply(admin) -> Callable[..., Recalculation]:
    """`apply(terms, at=…)`: asked for and done at that moment."""

    def run(terms: ServiceTerms | None = None, *, at=LATER, reason: str = "Se renovó el contrato.", **what: Any):
        with clock.at(at):
            job = recalculation.request(by=admin, terms=terms, reason=reason, **what)
        with clock.at(max(at, job.next_at)):
            recalculate()
        return Recalculation.objects.get(pk=job.pk)

    return run


def the(ticket: Ticket, kind: str = "attention") -> Clock:
    return Clock.objects.get(ticket=ticket, kind=kind)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def nothing_is_wrong(at=LATER) -> bool:
    with clock.at(at):
        return [*checks.invariants(), *history_faults()] == []


def next_of(job: Recalculation, **how: Any) -> tuple[int, int]:
    done = recalculation.chunk(job, **how)
    assert done is not None
    return done


# ── Asking for it ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "role",
    ["agent", "consultant", "supervisor", "manager", "director", "bpo", "service_delivery", "requester", "outsider"],
)
def test_only_an_administrator_asks_for_it(role, request, guide, contract):
    with pytest.raises(Refused):
        recalculation.request(by=request.getfixturevalue(role), terms=terms_of(contract), reason="Porque sí.", at=LATER)
    assert not Recalculation.objects.exists()


def test_an_administrator_who_left_asks_for_nothing(admin, contract):
    admin.is_active = False
    with pytest.raises(Refused):
        recalculation.request(by=admin, terms=terms_of(contract), reason="Porque sí.", at=LATER)


def test_it_needs_a_reason_and_one_thing_to_apply(admin, contract, guide):
    terms = terms_of(contract)
    with pytest.raises(InvalidInput) as refused:
        recalculation.request(by=admin, terms=terms, reason=" ", at=LATER)
    assert set(refused.value.errors) == {"reason"}
    with pytest.raises(ValueError, match="either terms or a calendar"):
        recalculation.request(by=admin, reason="Nada.", at=LATER)
    with pytest.raises(ValueError, match="either terms or a calendar"):
        recalculation.request(by=admin, terms=terms, calendar=guide.calendar, reason="Todo.", at=LATER)


def test_one_waits_for_each_and_another_may_follow_it(admin, contract, guide, apply):
    terms = terms_of(contract)
    recalculation.request(by=admin, terms=terms, reason="Una vez.", at=LATER)
    with pytest.raises(Refused, match="pendiente"):
        recalculation.request(by=admin, terms=terms, reason="Dos veces.", at=LATER)
    recalculation.request(by=admin, calendar=guide.calendar, reason="Es otra cosa.", at=LATER)
    with clock.at(LATER):
        recalculate()
    assert apply(terms).state == WorkState.DONE
    assert Recalculation.objects.count() == 3


def test_terms_that_others_replaced_are_not_applied(admin, contract):
    old = terms_of(contract)
    terms_of(contract, at=LATER + timedelta(minutes=5))
    with pytest.raises(Refused, match="sustituidas"):
        recalculation.request(by=admin, terms=old, reason="Las de antes.", at=LATER + timedelta(hours=1))


def test_terms_to_come_are_applied_when_they_come_into_force(ticket, admin, contract):
    begins = TUESDAY + timedelta(hours=3)
    terms = terms_of(contract, at=begins, targets=[FASTER])
    job = recalculation.request(by=admin, terms=terms, reason="Desde la una.", at=LATER)
    assert job.next_at == begins
    with clock.at(begins - timedelta(microseconds=1)):
        recalculate()
    assert fresh(ticket).terms_id != terms.pk
    with clock.at(begins):
        recalculate()
    assert fresh(ticket).terms_id == terms.pk


def test_terms_put_off_after_that_are_waited_for(ticket, admin, contract):
    terms = terms_of(contract, at=TUESDAY + timedelta(hours=3))
    job = recalculation.request(by=admin, terms=terms, reason="Desde la una.", at=LATER)
    ServiceTerms.objects.filter(pk=terms.pk).update(valid_from=TUESDAY + timedelta(hours=5))
    with clock.at(TUESDAY + timedelta(hours=3)):
        recalculate()
    job.refresh_from_db()
    assert (job.state, job.next_at) == (WorkState.PENDING, TUESDAY + timedelta(hours=5))
    assert fresh(ticket).terms_id != terms.pk


def test_what_has_not_begun_is_taken_back_by_an_administrator(admin, supervisor, contract, apply):
    terms = terms_of(contract, at=TUESDAY + timedelta(hours=3))
    job = recalculation.request(by=admin, terms=terms, reason="Desde la una.", at=LATER)
    with pytest.raises(Refused):
        recalculation.withdraw(job, by=supervisor)
    recalculation.withdraw(job, by=admin)
    assert Recalculation.objects.get().state == WorkState.WITHDRAWN
    done = apply(terms, at=TUESDAY + timedelta(hours=3))
    with pytest.raises(Refused, match="no se puede retirar"):
        recalculation.withdraw(done, by=admin)


# ── What it does ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_open_tickets_take_new_terms_over_counted_from_their_creation(ticket, admin, contract, apply, now):
    terms = terms_of(contract, targets=[FASTER])
    job = apply(terms)
    row = fresh(ticket)
    assert (row.terms_id, row.next_due_at, row.updated_at) == (terms.pk, now + timedelta(minutes=45), LATER)
    assert the(ticket, "reaction").due_at == now + timedelta(minutes=45)
    assert the(ticket).due_at == now + timedelta(minutes=120)
    change = ClockChange.objects.get(ticket=ticket, kind="attention")
    assert (change.old_due, change.new_due, change.old_minutes, change.new_minutes, change.by, change.reason) == (
        local("2026-03-11 10:00"), now + timedelta(minutes=120), 600, 120, admin, "Se renovó el contrato.",
    )  # fmt: skip
    event = TicketEvent.objects.get(ticket=ticket, kind="terms_applied")
    assert (event.is_public, event.actor, event.at) == (True, admin, LATER)
    assert event.data["terms"] == ["Guía de Servicio 2.6", "Condiciones 2027"]
    assert event.data["reason"] == "Se renovó el contrato."
    assert {kind: (told["was_minutes"], told["minutes"]) for kind, told in event.data["clocks"].items()} == {
        "reaction": (60, 45),
        "attention": (600, 120),
    }
    assert (job.state, job.total, job.done, job.changed) == (WorkState.DONE, 1, 1, 1)
    assert nothing_is_wrong()


def test_what_the_new_terms_promise_alike_is_taken_over_and_told_but_is_no_change(ticket, contract, apply):
    terms = terms_of(contract)
    job = apply(terms)
    assert (fresh(ticket).terms_id, job.done, job.changed) == (terms.pk, 1, 0)
    assert TicketEvent.objects.get(ticket=ticket, kind="terms_applied").data["clocks"] == {}
    assert not ClockChange.objects.exists()
    assert nothing_is_wrong()


def test_asking_again_changes_nothing(ticket, contract, apply):
    terms = terms_of(contract, targets=[FASTER])
    apply(terms)
    before = (Ticket.objects.values().get(), list(Clock.objects.order_by("pk").values()), ClockChange.objects.count())
    again = apply(terms)
    assert (again.state, again.done, again.changed) == (WorkState.DONE, 0, 0)
    assert before == (
        Ticket.objects.values().get(),
        list(Clock.objects.order_by("pk").values()),
        ClockChange.objects.count(),
    )


def test_a_matrix_that_moves_the_priority_moves_the_queue_and_the_promise(ticket, contract, apply, now):
    before = ticket.precedence
    apply(terms_of(contract, matrix=[("high", "moderate", "critical")]))
    row = fresh(ticket)
    assert (row.priority, row.precedence) == ("critical", before - 1)
    assert the(ticket).due_at == now + timedelta(hours=3)
    assert TicketEvent.objects.get(kind="terms_applied").data["changes"] == {"priority": ["high", "critical"]}
    assert nothing_is_wrong()


def test_met_clocks_stay_and_so_do_solved_and_ended_tickets(raise_at, agent, requester, contract, apply, now):
    reacted, solved, cancelled = raise_at(now), raise_at(now), raise_at(now)
    triage.open(reacted, by=agent)
    triage.open(solved, by=agent)
    resolution.solve(solved, by=agent, solution_type="definitive", solution="Se corrigió.")
    ending.cancel(cancelled, by=requester, reason="Ya quedó.")
    met = Clock.objects.values().get(ticket=reacted, kind="reaction")
    rest = [list(Clock.objects.filter(ticket=row).order_by("pk").values()) for row in (solved, cancelled)]
    terms = terms_of(contract, targets=[FASTER])
    job = apply(terms)
    assert Clock.objects.values().get(ticket=reacted, kind="reaction") == met
    assert (fresh(reacted).terms_id, the(reacted).due_at) == (terms.pk, now + timedelta(minutes=120))
    assert [list(Clock.objects.filter(ticket=row).order_by("pk").values()) for row in (solved, cancelled)] == rest
    assert {fresh(row).terms_id for row in (solved, cancelled)} == {ticket_terms(contract)}
    assert job.done == 1
    assert nothing_is_wrong()


def ticket_terms(contract) -> int:
    return ServiceTerms.objects.get(contract=None).pk


def test_a_missed_deadline_that_the_new_terms_undo_stays_on_record_with_its_correction(
    ticket, admin, contract, apply, now
):
    late = now + timedelta(minutes=90)
    with clock.at(late):
        sweep_clocks()
    assert fresh(ticket).breached
    slower = {**FASTER, "reaction_minutes": 240, "attention_minutes": None}
    job = apply(terms_of(contract, targets=[slower]), at=late)
    breach = Breach.objects.get(ticket=ticket)
    assert (breach.due_at, breach.corrected_at, breach.correction) == (
        now + timedelta(hours=1),
        late,
        "Se renovó el contrato.",
    )
    assert (the(ticket, "reaction").breached_at, fresh(ticket).breached) == (None, False)
    told = list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence").values_list("kind", "actor__role"))
    assert told == [
        ("receive", "requester"),
        ("breach", "system"),
        ("terms_applied", "admin"),
        ("breach_corrected", "admin"),
    ]
    assert job.changed == 1
    assert nothing_is_wrong(late)


def test_what_was_late_and_no_sweep_had_seen_is_put_on_record_before_it_is_corrected(ticket, contract, apply, now):
    late = now + timedelta(minutes=90)
    slower = {**FASTER, "reaction_minutes": 240, "attention_minutes": None}
    apply(terms_of(contract, targets=[slower]), at=late)
    kinds = list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["receive", "breach", "terms_applied", "breach_corrected"]
    assert Breach.objects.get().corrected_at == late
    assert nothing_is_wrong(late)


def test_what_is_late_by_the_new_terms_is_late_at_once(ticket, contract, apply, now):
    apply(terms_of(contract, targets=[{**FASTER, "reaction_minutes": 10}]))
    assert (the(ticket, "reaction").breached_at, fresh(ticket).breached) == (now + timedelta(minutes=10), True)
    kinds = list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["receive", "terms_applied", "breach"]
    assert nothing_is_wrong()


def test_a_paused_clock_stays_paused_with_its_new_promise(ticket, agent, requester, contract, apply, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(minutes=20)):
        work.wait_for_user(ticket, by=agent, message="¿Me envía el XML?")
    apply(terms_of(contract, targets=[FASTER]))
    held = the(ticket)
    assert (held.state, held.due_at, held.used, held.target_minutes) == ("paused", None, timedelta(minutes=20), 120)
    change = ClockChange.objects.get(ticket=ticket)
    assert (change.old_due, change.new_due, change.old_minutes, change.new_minutes) == (None, None, 600, 120)
    with clock.at(now + timedelta(minutes=50)):
        conversation.reply(ticket, by=requester, message="Va.")
    assert the(ticket).due_at == now + timedelta(minutes=150)


def test_terms_with_other_pauses_let_run_or_hold(raise_at, agent, consultant, group, contract, apply, now):
    user, vendor = raise_at(now), raise_at(now)
    for row in (user, vendor):
        triage.assign(row, by=agent, group=group)
    with clock.at(now + timedelta(minutes=20)):
        work.wait_for_user(user, by=consultant, message="¿Me envía el XML?")
        work.wait_for_vendor(vendor, by=consultant, vendor="Oracle", vendor_reference="SR 3-1")
    assert (the(user).state, the(vendor).state) == ("paused", "running")
    apply(terms_of(contract, pauses_for_user=False, pauses_for_vendor=True))
    assert (the(user).state, the(user).due_at, the(user).used) == ("running", local("2026-03-11 10:00"), None)
    assert (the(vendor).state, the(vendor).due_at, the(vendor).used) == ("paused", None, timedelta(minutes=20))
    assert fresh(vendor).next_due_at == the(vendor, "reaction").due_at
    assert nothing_is_wrong()


def test_what_had_ended_is_explained_as_it_was_counted(ticket, agent, contract, guide, apply, now):
    with clock.at(now + timedelta(minutes=20)):
        conversation.reply(ticket, by=agent, message="Mañana queda.", committed_for=now + timedelta(days=1))
    told = [explain(row, at=LATER) for row in fresh(ticket).clocks.order_by("kind")]
    assert [(one.due_at, one.total) for one in told] == [
        (local("2026-03-11 10:00"), timedelta(minutes=20)),
        (now + timedelta(hours=1), timedelta(minutes=20)),
    ]
    late = Calendar.objects.create(name="Vespertino", observes_holidays=False)
    CalendarWindow.objects.create(calendar=late, weekday=1, opens=720, closes=1140)
    job = apply(terms_of(contract, calendar=late, time_zone="America/Tijuana"))
    assert (job.done, fresh(ticket).terms.calendar) == (1, late)
    close(guide.calendar, date(2026, 3, 11))
    caching.forget_all()
    assert [explain(row, at=LATER) for row in fresh(ticket).clocks.order_by("kind")] == told


def test_a_day_closed_later_does_not_move_the_deadline_of_what_was_met(ticket, agent, guide, apply, now):
    with clock.at(now + timedelta(minutes=20)):
        conversation.reply(ticket, by=agent, message="Mañana queda.", committed_for=now + timedelta(days=1))
    told = explain(the(ticket), at=LATER)
    assert told.sentence == "Vencía mañana, miércoles 11 de marzo, 10:00. Se cumplió hoy 10:20."
    close(guide.calendar, date(2026, 3, 11))
    apply(calendar=guide.calendar)
    assert explain(the(ticket), at=LATER) == told


def test_other_percentages_of_warning_are_looked_at_in_time(ticket, contract, apply, now):
    terms = terms_of(contract)
    WarningLevel.objects.create(terms=terms, percent=60)
    assert the(ticket, "reaction").next_at == now + timedelta(minutes=30)
    apply(terms, at=now + timedelta(minutes=30))
    assert the(ticket, "reaction").next_at == now + timedelta(minutes=36)
    assert not ClockChange.objects.exists()


def test_the_escalation_plan_follows_the_clocks(guide, requester, report, contract, apply, now):
    EscalationRule.objects.filter(terms=guide).delete()
    EscalationRule.objects.create(terms=guide, clock="attention", percent=50, level=2)
    caching.forget_all()
    ticket = intake.receive(report(), by=requester, channel="web")
    assert EscalationPlan.objects.get(ticket=ticket).next_at == now + timedelta(hours=5)
    apply(terms_of(contract, targets=[FASTER]))
    assert EscalationPlan.objects.get(ticket=ticket).next_at == now + timedelta(hours=1)


# ── Whom it reaches ───────────────────────────────────────────────────────────────────────────────────────────────────


def guide_version(guide: ServiceTerms, *, at=LATER, attention: int = 60) -> ServiceTerms:
    """The guide's next version: complete, and faster for what is high."""
    matrix = list(guide.priority_rules.values_list("urgency", "impact", "priority"))
    row = terms_of(None, at=at, calendar=guide.calendar, matrix=matrix)
    Target.objects.bulk_create(
        [
            Target(
                terms=row,
                priority=old.priority,
                service_line=old.service_line,
                reaction_minutes=old.reaction_minutes,
                attention_minutes=attention if old.priority == "high" else old.attention_minutes,
                attention_clock=old.attention_clock,
            )
            for old in guide.targets.all()
        ]
    )
    caching.forget_all()
    return row


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
    assert fresh(theirs).terms_id == ticket_terms(contract)


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


def close(calendar: Calendar, on: date) -> None:
    ClosedDay.objects.create(calendar=calendar, date=on, name="Aniversario")


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


# ── However it goes ───────────────────────────────────────────────────────────────────────────────────────────────────


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
