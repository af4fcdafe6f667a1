"""What goes up by itself: the plan a ticket keeps, the rules that come due, the levels that stay silent."""

from datetime import date, timedelta

import pytest

from core import caching, clock
from core.models import Alarm
from customers.models import ClosedDay
from escalation import checks
from escalation.models import Contact, Escalation, EscalationPlan, EscalationRule
from escalation.services import answering, raising, sweep
from escalation.tasks import sweep_escalations
from servicedesk.testing import TUESDAY
from sla.services import recalculation
from sla.services import sweep as clocks
from sla.services.counting import JUST_AFTER
from sla.tasks import recalculate
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def raised(requester, report, matrices, now):
    """A functional incident of high priority on a Tuesday at 10:00: reaction due 11:00, attention 10 business hours later."""
    return lambda **changes: intake.receive(report(**changes), by=requester, channel="web")


def levels(ticket: Ticket) -> list[tuple[int, str]]:
    return list(Escalation.objects.get(ticket=ticket).steps.values_list("level", "cause"))


def plan(ticket: Ticket) -> EscalationPlan:
    return EscalationPlan.objects.get(ticket=ticket)


def test_the_rules_are_taken_down_when_the_ticket_starts(raised, guide):
    ticket = raised()
    assert len(plan(ticket).steps) == 7
    # Reaction missed at 11:00, half an hour of the desk's window later.
    assert plan(ticket).next_at == TUESDAY + HOUR + 30 * MINUTE + JUST_AFTER
    EscalationRule.objects.all().delete()
    caching.forget_all()
    assert len(plan(ticket).steps) == 7
    assert not EscalationPlan.objects.filter(ticket=raised()).exists()


def test_a_contracts_rules_replace_the_guides_and_a_priority_narrows_them(raised, contract, guide):
    from customers.models import ServiceTerms
    from servicedesk.seeding.standard import GUIDE_DATE

    own = ServiceTerms.objects.create(contract=contract, name="Propias", valid_from=GUIDE_DATE)
    EscalationRule.objects.create(terms=own, clock="attention", percent=75, level=3, priority="high")
    EscalationRule.objects.create(terms=own, clock="attention", percent=50, level=2, priority="critical")
    caching.forget_all()
    ticket = raised()
    assert plan(ticket).steps == [{"clock": "attention", "percent": 75, "delay_minutes": None, "level": 3}]
    # 75 % of ten business hours from 10:00: 17:30.
    assert plan(ticket).next_at == TUESDAY + timedelta(hours=7, minutes=30)


def test_a_missed_clock_goes_up_when_the_delay_has_passed_and_only_once(raised):
    ticket = raised()
    due = plan(ticket).next_at
    assert due is not None
    assert sweep.plans(due - JUST_AFTER).looked == 0
    with clock.at(due):
        assert sweep_escalations() == 1
        assert sweep_escalations() == 0
    assert levels(ticket) == [(2, "rule")]
    step = Escalation.objects.get().steps.get()
    assert step.reason == "Venció el tiempo de reacción hace más de 30 min"
    assert TicketEvent.objects.filter(ticket=ticket, kind="escalate").count() == 1


def test_a_sweep_a_week_late_tells_every_level_on_the_way(raised):
    ticket = raised()
    with clock.at(TUESDAY + timedelta(days=7)):
        sweep.plans(clock.now())
    assert levels(ticket) == [(2, "rule"), (3, "rule"), (4, "rule")]
    assert plan(ticket).next_at is None


def test_a_clock_that_is_met_takes_its_rules_away(raised, agent, group, consultant):
    ticket = triage.open(raised(), by=agent)
    assert plan(ticket).next_at == TUESDAY + timedelta(days=1, hours=1) + JUST_AFTER
    ticket = triage.assign(ticket, by=agent, group=group)
    promised = TUESDAY + timedelta(days=2)
    ticket = work.start(ticket, by=consultant, message="Lo veo.", committed_for=promised)
    # Attention is met; what is left watches the promised date, an hour of the desk's window after it.
    assert plan(ticket).next_at == promised + HOUR + JUST_AFTER
    ticket = resolution.solve(ticket, by=consultant, solution_type="definitive", solution="Listo.")
    assert plan(ticket).next_at is None
    ticket = resolution.refuse(ticket, by=ticket.requester, reason="Sigue igual.")
    assert plan(ticket).next_at == promised + HOUR + JUST_AFTER


def test_a_pause_holds_the_rules_of_the_attention(raised, agent, requester):
    ticket = triage.open(raised(), by=agent)
    before = plan(ticket).next_at
    ticket = work.wait_for_user(ticket, by=agent, message="¿Qué mensaje aparece?")
    assert plan(ticket).next_at is None
    with clock.at(TUESDAY + 2 * HOUR):
        conversation.reply(ticket, by=requester, message="El CFDI33118.")
    assert before is not None
    assert plan(ticket).next_at == before + 2 * HOUR


def test_a_reclassification_moves_the_rules(raised, agent):
    ticket = triage.open(raised(), by=agent)
    triage.reclassify(ticket, by=agent, reason="Nadie timbra", changes={"impact": "extensive", "urgency": "critical"})
    assert plan(ticket).next_at == TUESDAY + 4 * HOUR + JUST_AFTER


