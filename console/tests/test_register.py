"""«Registrar ticket»: only an agent, only for a valid user with a contract in force, by the medium that reported it."""

from datetime import date

import pytest
from django.urls import reverse

from customers.models import Contract, ValidUser
from tickets.models import CatalogCategory, CatalogItem, Ticket
from tickets.vocabulary import State

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/tickets/ticket/add/"


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


@pytest.fixture
def typed():
    return {
        "channel": "phone",
        "title": "No timbra la nómina",
        "description": "Marca CFDI33118.",
        "kind": "incident",
        "service_line": "functional",
        "impact": "extensive",
        "urgency": "critical",
    }


def test_an_agent_finds_the_valid_user_by_name_email_or_company(client, agent, requester, outsider):
    client.force_login(agent)
    for text in ("herrera", "REQUESTER@", "alborada"):
        page = client.get(ADDRESS, {"q": text}).content.decode()
        assert f"solicitante={requester.pk}" in page
        assert outsider.full_name not in page
        assert (
            f"solicitante={requester.pk}"
            in client.get(reverse("admin:tickets_valid_users"), {"q": text}).content.decode()
        )
    assert "Nadie coincide" in client.get(ADDRESS, {"q": "zzz"}).content.decode()


def test_a_ticket_by_telephone_is_born_open_with_its_reaction_met(client, agent, requester, typed, now):
    client.force_login(agent)
    response = client.post(f"{ADDRESS}?solicitante={requester.pk}", typed)
    row = Ticket.objects.get()
    assert response["Location"] == reverse("admin:tickets_ticket_change", args=[row.number])
    assert (row.state, row.channel, row.requester, row.reacted_at) == (State.OPEN, "phone", requester, now)
    assert row.priority == "critical"


def test_faults_are_named_and_nothing_typed_is_lost(client, agent, requester, typed):
    client.force_login(agent)
    page = client.post(f"{ADDRESS}?solicitante={requester.pk}", {**typed, "title": "", "impact": "enorme"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'id="alta-title-error"' in text
    assert 'id="alta-impact-error"' in text
    assert "Marca CFDI33118." in text
    assert Ticket.objects.count() == 0


def test_the_refusal_is_shown_before_anything_is_typed(client, agent, requester, typed):
    Contract.objects.update(ends_on=date(2020, 1, 1))
    client.force_login(agent)
    page = client.get(f"{ADDRESS}?solicitante={requester.pk}").content.decode()
    assert "Sin contrato vigente" in page
    assert "Registrar el ticket" not in page
    assert client.post(f"{ADDRESS}?solicitante={requester.pk}", typed).status_code == 403
    assert Ticket.objects.count() == 0


def test_a_suspended_user_is_refused(client, agent, requester, typed):
    ValidUser.objects.filter(user=requester).update(status=ValidUser.Status.SUSPENDED)
    client.force_login(agent)
    assert "Usuario suspendido" in client.get(f"{ADDRESS}?solicitante={requester.pk}").content.decode()
    assert client.post(f"{ADDRESS}?solicitante={requester.pk}", typed).status_code == 403


def test_whatsapp_needs_the_contracts_authorisation(client, agent, requester, typed):
    client.force_login(agent)
    page = client.post(f"{ADDRESS}?solicitante={requester.pk}", {**typed, "channel": "whatsapp"})
    assert 'id="alta-channel-error"' in page.content.decode()
    Contract.objects.update(whatsapp_authorised=True)
    assert client.post(f"{ADDRESS}?solicitante={requester.pk}", {**typed, "channel": "whatsapp"}).status_code == 302


@pytest.mark.parametrize("who", ["consultant", "bpo", "manager", "admin"])
def test_others_do_not_register(who, request, client, requester, typed):
    client.force_login(request.getfixturevalue(who))
    assert client.get(ADDRESS).status_code == 403
    assert client.get(reverse("admin:tickets_valid_users"), {"q": "herrera"}).status_code == 403
    assert client.post(f"{ADDRESS}?solicitante={requester.pk}", typed).status_code == 403
    assert Ticket.objects.count() == 0


def test_the_priority_and_the_deadline_are_told_before_sending(client, agent, requester):
    client.force_login(agent)
    ask = {
        "solicitante": requester.pk,
        "kind": "incident",
        "service_line": "technological",
        "impact": "extensive",
        "urgency": "critical",
    }
    page = client.get(reverse("admin:tickets_preview"), ask).content.decode()
    assert "Crítica" in page
    assert "vence en" in page
    assert (
        "Elija impacto" in client.get(reverse("admin:tickets_preview"), {"solicitante": requester.pk}).content.decode()
    )


def test_the_questions_of_a_template_are_asked_and_kept(client, agent, requester, typed):
    category = CatalogCategory.objects.create(name="Nómina")
    item = CatalogItem.objects.create(
        category=category,
        name="Timbrado",
        kind="incident",
        service_line="functional",
        fields=[{"name": "periodo", "label": "Periodo", "type": "text", "required": True}],
    )
    client.force_login(agent)
    address = f"{ADDRESS}?solicitante={requester.pk}&plantilla={item.pk}"
    assert "Periodo" in client.get(address).content.decode()
    assert client.post(address, typed).status_code == 422
    assert client.post(address, {**typed, "fields.periodo": "quincena 5"}).status_code == 302
    row = Ticket.objects.get()
    assert (row.catalog_item, row.fields) == (item, {"periodo": "quincena 5"})


def test_what_may_be_said_by_telephone_is_number_state_and_dates(client, agent, ticket, requester):
    client.force_login(agent)
    page = client.get(f"{ADDRESS}?solicitante={requester.pk}").content.decode()
    assert "Por teléfono sólo se informa número, estado y fechas" in page
    assert ticket.number in page
    assert ticket.title not in page
    assert ticket.description not in page
