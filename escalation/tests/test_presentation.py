"""The ladder in words, and who would be told next."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import caching, clock
from escalation import forecast, presentation, standing
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import answering, raising, sweep
from sla.services.counting import JUST_AFTER
from tickets.models import Ticket
from tickets.services import resolution, triage

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."
MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
TODAY = date(2026, 3, 10)
DESK = "Mesa de Servicio y Servicio al Cliente"


@pytest.fixture
def opened(ticket, agent, matrices) -> Ticket:
    return triage.open(ticket, by=agent)


def drawn(ticket, actor, at, zone=MEXICO):
    row = Ticket.objects.select_related("company", "terms").get(pk=ticket.pk)
    return presentation.rungs(standing.of(row, actor, at=at).desk, row, at=at, zone=zone)


def said(rung) -> list[str]:
    return [f"{fact['text']} {fact['when']}{': ' + fact['note'] if fact.get('note') else ''}" for fact in rung["facts"]]


def away(name: str, substitute: Contact | None = None) -> None:
    Absence.objects.create(
        contact=Contact.objects.get(name=name), starts_on=TODAY, ends_on=TODAY, substitute=substitute
    )
    caching.forget_all()


def expected(ticket, actor, at):
    row = Ticket.objects.select_related("company", "terms").get(pk=ticket.pk)
    return forecast.of(standing.of(row, actor, at=at).desk, row, at=at)


def test_before_anything_the_desk_has_the_ticket(opened, requester, now):
    rungs = drawn(opened, requester, now)
    assert [(rung["level"], rung["current"], rung["reached"]) for rung in rungs] == [
        (1, True, True),
        (2, False, False),
        (3, False, False),
        (4, False, False),
    ]
    assert (rungs[0]["role"], said(rungs[0])) == (DESK, ["Confirmó el ticket hoy 10:00"])
    assert (rungs[1]["role"], rungs[1]["name"]) == ("Supervisor de Mesa de Servicio", "Teresa Olvera Luna")


def test_a_desk_that_has_not_answered_only_received_it(ticket, requester, matrices, now):
    assert said(drawn(ticket, requester, now)[0]) == ["Recibió el ticket hoy 10:00"]


def test_the_present_level_says_what_it_owes_in_the_readers_zone(opened, requester, now):
    raising.escalate(opened, by=requester, reason=WHY)
    rung = drawn(opened, requester, now)[1]
    assert rung["current"] is True
    assert said(rung) == [
        "Se avisó hoy 10:00",
        "Debe acusar recibo antes de hoy 11:00",
        "Debe responder antes de hoy 14:00",
    ]
    assert [fact.get("tone", "") for fact in rung["facts"]] == ["", "owed", "owed"]
    # In Tijuana, summer time has begun; in Mexico City there is none.
    assert said(drawn(opened, requester, now, TIJUANA)[1])[2] == "Debe responder antes de hoy 13:00"


def test_what_a_level_did_is_told_with_its_answer(opened, requester, supervisor, agent, now):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    with clock.at(now + timedelta(minutes=5)):
        answering.acknowledge(step, by=supervisor)
    with clock.at(now + timedelta(minutes=20)):
        answering.answer(step, by=supervisor, text="Lo ve otra persona.")
    rung = drawn(opened, requester, now + timedelta(hours=1))[1]
    assert said(rung) == ["Se avisó hoy 10:00", "Acusó recibo hoy 10:05", "Respondió hoy 10:20"]
    assert (rung["facts"][2]["quote"], rung["current"]) == ("Lo ve otra persona.", True)


def test_who_answered_for_the_level_is_named(opened, requester, manager, now):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    answering.answer(step, by=manager, text="Sí.")
    assert said(drawn(opened, requester, now)[1])[1] == "Respondió Julio Bernal Ortiz, hoy 10:00"


def test_a_level_that_let_its_times_pass_stays_on_the_ladder(opened, requester, supervisor, now):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    climbs = now + timedelta(hours=1) + JUST_AFTER
    sweep.waits(climbs)
    rungs = drawn(opened, requester, climbs)
    assert said(rungs[1]) == ["Se avisó hoy 10:00", "No acusó recibo a tiempo (tenía hasta hoy 11:00)"]
    assert said(rungs[2])[0] == "Se avisó hoy 11:00: el nivel anterior no acusó recibo"
    assert [rung["current"] for rung in rungs] == [False, False, True, False]
    answering.acknowledge(step.escalation.steps.get(level=3), by=supervisor, at=climbs)
    late = drawn(opened, requester, now + timedelta(days=1))[2]
    assert said(late)[1:] == [
        "Acusó recibo Teresa Olvera Luna, ayer 11:00",
        "No respondió a tiempo (tenía hasta ayer 15:00)",
    ]
    assert late["facts"][2]["tone"] == "late"


def test_a_late_answer_is_told_as_late(opened, requester, supervisor, now):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    answering.acknowledge(step, by=supervisor)
    answering.answer(step, by=supervisor, text="Perdón.", at=now + timedelta(hours=5))
    assert said(drawn(opened, requester, now + timedelta(hours=6))[1])[-1] == "Respondió fuera de tiempo hoy 15:00"


def test_a_rule_says_why(matrices, ticket, requester, now):
    due = now + timedelta(hours=1, minutes=30) + JUST_AFTER
    sweep.plans(due)
    assert said(drawn(ticket, requester, due)[1])[0] == (
        "Se avisó hoy 11:30: venció el tiempo de reacción hace más de 30 min"
    )


def test_absences_are_said_and_nobody_is_skipped_in_silence(opened, requester, now):
    other = Contact.objects.create(name="Sofía Landa", email="sofia@mesa.example")
    away("Teresa Olvera Luna", other)
    raising.escalate(opened, by=requester, reason=WHY)
    rung = drawn(opened, requester, now)[1]
    assert (rung["name"], said(rung)[0]) == ("Sofía Landa", "Se avisó, en ausencia de Teresa Olvera Luna, hoy 10:00")


def test_a_level_that_could_not_be_told_says_who_was(opened, requester, now):
    away("Teresa Olvera Luna")
    raising.escalate(opened, by=requester, reason=WHY)
    rungs = drawn(opened, requester, now)
    assert said(rungs[1]) == ["No fue posible avisarle: se avisó al nivel siguiente hoy 10:00"]
    assert said(rungs[2])[0] == "Se avisó hoy 10:00: no fue posible avisar al nivel anterior"


def test_the_last_level_without_anybody_leaves_it_to_the_supervisors(opened, requester, now):
    Contact.objects.update(email="")
    caching.forget_all()
    raising.escalate(opened, by=requester, reason=WHY)
    last = drawn(opened, requester, now)[3]
    assert said(last)[0] == ("No fue posible avisarle: se avisó a la supervisión de la Mesa de Servicio hoy 10:00")


def test_a_solution_leaves_no_present_level_and_nothing_owed(opened, requester, agent, desk_group, now):
    raising.escalate(opened, by=requester, reason=WHY)
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent)
    resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    rungs = drawn(opened, requester, now + timedelta(days=2))
    assert [rung["current"] for rung in rungs] == [False] * 4
    assert said(rungs[1]) == ["Se avisó el mar 10 mar, 10:00"]


def test_the_forecast_is_what_then_happens(opened, requester, now):
    told = expected(opened, requester, now)
    step = raising.escalate(opened, by=requester, reason=WHY).steps.last()
    assert (told.level, told.role, told.name, told.instead_of) == (step.level, step.role, step.name, "")
    assert (told.acknowledge_by, told.answer_by) == (step.acknowledge_by, step.answer_by)
    assert expected(opened, requester, now) is None


def test_the_forecast_follows_absences_as_the_notice_will(opened, requester, now):
    other = Contact.objects.create(name="Sofía Landa", email="sofia@mesa.example")
    away("Teresa Olvera Luna")
    away("Julio Bernal Ortiz", other)
    told = expected(opened, requester, now)
    step = raising.escalate(opened, by=requester, reason=WHY).steps.last()
    assert (told.level, told.name, told.instead_of) == (3, "Sofía Landa", "Julio Bernal Ortiz")
    assert (told.level, told.name, told.instead_of) == (step.level, step.name, step.instead_of)


def test_the_forecast_ends_with_the_supervisors_when_nobody_is_left(opened, requester, now):
    Contact.objects.update(email="")
    caching.forget_all()
    told = expected(opened, requester, now)
    assert (told.level, told.name) == (4, "")
    assert presentation.whom(told.name, told.role, told.instead_of) == "la supervisión de la Mesa de Servicio"


def test_the_next_levels_of_a_case_are_its_own(opened, requester, supervisor, now):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    answering.answer(step, by=supervisor, text="Sí.")
    Level.objects.filter(level=3).update(role="Otro", contact=None)
    caching.forget_all()
    assert expected(opened, requester, now).name == "Julio Bernal Ortiz"


@pytest.mark.parametrize("when", [0, 1])
def test_words_and_forecast_ask_nothing_of_the_database(opened, requester, now, when, django_assert_num_queries):
    if when:
        raising.escalate(opened, by=requester, reason=WHY)
    row = Ticket.objects.select_related("company", "terms").get(pk=opened.pk)
    expected(opened, requester, now)
    way = standing.of(row, requester, at=now).desk
    with django_assert_num_queries(0):
        presentation.rungs(way, row, at=now, zone=MEXICO)
        forecast.of(way, row, at=now)


@pytest.mark.parametrize(
    ("name", "role", "instead_of", "words"),
    [
        ("Ana Gil", "Gerente", "", "Ana Gil (Gerente)"),
        ("Ana Gil", "Gerente", "Luis Paz", "Ana Gil (Gerente), en ausencia de Luis Paz"),
        ("Mesa de Servicio", DESK, "", DESK),
    ],
)
def test_a_person_is_named_with_their_role(name, role, instead_of, words):
    assert presentation.whom(name, role, instead_of) == words


def technical_list(ticket, **whose) -> None:
    matrix = Matrix.objects.create(
        kind="technical", version=1, valid_from=ticket.created_at, published_at=ticket.created_at, **whose
    )
    contact = Contact.objects.create(name="Rosa Meza", email="rosa@mesa.example")
    Level.objects.create(matrix=matrix, level=1, role="Consultor Senior", contact=contact)
    caching.forget_all()


def test_the_technical_list_is_for_the_representative_and_the_desk(
    opened, requester, representative, agent, contract, service, now
):
    Ticket.objects.update(service=service)
    technical_list(opened, contract=contract, service=service)
    row = Ticket.objects.select_related("company", "terms").get(pk=opened.pk)
    assert standing.of(row, requester, at=now).technical is None
    for person in (representative, agent):
        way = standing.of(row, person, at=now).technical
        assert way is not None
        assert (way.may.allowed, way.next) == (False, None)
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    answering.answer(step, by=agent, text="Es el certificado.")
    assert standing.of(row, representative, at=now).technical.next.name == "Rosa Meza"
    raising.escalate(opened, by=representative, reason="¿Qué certificado?", kind="technical")
    told = standing.of(row, requester, at=now).technical
    assert ([step.name for step in told.steps], told.may.allowed, told.next) == (["Rosa Meza"], False, None)


def test_a_refusal_says_its_moment_in_the_readers_zone(opened, requester, now):
    requester.time_zone = "America/Tijuana"
    requester.save(update_fields=["time_zone"])
    raising.escalate(opened, by=requester, reason=WHY)
    assert "tiene hasta hoy 13:00 para responder" in standing.of(opened, requester, at=now).desk.may.reason
