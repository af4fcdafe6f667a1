"""New terms reach the open tickets: asked for by an administrator, counted from the creation, with everything on record."""

from datetime import date, timedelta

import pytest

from core import caching, clock
from core.errors import InvalidInput, Refused
from core.leases import WorkState
from customers.models import Calendar, CalendarWindow, ServiceTerms
from escalation.models import EscalationPlan, EscalationRule
from servicedesk.testing import TUESDAY
from sla.ledger import explain
from sla.models import Breach, Clock, ClockChange, Recalculation, WarningLevel
from sla.services import recalculation
from sla.tasks import recalculate, sweep_clocks
from sla.tests.conftest import local
from sla.tests.recalculating import FASTER, LATER, close, fresh, guide_id, nothing_is_wrong, terms_of, the
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, ending, intake, resolution, triage, work

pytestmark = pytest.mark.django_db


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
    assert {fresh(row).terms_id for row in (solved, cancelled)} == {guide_id()}
    assert job.done == 1
    assert nothing_is_wrong()


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
