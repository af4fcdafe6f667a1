"""The customer goes up the matrix: whose turn it is, what is written, and what each level may do."""

from datetime import date, timedelta

import pytest

from core import clock
from core.errors import IllegalTransition, InvalidInput, NotVisible, Refused
from core.models import Alarm
from customers.models import ValidUser
from escalation import standing
from escalation.models import Absence, Contact, Escalation, Level
from escalation.services import answering, raising
from tickets.models import Ticket, TicketEvent
from tickets.services import resolution, triage

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."


def steps(case: Escalation) -> list[tuple[int, str, str]]:
    return list(case.steps.values_list("level", "cause", "name"))


def kinds(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence").values_list("kind", flat=True))


@pytest.fixture
def opened(ticket, agent, matrices) -> Ticket:
    return triage.open(ticket, by=agent)


def test_a_desk_that_has_not_answered_is_told_first(ticket, requester, matrices, now):
    case = raising.escalate(ticket, by=requester, reason=WHY)
    assert steps(case) == [(1, "customer", "Mesa de Servicio")]
    assert case.state == "notified"
    step = case.steps.get()
    # Tuesday 10:00 local: thirty minutes and two hours of the desk's window.
    assert (step.acknowledge_by - now, step.answer_by - now) == (timedelta(minutes=30), timedelta(hours=2))
    assert case.next_at == step.acknowledge_by


def test_a_desk_that_answered_or_is_late_counts_as_tried(opened, requester, agent, report, matrices, now):
    assert steps(raising.escalate(opened, by=requester, reason=WHY)) == [(2, "customer", "Teresa Olvera Luna")]


def test_a_desk_that_let_its_reaction_pass_counts_as_tried(ticket, requester, matrices, now):
    with clock.at(now + timedelta(hours=1, microseconds=1)):
        assert steps(raising.escalate(ticket, by=requester, reason=WHY))[0][0] == 2


def test_each_step_is_history_with_its_time_and_reason(opened, requester, now):
    raising.escalate(opened, by=requester, reason=f"  {WHY} ")
    entry = TicketEvent.objects.filter(ticket=opened).latest("sequence")
    assert (entry.kind, entry.actor, entry.at, entry.is_public) == ("escalate", requester, now, True)
    assert (entry.data["level"], entry.data["reason"], entry.data["name"]) == (2, WHY, "Teresa Olvera Luna")


def test_a_further_level_waits_for_the_answer_or_its_time(opened, requester, supervisor, now):
    case = raising.escalate(opened, by=requester, reason=WHY)
    with pytest.raises(Refused) as refused:
        raising.escalate(opened, by=requester, reason=WHY)
    assert refused.value.code == "not_yet"
    assert "Teresa Olvera Luna (Supervisor de Mesa de Servicio) tiene hasta hoy 14:00 para responder" in str(
        refused.value
    )
    with clock.at(now + timedelta(hours=4)), pytest.raises(Refused):
        raising.escalate(opened, by=requester, reason=WHY)
    with clock.at(now + timedelta(hours=4, microseconds=1)):
        case = raising.escalate(opened, by=requester, reason="Sigue igual")
    assert [level for level, _, _ in steps(case)] == [2, 3]


def test_an_answer_lets_the_customer_go_on_and_ends_at_the_last_level(opened, requester, supervisor, now):
    for level in (2, 3, 4):
        case = raising.escalate(opened, by=requester, reason=WHY)
        assert case.level == level
        answering.answer(case.steps.latest("number"), by=supervisor, text="Lo reviso hoy.")
    with pytest.raises(Refused) as refused:
        raising.escalate(opened, by=requester, reason=WHY)
    assert "último nivel: Marta Quiroga Vela" in str(refused.value)


def test_acknowledging_and_answering_are_written_once(opened, requester, supervisor, now):
    case = raising.escalate(opened, by=requester, reason=WHY)
    step = case.steps.get()
    with clock.at(now + timedelta(minutes=10)):
        answering.acknowledge(step, by=supervisor)
        case.refresh_from_db()
        assert (case.state, case.next_at) == ("acknowledged", step.answer_by)
        with pytest.raises(Refused):
            answering.acknowledge(step, by=supervisor)
    with clock.at(now + timedelta(minutes=20)):
        answering.answer(step, by=supervisor, text="Asigné a otra persona.")
        with pytest.raises(Refused):
            answering.answer(step, by=supervisor, text="Otra vez.")
    case.refresh_from_db()
    step.refresh_from_db()
    assert (case.state, case.next_at) == ("answered", None)
    assert (step.acknowledged_at, step.answered_at) == (now + timedelta(minutes=10), now + timedelta(minutes=20))
    assert step.answered_by == supervisor.full_name
    assert kinds(opened)[-3:] == ["escalate", "escalation_acknowledged", "escalation_answered"]


def test_an_answer_needs_a_text(opened, requester, supervisor):
    case = raising.escalate(opened, by=requester, reason=WHY)
    with pytest.raises(InvalidInput) as error:
        answering.answer(case.steps.get(), by=supervisor, text="  ")
    assert list(error.value.errors) == ["text"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_reason_is_needed_and_kept_short(opened, requester, reason):
    with pytest.raises(InvalidInput) as error:
        raising.escalate(opened, by=requester, reason=reason)
    assert list(error.value.errors) == ["reason"]
    assert not Escalation.objects.exists()


def test_the_desk_escalates_for_who_calls(opened, agent):
    assert steps(raising.escalate(opened, by=agent, reason="Llamó Lucía: sigue sin solución.")) == [
        (2, "desk", "Teresa Olvera Luna")
    ]


@pytest.mark.parametrize("who", ["outsider", "colleague", "other_consultant"])
def test_who_does_not_see_the_ticket_cannot_escalate_it(opened, who, request):
    with pytest.raises(NotVisible):
        raising.escalate(opened, by=request.getfixturevalue(who), reason=WHY)


@pytest.mark.parametrize("who", ["bpo", "service_delivery", "admin"])
def test_the_rest_of_the_provider_does_not_escalate(opened, who, request):
    with pytest.raises(Refused):
        raising.escalate(opened, by=request.getfixturevalue(who), reason=WHY)


def test_the_customer_never_answers_for_a_level(opened, requester, representative):
    case = raising.escalate(opened, by=requester, reason=WHY)
    for person in (requester, representative):
        with pytest.raises(Refused):
            answering.acknowledge(case.steps.get(), by=person)


def test_an_agent_writes_down_what_the_contact_said(opened, requester, agent):
    case = raising.escalate(opened, by=requester, reason=WHY)
    step = answering.answer(case.steps.get(), by=agent, text="Por teléfono: lo ve hoy.")
    assert step.answered_by == "Teresa Olvera Luna"
    entry = TicketEvent.objects.filter(ticket=opened).latest("sequence")
    assert (entry.data["who"], entry.data["recorded_by"]) == ("Teresa Olvera Luna", agent.full_name)


def test_a_level_that_was_passed_can_no_longer_answer(opened, requester, supervisor, now):
    first = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    with clock.at(now + timedelta(hours=5)):
        raising.escalate(opened, by=requester, reason=WHY)
        with pytest.raises(Refused) as refused:
            answering.answer(first, by=supervisor, text="Tarde.")
    assert refused.value.code == "superseded"


def test_the_solution_ends_it_and_a_refusal_lets_it_go_on_from_there(opened, requester, agent, supervisor, desk_group):
    case = raising.escalate(opened, by=requester, reason=WHY)
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent)
    row = resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    case.refresh_from_db()
    assert (case.state, case.next_at) == ("ended", None)
    with pytest.raises(Refused):
        answering.answer(case.steps.get(), by=supervisor, text="Tarde.")
    row = resolution.refuse(row, by=requester, reason="Sigue fallando.")
    assert steps(raising.escalate(row, by=requester, reason=WHY))[-1][0] == 3


def test_an_ended_ticket_is_not_escalated(opened, requester, agent):
    triage_row = Ticket.objects.get(pk=opened.pk)
    from tickets.services import ending

    ending.cancel(triage_row, by=requester, cause="customer_request", reason="Ya no hace falta")
    with pytest.raises(Refused):
        raising.escalate(opened, by=requester, reason=WHY)


def test_a_substitute_is_told_while_the_contact_is_away(opened, requester, now):
    away = Contact.objects.get(name="Teresa Olvera Luna")
    other = Contact.objects.create(name="Sofía Landa", email="sofia@mesa.example")
    day = date(2026, 3, 10)
    Absence.objects.create(contact=away, starts_on=day, ends_on=day, substitute=other)
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    assert (step.level, step.name, step.instead_of) == (2, "Sofía Landa", "Teresa Olvera Luna")


def test_a_level_without_anybody_is_passed_with_an_alarm(opened, requester, now):
    away = Contact.objects.get(name="Teresa Olvera Luna")
    Absence.objects.create(contact=away, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 11))
    case = raising.escalate(opened, by=requester, reason=WHY)
    assert steps(case) == [(2, "customer", ""), (3, "unreachable", "Julio Bernal Ortiz")]
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject) == ("escalation", opened.number)
    assert "nivel 2" in alarm.text
    events = TicketEvent.objects.filter(ticket=opened, kind__startswith="escal").order_by("sequence")
    assert [(e.kind, e.is_public) for e in events] == [("escalation_unreachable", False), ("escalate", True)]


