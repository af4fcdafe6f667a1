"""The customer goes up the matrix from the ticket's page, and sees what each level did."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import caching, clock
from escalation.models import Absence, Contact, Escalation, EscalationStep, Level, Matrix
from escalation.services import answering, raising
from tickets.models import Ticket
from tickets.services import conversation, ending, resolution, triage, work

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."
TERESA = "Teresa Olvera Luna (Supervisor de Mesa de Servicio)"


@pytest.fixture
def opened(matrices, ticket, agent) -> Ticket:
    return triage.open(ticket, by=agent)


@pytest.fixture
def address(ticket):
    return f"/asuntos/{ticket.number}/"


@pytest.fixture
def listed(opened, contract, service) -> Ticket:
    """The ticket with a technical list for its service, and an answer of the desk."""
    Ticket.objects.update(service=service)
    long_ago = opened.created_at - timedelta(days=1)
    matrix = Matrix.objects.create(
        kind="technical", contract=contract, service=service, version=1, valid_from=long_ago, published_at=long_ago
    )
    contact = Contact.objects.create(name="Rosa Meza", email="rosa@mesa.example")
    Level.objects.create(matrix=matrix, level=1, role="Consultor Senior", contact=contact)
    caching.forget_all()
    return Ticket.objects.get(pk=opened.pk)


def text_of(answer) -> str:
    """What a page says, in one line."""
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(plain.split())


def page_of(client, person, address) -> str:
    client.force_login(person)
    return text_of(client.get(address))


def send(client, address, ticket, **changes):
    data = {"reason": WHY, "version": ticket.version, "key": str(uuid.uuid4()), "matrix": "service_desk"}
    return client.post(f"{address}escalar/", {**data, **changes})


def test_the_page_says_who_is_next_and_what_they_would_owe(client, requester, opened, address):
    page = page_of(client, requester, address)
    assert f"Escalar al nivel 2: {TERESA}" in page
    assert f"Al escalar avisamos a {TERESA} ." in page
    assert "Debe acusar recibo antes de hoy 11:00 y responderle antes de hoy 14:00." in page
    assert "Nivel 1 de 4" in page
    assert "Confirmó el ticket hoy 10:00" in page


def test_the_forecast_names_the_substitute(client, requester, opened, address, now):
    other = Contact.objects.create(name="Sofía Landa", email="sofia@mesa.example")
    away = Contact.objects.get(name="Teresa Olvera Luna")
    Absence.objects.create(contact=away, starts_on=date(2026, 3, 10), ends_on=date(2026, 3, 10), substitute=other)
    caching.forget_all()
    page = page_of(client, requester, address)
    assert "Sofía Landa (Supervisor de Mesa de Servicio), en ausencia de Teresa Olvera Luna ." in page


def test_escalating_tells_the_next_level_and_names_them(client, requester, opened, address):
    client.force_login(requester)
    answer = send(client, address, opened)
    assert (answer.status_code, answer["Location"]) == (302, address)
    step = EscalationStep.objects.get()
    assert (step.level, step.reason, step.by) == (2, WHY, requester)
    page = text_of(client.get(address))
    assert f"Avisamos a {TERESA}. Debe responderle antes de hoy 14:00." in page
    assert "Nivel 2 de 4" in page
    assert "Debe responder antes de hoy 14:00" in page
    assert "Teresa Olvera Luna (Supervisor de Mesa de Servicio) tiene hasta hoy 14:00 para responder." in page
    assert "Escalar al nivel" not in page


def test_the_present_level_is_marked_for_everybody(client, requester, opened, address):
    raising.escalate(opened, by=requester, reason=WHY)
    client.force_login(requester)
    source = client.get(address).content.decode()
    [current] = re.findall(r'<li aria-current="step".*?</li>', source, re.DOTALL)
    assert "Teresa Olvera Luna" in current
    assert "Nivel actual" in current


def test_times_are_in_the_readers_zone(client, requester, opened, address):
    requester.time_zone = "America/Tijuana"
    requester.save(update_fields=["time_zone"])
    raising.escalate(opened, by=requester, reason=WHY)
    page = page_of(client, requester, address)
    assert "Debe responder antes de hoy 13:00" in page
    assert "tiene hasta hoy 13:00 para responder" in page
    assert "14:00" not in page


def test_an_answer_is_read_and_opens_the_next_level(client, requester, supervisor, opened, address):
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
    answering.answer(step, by=supervisor, text="Lo atiende otra persona.\nHoy mismo.")
    page = page_of(client, requester, address)
    assert page.count("Lo atiende otra persona.") == 2
    assert "Escalar al nivel 3: Julio Bernal Ortiz (Gerente de Mesa de Servicio)" in page


def test_a_double_click_escalates_once_and_says_it_twice(client, requester, opened, address):
    client.force_login(requester)
    key = str(uuid.uuid4())
    for _ in range(2):
        answer = send(client, address, opened, key=key)
        assert answer.status_code == 302
    assert EscalationStep.objects.count() == 1
    assert f"Avisamos a {TERESA}." in text_of(client.get(address))


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("", "Escriba qué no ha sido adecuado."),
        ("\u200b", "Escriba por qué escala el ticket."),
        ("x" * 2001, "caben 2,000"),
    ],
)
def test_a_reason_is_needed_and_what_was_typed_stays(client, requester, opened, address, reason, fault):
    client.force_login(requester)
    answer = send(client, address, opened, reason=reason)
    source = answer.content.decode()
    assert answer.status_code == 422
    assert fault in source
    assert re.search(r"<details open>\s*<summary[^>]*>.{,900}Escalar al nivel 2", source, re.DOTALL)
    assert f"{reason}</textarea>" in source
    assert not Escalation.objects.exists()


def test_a_ticket_that_changed_meanwhile_keeps_the_text_in_the_same_form(client, requester, agent, opened, address):
    client.force_login(requester)
    conversation.reply(opened, by=agent, message="Ya lo vemos.")
    answer = send(client, address, opened)
    source = answer.content.decode()
    assert (answer.status_code, Escalation.objects.exists()) == (409, False)
    assert "Alguien más cambió este ticket" in source
    assert f"{WHY}</textarea>" in source
    fresh = Ticket.objects.get()
    assert f'name="version" value="{fresh.version}"' in source
    assert send(client, address, fresh).status_code == 302


def test_somebody_who_was_faster_is_told_and_the_text_is_offered_as_a_comment(
    client, requester, representative, opened, address
):
    raising.escalate(opened, by=representative, reason="Urge.")
    client.force_login(requester)
    for version in (opened.version, Ticket.objects.get().version):
        answer = send(client, address, opened, version=version)
        source = answer.content.decode()
        assert answer.status_code == 409
        assert f"{WHY}</textarea>" in source
        assert "Escalar al nivel" not in text_of(answer)
    assert "tiene hasta hoy 14:00 para responder" in text_of(answer)
    assert EscalationStep.objects.count() == 1


def test_an_ended_ticket_is_a_409_with_words(client, requester, opened, address):
    ending.cancel(opened, by=requester, cause="customer_request", reason="Ya no hace falta.")
    client.force_login(requester)
    answer = send(client, address, opened, version="")
    assert answer.status_code == 409
    assert "El ticket ya terminó. Escriba un comentario y se abrirá un ticket de seguimiento." in text_of(answer)
    page = text_of(client.get(address))
    assert "Nivel actual" not in page
    assert "Escalar al nivel" not in page


def test_a_solved_ticket_can_still_go_up(client, requester, agent, opened, address):
    row = resolution.solve(opened, by=agent, solution_type="definitive", solution="Listo.")
    client.force_login(requester)
    assert "Escalar al nivel 2" in text_of(client.get(address))
    assert send(client, address, row).status_code == 302


def test_without_a_matrix_the_page_says_so(client, requester, ticket, address):
    page = page_of(client, requester, address)
    assert "Todavía no se publica la matriz de escalamiento." in page
    assert send(client, address, ticket).status_code == 409


@pytest.mark.parametrize("who", ["outsider", "colleague"])
def test_who_does_not_see_the_ticket_finds_nothing(client, opened, address, who, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"{address}escalar/").status_code == 404
    assert send(client, address, opened).status_code == 404
    assert not Escalation.objects.exists()


@pytest.mark.parametrize("who", ["agent", "supervisor", "other_consultant"])
def test_the_desk_uses_its_console(client, opened, address, who, request):
    client.force_login(request.getfixturevalue(who))
    assert send(client, address, opened).status_code == 403
    assert not Escalation.objects.exists()


def test_nobody_at_all_is_asked_to_sign_in(client, opened, address):
    assert send(client, address, opened)["Location"].startswith("/entrar/")
    assert not Escalation.objects.exists()


def test_reading_the_address_changes_nothing(client, requester, opened, address):
    client.force_login(requester)
    assert client.get(f"{address}escalar/")["Location"] == address
    assert not Escalation.objects.exists()


def test_the_representative_escalates_for_a_colleague(client, representative, opened, address):
    client.force_login(representative)
    assert send(client, address, opened).status_code == 302
    assert EscalationStep.objects.get().by == representative


@pytest.mark.parametrize("version", ["-1", "abc", "9" * 30, "1.5"])
def test_a_damaged_version_does_no_harm(client, requester, opened, address, version):
    client.force_login(requester)
    assert send(client, address, opened, version=version).status_code in (409, 422)
    assert not Escalation.objects.exists()


def test_a_damaged_matrix_is_the_service_desks(client, requester, opened, address):
    client.force_login(requester)
    assert send(client, address, opened, matrix="complaints").status_code == 302
    assert Escalation.objects.get().kind == "service_desk"


def test_the_technical_list_waits_for_an_answer_and_is_the_representatives(
    client, requester, representative, agent, listed, address
):
    assert "Rosa Meza" not in page_of(client, requester, address)
    page = page_of(client, representative, address)
    assert "Listado de Escalamiento de Fallas Técnicas, Nómina y Recursos Humanos." in page
    assert "se usa después de recibir una respuesta" in page
    row = conversation.reply(listed, by=agent, message="Es el certificado.")
    page = page_of(client, representative, address)
    assert "Escalar al nivel 1: Rosa Meza (Consultor Senior)" in page
    answer = send(client, address, row, matrix="technical")
    assert answer.status_code == 302
    assert "Avisamos a Rosa Meza (Consultor Senior)." in text_of(client.get(address))
    assert Escalation.objects.get().kind == "technical"
    seen = page_of(client, requester, address)
    assert "Rosa Meza" in seen
    assert "lo usa quien representa a su compañía" in seen


def test_a_requester_who_posts_to_the_technical_list_is_refused_with_words(client, requester, agent, listed, address):
    row = conversation.reply(listed, by=agent, message="Es el certificado.")
    client.force_login(requester)
    answer = send(client, address, row, matrix="technical")
    assert answer.status_code == 403
    assert "lo usa quien representa a su compañía" in text_of(answer)
    assert f"{WHY}</textarea>" in answer.content.decode()
    assert not Escalation.objects.exists()


def test_two_forms_on_one_page_have_ids_of_their_own(client, representative, agent, listed, address):
    conversation.reply(listed, by=agent, message="Es el certificado.")
    client.force_login(representative)
    ids = re.findall(r'\bid="([^"]+)"', client.get(address).content.decode())
    assert {"service_desk_reason", "technical_reason"} <= set(ids)
    assert [one for one in set(ids) if ids.count(one) > 1] == []


EVIL = "<img src=x onerror=alert(1)>"


def test_nothing_that_people_typed_runs(client, requester, supervisor, opened, address):
    Contact.objects.update(name=EVIL)
    caching.forget_all()
    step = raising.escalate(opened, by=requester, reason=EVIL).steps.get()
    answering.answer(step, by=supervisor, text=EVIL)
    client.force_login(requester)
    assert "<img src=x" not in client.get(address).content.decode()
    answer = send(client, address, Ticket.objects.get(), reason=EVIL)
    assert "<img src=x" not in client.get(answer["Location"]).content.decode()


def test_lists_mark_what_is_on_its_way_up(client, requester, agent, opened, report):
    raising.escalate(opened, by=requester, reason=WHY)
    for where in ("/", "/asuntos/"):
        assert page_of(client, requester, where).count("Escalado, nivel 2") == 1
    work.wait_for_user(opened, by=agent, message="¿Cuál folio?")
    assert page_of(client, requester, "/").count("Escalado, nivel 2") == 1
    resolution.solve(opened, by=agent, solution_type="definitive", solution="Listo.")
    for where in ("/", "/asuntos/"):
        assert "Escalado, nivel" not in page_of(client, requester, where)


def test_a_list_marks_the_service_desks_level_before_the_technical_lists(
    client, representative, agent, listed, address
):
    conversation.reply(listed, by=agent, message="Es el certificado.")
    raising.escalate(listed, by=representative, reason=WHY, kind="technical")
    assert "Escalado por falla técnica" in page_of(client, representative, "/asuntos/?vista=compania")
    raising.escalate(listed, by=representative, reason=WHY)
    page = page_of(client, representative, "/asuntos/?vista=compania")
    assert "Escalado, nivel 2" in page
    assert "falla técnica" not in page


@pytest.mark.parametrize("levels", [1, 3])
def test_a_page_costs_the_same_however_far_it_went(client, requester, supervisor, opened, address, levels):
    for level in range(levels):
        step = raising.escalate(opened, by=requester, reason=WHY).steps.get(level=level + 2)
        answering.answer(step, by=supervisor, text=f"Respuesta {level}.")
    client.force_login(requester)
    client.get(address)
    with clock.at(opened.created_at + timedelta(minutes=1)), CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    assert len(captured) == 14, [query["sql"][:120] for query in captured]
