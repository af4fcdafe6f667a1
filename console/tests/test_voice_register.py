"""«Registrar queja o sugerencia»: what a valid user says by telephone, mail, WhatsApp or in person, written down by the desk."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console import voice_forms
from core import caching
from customers.models import Contract
from escalation.models import Matrix
from surveys.models import Voice

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/surveys/voice/add/"


@pytest.fixture(autouse=True)
def working_tuesday(now, matrices):
    return now


@pytest.fixture
def typed():
    return {
        "channel": "phone",
        "kind": "complaint",
        "subject": "Nadie contesta",
        "body": "Llamé tres veces.",
        "area": "Dirección de Servicio al Cliente|Mesa de Servicio",
        "ticket": "",
    }


def form_of(requester, **more) -> str:
    return f"{ADDRESS}?solicitante={requester.pk}" + "".join(f"&{name}={value}" for name, value in more.items())


def test_the_valid_user_is_found_by_name_email_or_company(client, agent, requester, outsider):
    client.force_login(agent)
    for text in ("herrera", "REQUESTER@", "alborada"):
        for address in (ADDRESS, f"{ADDRESS}usuarios/"):
            told = client.get(address, {"q": text}).content.decode()
            assert f"{ADDRESS}?solicitante={requester.pk}" in told
            assert outsider.full_name not in told
    assert "Nadie coincide" in client.get(ADDRESS, {"q": "zzz"}).content.decode()


def test_it_is_registered_and_its_number_is_told(client, agent, requester, typed, ticket):
    client.force_login(agent)
    file = SimpleUploadedFile("llamadas.txt", b"tres")
    response = client.post(form_of(requester), {**typed, "ticket": ticket.number.lower(), "files": file}, follow=True)
    row = Voice.objects.get()
    assert response.redirect_chain == [(f"/admin/surveys/voice/{row.pk}/change/", 302)]
    assert (row.author, row.recorded_by, row.channel, row.ticket) == (requester, agent, "phone", ticket)
    assert [file.name for file in row.files.all()] == ["llamadas.txt"]
    told = response.content.decode()
    assert f"La queja quedó registrada con el número {row.number}. Dé ese número a quien la presentó." in told
    assert f"La anotó {agent.full_name}" in told


def test_from_a_ticket_its_number_and_area_are_suggested(client, agent, requester, ticket):
    client.force_login(agent)
    form = client.get(form_of(requester, ticket=ticket.number)).context["form"]
    assert (form["ticket"].value(), form["area"].value()) == (
        ticket.number,
        "Dirección de Servicio al Cliente|Mesa de Servicio",
    )
    assert client.get(form_of(requester)).context["form"]["area"].value() == ""


def test_areas_stand_under_their_directions(matrices):
    first, *groups = voice_forms.area_choices()
    assert first[0] == ""
    directions = dict(groups)
    assert next(iter(directions)) == "Dirección de Servicio al Cliente"
    assert ("Dirección de Operaciones|Infraestructura", "Infraestructura") in directions["Dirección de Operaciones"]
    assert voice_forms.area_of("Dirección de Operaciones|Infraestructura") == (
        "Dirección de Operaciones",
        "Infraestructura",
    )
    assert voice_forms.area_of("Dirección de Operaciones|Nada") == ("", "")


def test_faults_are_named_and_nothing_typed_is_lost(client, agent, requester, typed):
    client.force_login(agent)
    data = {
        **typed,
        "subject": "",
        "area": "X|Y",
        "channel": "fax",
        "kind": "",
        "files": SimpleUploadedFile("a.txt", b"a"),
    }
    answer = client.post(form_of(requester), data)
    told = answer.content.decode()
    assert answer.status_code == 422
    for name in ("subject", "area", "channel", "kind", "files"):
        assert f'id="alta-{name}-error"' in told, name
    assert "Llamé tres veces." in told
    assert "Vuelva a elegir sus archivos: «a.txt»." in told
    assert not Voice.objects.exists()


def test_a_ticket_that_is_not_theirs_is_refused_by_name(client, agent, requester, outsider, report, typed):
    from tickets.services import intake

    foreign = intake.receive(report(title="Ajeno"), by=outsider, channel="web")
    client.force_login(agent)
    for number in (foreign.number, "T9999999", "T99999999999999999999", "zzz"):
        answer = client.post(form_of(requester), {**typed, "ticket": number})
        assert answer.status_code == 422
        assert "No existe ese ticket entre los de quien la presenta." in answer.content.decode()
    assert "Ajeno" not in client.get(form_of(requester, ticket=foreign.number)).content.decode()
    assert not Voice.objects.exists()


def test_whatsapp_needs_the_contracts_leave(client, agent, requester, typed):
    client.force_login(agent)
    answer = client.post(form_of(requester), {**typed, "channel": "whatsapp"})
    assert 'id="alta-channel-error"' in answer.content.decode()
    Contract.objects.update(whatsapp_authorised=True)
    assert client.post(form_of(requester), {**typed, "channel": "whatsapp"}).status_code == 302


def test_who_has_no_right_is_told_before_typing(client, agent, requester, typed):
    Contract.objects.update(ends_on=date(2020, 1, 1))
    client.force_login(agent)
    assert "Sin contrato vigente" in client.get(form_of(requester)).content.decode()
    assert client.post(form_of(requester), typed).status_code == 403
    assert not Voice.objects.exists()


def test_whoever_hears_it_writes_down_whom_it_is_about(client, agent, supervisor, consultant, requester, typed):
    """It is kept from them from its first moment, whoever answered the telephone."""
    for person in (agent, supervisor):
        client.force_login(person)
        assert consultant.full_name in client.get(form_of(requester)).content.decode()
        client.post(form_of(requester), {**typed, "pointed_at": [consultant.pk, requester.pk, "x", "9" * 30]})
        assert list(Voice.objects.latest("pk").pointed_at.all()) == [consultant]
    assert not Voice.objects.visible_to(consultant).exists()


def test_who_points_at_themselves_is_led_to_the_list(client, supervisor, requester, typed):
    client.force_login(supervisor)
    answer = client.post(form_of(requester), {**typed, "pointed_at": [supervisor.pk]})
    assert answer["Location"] == "/admin/surveys/voice/"


def test_without_a_matrix_it_is_registered_all_the_same(client, agent, requester, typed):
    Matrix.objects.update(published_at=None)
    caching.forget_all()
    client.force_login(agent)
    assert "No hay matriz de quejas en vigor" in client.get(form_of(requester)).content.decode()
    assert client.post(form_of(requester), typed).status_code == 302
    assert Voice.objects.get().levels == []


@pytest.mark.parametrize(
    "who", ["agent", "consultant", "supervisor", "manager", "director", "bpo", "service_delivery", "admin"]
)
def test_anybody_of_the_desk_writes_down_what_they_are_told(client, who, requester, typed, request):
    person = request.getfixturevalue(who)
    client.force_login(person)
    answer = client.post(form_of(requester), typed, follow=True)
    assert answer.status_code == 200
    assert Voice.objects.get().recorded_by == person
    assert Voice.objects.get().number in answer.content.decode()


@pytest.mark.parametrize("who", ["requester", "representative", "outsider"])
def test_customers_never_enter(client, who, requester, typed, request):
    client.force_login(request.getfixturevalue(who))
    for address in (ADDRESS, form_of(requester), f"{ADDRESS}usuarios/?q=alborada"):
        assert client.get(address)["Location"].startswith("/admin/login/")
        assert client.post(address, typed)["Location"].startswith("/admin/login/")
    assert not Voice.objects.exists()


def test_a_form_from_elsewhere_registers_nothing(agent, requester, typed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert client.post(form_of(requester), typed).status_code == 403
    assert not Voice.objects.exists()


@pytest.mark.parametrize("who", ["x", "0", "-1", "99999999999999999999", "%00"])
def test_nobody_is_chosen_by_an_id_that_is_none(client, agent, typed, who):
    client.force_login(agent)
    answer = client.post(f"{ADDRESS}?solicitante={who}", typed)
    assert answer.status_code == 200
    assert not Voice.objects.exists()


def test_the_form_costs_the_same_with_one_ticket_and_with_three(client, supervisor, requester, report):
    from tickets.services import intake

    client.force_login(supervisor)
    spent = []
    for _ in range(3):
        intake.receive(report(), by=requester, channel="web")
        client.get(form_of(requester))
        with CaptureQueriesContext(connection) as queries:
            client.get(form_of(requester))
        spent.append(len(queries))
    assert len(set(spent)) == 1