def test_when_nobody_is_left_the_alarm_says_so_and_the_case_waits(opened, requester, supervisor):
    Contact.objects.update(email="")
    case = raising.escalate(opened, by=requester, reason=WHY)
    assert [level for level, _, _ in steps(case)] == [2, 3, 4]
    assert Alarm.objects.filter(text__contains="No queda nadie por encima").count() == 1
    answering.answer(case.steps.latest("number"), by=supervisor, text="Lo tomo yo.")
    assert not Alarm.objects.filter(settled_at=None).exists()


def test_a_solution_settles_the_alarms_of_the_way_up(opened, requester, agent, desk_group):
    Contact.objects.update(email="")
    raising.escalate(opened, by=requester, reason=WHY)
    assert Alarm.objects.filter(settled_at=None).count() == 3
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent)
    resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    assert not Alarm.objects.filter(settled_at=None).exists()


def test_what_a_case_began_with_stays_when_the_matrix_changes(opened, requester, supervisor, now):
    case = raising.escalate(opened, by=requester, reason=WHY)
    Level.objects.filter(level=3).delete()
    answering.answer(case.steps.get(), by=supervisor, text="Sí.")
    assert steps(raising.escalate(opened, by=requester, reason=WHY))[-1] == (3, "customer", "Julio Bernal Ortiz")


