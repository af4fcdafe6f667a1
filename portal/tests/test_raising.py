"""Raising a ticket from the portal, with and without scripts."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from core import clock
from customers.models import Contract, Environment, Service, ValidUser
from portal.models import Submission
from servicedesk.seeding import catalog
from tickets.models import Attachment, CatalogItem, Ticket
from tickets.services import triage
from tickets.vocabulary import Channel, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(guide):
    catalog.items()
    return CatalogItem.objects.get(name="Alta, baja o cambio de usuario")


def filled(**changes):
    return {
        "key": str(uuid.uuid4()),
        "kind": "incident",
        "service_line": "functional",
        "service": "otro",
        "title": "La nómina no se timbra",
        "description": "Marca CFDI33118.",
        "impact": "moderate",
        "urgency": "high",
        **changes,
    }


def test_a_filled_form_becomes_a_new_ticket_and_leads_to_it(client, requester, environment, now):
    client.force_login(requester)
    answer = client.post("/levantar/", filled(service=f"{environment.service_id}-{environment.pk}"))
    row = Ticket.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/asuntos/{row.number}/")
    assert (row.state, row.channel, row.priority, row.created_at) == (State.NEW, Channel.WEB, "high", now)
    assert (row.service, row.environment, row.requester) == (environment.service, environment, requester)
    assert "Levantamos su ticket" in client.get(answer["Location"]).content.decode()


def test_files_come_in_with_the_ticket(client, requester, now):
    client.force_login(requester)
    files = [SimpleUploadedFile("captura.png", b"png"), SimpleUploadedFile("recibo.xml", b"xml")]
    client.post("/levantar/", filled(files=files))
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["captura.png", "recibo.xml"]


def test_the_catalogue_item_brings_its_questions_and_its_classification(client, requester, item, now):
    client.force_login(requester)
    address = f"/levantar/{item.pk}/"
    page = client.get(address).content.decode()
    assert "Nombre completo de la persona" in page
    assert 'name="kind"' not in page
    data = filled(
        impact="minor", urgency="medium", q_action="Alta", q_user_name="Martín Olmedo", q_application="Oracle"
    )
    assert client.post(address, data).status_code == 302
    row = Ticket.objects.get()
    assert (row.catalog_item, row.kind, row.service_line) == (item, item.kind, item.service_line)
    assert row.fields == {"action": "Alta", "user_name": "Martín Olmedo", "application": "Oracle"}


def test_what_is_missing_is_said_beside_its_field_and_the_rest_stays(client, requester, item, now):
    client.force_login(requester)
    data = filled(title="", q_action="Otra cosa", q_user_name="", files=[SimpleUploadedFile("captura.png", b"png")])
    answer = client.post(f"/levantar/{item.pk}/", data)
    page = answer.content.decode()
    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    for words in (
        "Escriba un título: qué falla y dónde.",
        "Elija una opción de la lista.",
        "Escriba «Nombre completo de la persona».",
        "Vuelva a elegir sus archivos: «captura.png».",
        "Marca CFDI33118.",
    ):
        assert words in page


def test_services_of_another_contract_cannot_be_chosen(client, requester, now):
    foreign = Service.objects.create(name="VPN Monterrey")
    client.force_login(requester)
    assert "VPN Monterrey" not in client.get("/levantar/").content.decode()
    answer = client.post("/levantar/", filled(service=str(foreign.pk)))
    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    assert "Elija un servicio de la lista." in answer.content.decode()


def test_environments_of_another_company_are_not_offered(client, requester, outsider, service, now):
    theirs = Environment.objects.create(
        company=outsider.valid_user.company, service=service, name="producción de Ixtlán"
    )
    client.force_login(requester)
    assert "producción de Ixtlán" not in client.get("/levantar/").content.decode()
    assert client.post("/levantar/", filled(service=f"{service.pk}-{theirs.pk}")).status_code == 422


def test_sending_the_same_form_twice_makes_one_ticket(client, requester, now):
    client.force_login(requester)
    data = filled()
    first, second = client.post("/levantar/", data), client.post("/levantar/", data)
    assert Ticket.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_key_belongs_to_one_person(client, requester, colleague, now):
    data = filled()
    for person in (requester, colleague):
        client.force_login(person)
        client.post("/levantar/", data)
    assert sorted(Ticket.objects.values_list("requester__email", flat=True)) == sorted(
        [requester.email, colleague.email]
    )


def test_a_form_that_was_refused_may_be_sent_again_with_its_key(client, requester, now):
    client.force_login(requester)
    data = filled()
    assert client.post("/levantar/", {**data, "files": [SimpleUploadedFile("vacio.txt", b"")]}).status_code == 422
    assert Submission.objects.count() == 0
    assert client.post("/levantar/", data).status_code == 302


@pytest.mark.parametrize("key", ["", "no-es-una-clave", "\x00", "9" * 5000])
def test_a_damaged_key_is_a_new_form(client, requester, now, key):
    client.force_login(requester)
    assert client.post("/levantar/", filled(key=key)).status_code in (302, 422)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_time_make_one_ticket(requester):
    data, places = filled(), []

    def click():
        browser = Client()
        browser.force_login(requester)
        places.append(browser.post("/levantar/", data)["Location"])
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ticket.objects.count() == 1
    assert places == [places[0]] * 4


@pytest.mark.parametrize("changes", [{"files": 11}, {"title": "x" * 201}, {"description": "x" * 60_000}])
def test_too_much_is_refused_with_the_text_kept(client, requester, now, changes):
    if "files" in changes:
        changes = {"files": [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(changes["files"])]}
    client.force_login(requester)
    answer = client.post("/levantar/", filled(**changes))
    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    assert "La nómina" in answer.content.decode() or "title" in changes


HOSTILE = ["<script>alert(1)</script>", "{{ 7|add:7 }}", "'; DROP TABLE tickets_ticket; --", "a\x00b", "‮cba", "😀" * 40]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(client, requester, now, text):
    client.force_login(requester)
    answer = client.post("/levantar/", filled(title=text, description=text))
    if answer.status_code == 302:
        page = client.get(answer["Location"])
        assert page.status_code == 200
    else:
        assert answer.status_code == 422
        page = answer
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("field", ["impact", "urgency", "kind", "service_line", "service"])
@pytest.mark.parametrize("value", ["", "todo", "<b>", "1" * 400])
def test_values_outside_the_lists_are_refused(client, requester, now, field, value):
    client.force_login(requester)
    assert client.post("/levantar/", filled(**{field: value})).status_code == 422
    assert client.post("/levantar/plazos/", filled(**{field: value})).status_code == 200
    assert Ticket.objects.count() == 0


def test_the_preview_gives_the_dates_that_the_ticket_then_gets(client, requester, now):
    client.force_login(requester)
    page = client.post("/levantar/plazos/", filled()).content.decode()
    assert "Prioridad alta" in page
    # Tuesday 10:00 in the desk's hours: 1 h of reaction, 10 business hours of attention.
    assert "hoy 11:00" in page
    assert "mañana, miércoles 11 de marzo, 10:00" in page
    client.post("/levantar/", filled())
    row = Ticket.objects.get()
    assert {c.kind: c.due_at for c in row.clocks.all()} == {
        "reaction": now + timedelta(hours=1),
        "attention": now + timedelta(days=1),
    }


def test_without_scripts_the_button_calculates_and_complains_of_nothing(client, requester, now):
    client.force_login(requester)
    answer = client.post("/levantar/", {**filled(title="", description="A medias"), "calculate": "1"})
    page = answer.content.decode()
    assert (answer.status_code, Ticket.objects.count()) == (200, 0)
    assert "mañana, miércoles 11 de marzo, 10:00" in page
    assert "A medias" in page
    assert "sd-error" not in page


def test_the_dates_are_told_in_the_persons_own_zone(client, requester, now):
    requester.time_zone = "America/Tijuana"
    requester.save(update_fields=["time_zone"])
    client.force_login(requester)
    assert "hoy 10:00" in client.post("/levantar/plazos/", filled()).content.decode()


def test_a_similar_open_ticket_is_suggested_before_writing_another(client, requester, ticket, agent):
    client.force_login(requester)
    address = "/levantar/parecidos/"
    assert ticket.number in client.get(address, {"title": "no se timbra la nomina"}).content.decode()
    assert ticket.number not in client.get(address, {"title": "La impresora no imprime"}).content.decode()
    triage.reject(ticket, by=agent, reason="x")
    assert ticket.number not in client.get(address, {"title": ticket.title}).content.decode()


def test_a_colleagues_ticket_is_suggested_only_to_the_representative(client, colleague, representative, ticket):
    for person, seen in ((colleague, False), (representative, True)):
        client.force_login(person)
        page = client.get("/levantar/parecidos/", {"title": ticket.title}).content.decode()
        assert (ticket.number in page) is seen


def test_a_suspended_user_is_told_so_before_writing(client, requester, now):
    ValidUser.objects.update(status=ValidUser.Status.SUSPENDED)
    client.force_login(requester)
    for answer in (client.get("/levantar/"), client.post("/levantar/", filled())):
        assert answer.status_code == 403
        assert "Su usuario está suspendido" in answer.content.decode()
    assert Ticket.objects.count() == 0


def test_without_a_contract_in_force_nothing_is_raised(client, requester, now):
    Contract.objects.update(ends_on=(clock.now() - timedelta(days=2)).date())
    client.force_login(requester)
    assert "no tiene un contrato vigente" in client.get("/levantar/").content.decode()


@pytest.mark.parametrize("item_id", [0, 999, 2**70])
def test_an_item_that_is_not_there_is_not_found(client, requester, item_id):
    client.force_login(requester)
    assert client.get(f"/levantar/{item_id}/").status_code == 404


def test_the_catalogue_shows_what_matches_and_by_line(client, requester, item):
    client.force_login(requester)
    page = client.get("/catalogo/").content.decode()
    assert f'href="/levantar/{item.pk}/"' in page
    found = client.get("/catalogo/", {"q": "contrasena"}).content.decode()
    assert "Restablecer una contraseña" in found
    assert "Homologar ambientes" not in found
    assert item.name not in client.get("/catalogo/", {"linea": "technological"}).content.decode()
    assert "Nada coincide" in client.get("/catalogo/", {"q": "zzzz", "linea": "<x>"}).content.decode()


@pytest.mark.parametrize("given", ["9" * 30, "9" * 5000, "٣", "-1", "x"])
def test_a_preview_for_an_item_that_cannot_be_does_no_harm(client, requester, now, given):
    client.force_login(requester)
    assert client.post("/levantar/plazos/", {"item": given}).status_code in (200, 404)