def test_a_rule_below_the_level_already_told_does_nothing(raised, requester, supervisor):
    ticket = raised()
    with clock.at(TUESDAY + HOUR + MINUTE):
        for _ in (2, 3):
            case = raising.escalate(ticket, by=requester, reason="No hay respuesta")
            answering.answer(case.steps.latest("number"), by=supervisor, text="Sí.")
    with clock.at(TUESDAY + 2 * HOUR):
        sweep.plans(clock.now())
    assert [level for level, _ in levels(ticket)] == [2, 3]
    assert plan(ticket).taken != []


def test_an_unacknowledged_level_climbs_until_the_last_and_then_sounds(raised, requester):
    ticket = raised()
    with clock.at(TUESDAY + HOUR + MINUTE):
        raising.escalate(ticket, by=requester, reason="No hay respuesta")
    with clock.at(TUESDAY + 2 * HOUR):
        assert sweep.waits(clock.now()).looked == 0
    with clock.at(TUESDAY + 2 * HOUR + MINUTE + JUST_AFTER):
        sweep.waits(clock.now())
        assert sweep.waits(clock.now()).looked == 0
    assert levels(ticket) == [(2, "customer"), (3, "unacknowledged")]
    with clock.at(TUESDAY + 4 * HOUR):
        sweep.waits(clock.now())
    with clock.at(TUESDAY + 8 * HOUR):
        sweep.waits(clock.now())
        assert sweep.waits(clock.now()).looked == 0
    assert levels(ticket)[-1] == (4, "unacknowledged")
    assert "no acusó recibo. Búsquelo por teléfono" in Alarm.objects.get().text
    last = TicketEvent.objects.filter(ticket=ticket).latest("sequence")
    assert (last.kind, last.data["silent"]) == ("escalation_overdue", True)


def test_an_answer_that_is_late_is_written_once_with_its_moment(raised, requester, supervisor):
    ticket = raised()
    with clock.at(TUESDAY + HOUR + MINUTE):
        step = raising.escalate(ticket, by=requester, reason="No hay respuesta").steps.get()
        answering.acknowledge(step, by=supervisor)
    with clock.at(TUESDAY + timedelta(days=1)):
        sweep.waits(clock.now())
        assert sweep.waits(clock.now()).looked == 0
    step.refresh_from_db()
    assert step.overdue_at == step.answer_by == TUESDAY + 5 * HOUR + MINUTE
    assert Escalation.objects.get().state == "acknowledged"
    answering.answer(step, by=supervisor, text="Tarde, pero aquí está.")
    assert Escalation.objects.get().state == "answered"


def test_a_ticket_that_fails_stops_only_itself(raised, monkeypatch):
    first, second = raised(), raised(title="Otro asunto")
    EscalationPlan.objects.filter(ticket=first).update(steps=[{"clock": "attention"}])
    with clock.at(TUESDAY + 2 * HOUR):
        swept = sweep.plans(clock.now())
    assert (swept.looked, swept.left) == (2, {first.pk})
    assert levels(second) == [(2, "rule")]


def test_many_tickets_cost_few_queries_more(raised, django_assert_max_num_queries):
    for n in range(30):
        raised(title=f"Asunto {n}")
    with clock.at(TUESDAY + 2 * HOUR):
        sweep.plans(clock.now(), limit=1)
        with django_assert_max_num_queries(60):
            assert sweep.plans(clock.now()).looked == 29
    assert Escalation.objects.count() == 30


def test_breaches_and_escalations_do_not_wait_for_each_other(raised):
    ticket = raised()
    with clock.at(TUESDAY + 2 * HOUR):
        sweep.plans(clock.now())
        clocks.batch(clock.now())
    assert Ticket.objects.get(pk=ticket.pk).breached is True
    assert levels(ticket) == [(2, "rule")]


def test_nobody_reachable_by_rule_sounds_too(raised):
    Contact.objects.update(email="")
    ticket = raised()
    with clock.at(TUESDAY + 2 * HOUR):
        sweep.plans(clock.now())
    assert [level for level, _ in levels(ticket)] == [2, 3, 4]
    assert Alarm.objects.count() == 3


def test_a_day_that_is_closed_moves_what_a_promised_date_waits_for_though_no_clock_runs(raised, agent, admin, guide):
    promised = TUESDAY + timedelta(hours=8, minutes=30)  # 18:30, half an hour before the desk closes
    ticket = work.start(triage.open(raised(), by=agent), by=agent, message="Lo veo.", committed_for=promised)
    assert (ticket.next_due_at, plan(ticket).next_at) == (None, promised + timedelta(hours=15) + JUST_AFTER)
    ClosedDay.objects.create(calendar=guide.calendar, date=date(2026, 3, 11), name="Aniversario")
    job = recalculation.renew(guide.calendar, by=admin, reason="Aniversario")
    with clock.at(job.next_at):
        assert recalculate() == 1
    assert plan(ticket).next_at == promised + timedelta(hours=39) + JUST_AFTER
    assert list(checks.invariants()) == []