def test_standing_tells_each_reader_what_they_may_do(opened, requester, supervisor, colleague, now):
    before = standing.of(opened, requester, at=now)
    assert (before.desk.may.allowed, before.desk.next.level, before.live, before.technical) == (True, 2, None, None)
    raising.escalate(opened, by=requester, reason=WHY)
    mine, theirs = standing.of(opened, requester, at=now), standing.of(opened, supervisor, at=now)
    assert mine.desk.may.allowed is False
    assert mine.live.present.level == 2
    assert (mine.desk.may_answer.allowed, theirs.desk.may_answer.allowed) == (False, True)


def test_standing_costs_the_same_however_much_happened(opened, requester, supervisor, now, django_assert_num_queries):
    for _ in (2, 3):
        case = raising.escalate(opened, by=requester, reason=WHY)
        answering.answer(case.steps.latest("number"), by=supervisor, text="Sí.")
    with django_assert_num_queries(3):
        standing.of(opened, requester, at=now)


def test_unknown_matrices_are_named(opened, requester):
    with pytest.raises(InvalidInput):
        raising.escalate(opened, by=requester, reason=WHY, kind="complaints")


def test_nothing_moves_without_a_matrix(ticket, requester, guide):
    with pytest.raises(Refused) as refused:
        raising.escalate(ticket, by=requester, reason=WHY)
    assert "Todavía no se publica" in str(refused.value)
    assert not isinstance(refused.value, IllegalTransition)


def test_a_suspended_user_escalates_what_they_raised(opened, requester, matrices):
    ValidUser.objects.filter(user=requester).update(status=ValidUser.Status.SUSPENDED)
    assert raising.escalate(opened, by=requester, reason=WHY).level == 2
