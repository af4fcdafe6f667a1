"""Who a customer may turn to: the desk for everybody, the levels for customers, the technical lists for their representative alone."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core import caching
from customers.models import Contract
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import MatrixKind
from servicedesk.seeding import escalation
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db

PAGE = reverse("portal:contact")
TECHNICAL, COMPLAINTS = f"{PAGE}?lista=tecnicas", f"{PAGE}?lista=quejas"


@pytest.fixture
def lists(guide, now) -> None:
    """The guide's matrices."""
    escalation.everything(guide)


def technical_list(contract, admin, name: str, service=None) -> Matrix:
    """A published list of one level, whose only contact is `name`."""
    service = service or contract.services.create(name=f"Servicio de {name}")
    row = publishing.begin(Matrix(kind=MatrixKind.TECHNICAL, contract=contract, service=service), by=admin, at=TUESDAY)
    contact = Contact.objects.create(name=name, email=f"{name.lower()}@mesa.example", mobile=f"55 {name}")
    Level.objects.create(
        matrix=row, level=1, role="Consultora", contact=contact, acknowledge_minutes=90, answer_minutes=1800
    )
    publishing.publish(row, by=admin, at=TUESDAY)
    caching.forget_all()
    return row


@pytest.fixture
def own_list(lists, contract, service, admin) -> Matrix:
    return technical_list(contract, admin, "Canaria", service)


def seen(client, address: str = PAGE) -> str:
    return " ".join(client.get(address).content.decode().split())


def away(name: str, substitute: str = "", ends: date = date(2026, 3, 13)) -> None:
    found = Contact.objects.get(name=name)
    instead = Contact.objects.get(name=substitute) if substitute else None
    Absence.objects.create(
        contact=found, starts_on=TUESDAY.date(), ends_on=ends, substitute=instead, reason="Asunto privado"
    )
    caching.forget_all()


def test_a_stranger_is_told_only_the_desk(client, own_list):
    for address in (PAGE, TECHNICAL, COMPLAINTS):
        page = seen(client, address)
        assert "soporte@mesa.example" in page
        for name in ("Teresa Olvera", "Julio Bernal", "Bernardo Lozano", "Canaria", "Nivel 2", "Acusa recibo"):
            assert name not in page, (address, name)


def test_a_customer_reads_the_levels_with_their_version_and_their_times(client, lists, requester):
    client.force_login(requester)
    page = seen(client)
    assert "Versión 1, vigente desde el 17 de septiembre de 2019." in page
    told = [(rung.place.level, rung.place.contact_name) for rung in client.get(PAGE).context["listing"].rungs]
    assert told == [
        (1, "Mesa de Servicio"),
        (2, "Teresa Olvera Luna"),
        (3, "Julio Bernal Ortiz"),
        (4, "Marta Quiroga Vela"),
    ]
    assert page.count("Acusa recibo en 1 h y responde en 4 h") == 2
    assert "Acusa recibo en 30 min y responde en 2 h" in page
    assert "horas hábiles" in page


def test_a_version_to_come_and_a_draft_are_not_shown(client, lists, requester, admin):
    draft = publishing.new_version(Matrix.objects.get(kind="service_desk"), by=admin, at=TUESDAY)
    draft.levels.filter(level=2).update(role="Otra cosa")
    client.force_login(requester)
    assert "Otra cosa" not in seen(client)
    publishing.publish(draft, by=admin, valid_from=TUESDAY + timedelta(days=1), at=TUESDAY)
    caching.forget_all()
    assert "Otra cosa" not in seen(client)


def test_while_somebody_is_away_the_page_says_until_when_and_who_stands_in(client, lists, requester):
    away("Teresa Olvera Luna", "Julio Bernal Ortiz")
    client.force_login(requester)
    page = seen(client)
    assert "En su ausencia hasta el viernes 13 de marzo: <b>Julio Bernal Ortiz</b>" in page
    assert page.count("mailto:gerencia@mesa.example") == 2
    assert "supervision@mesa.example" not in page
    assert "Asunto privado" not in page


def test_a_chain_of_absences_ends_with_who_is_there(client, lists, requester):
    away("Teresa Olvera Luna", "Julio Bernal Ortiz", ends=date(2027, 1, 4))
    away("Julio Bernal Ortiz", "Marta Quiroga Vela")
    client.force_login(requester)
    assert "En su ausencia hasta el lunes 4 de enero de 2027: <b>Marta Quiroga Vela</b>" in seen(client)


def test_without_anybody_in_their_place_the_page_says_whom_to_turn_to(client, lists, requester):
    away("Teresa Olvera Luna")
    away("Marta Quiroga Vela")
    client.force_login(requester)
    page = seen(client)
    assert "Ausente hasta el viernes 13 de marzo. Mientras tanto, diríjase al nivel siguiente." in page
    assert "Ausente hasta el viernes 13 de marzo. Mientras tanto, diríjase a la Mesa de Servicio." in page


def test_who_left_is_not_shown_any_more(client, lists, requester):
    Contact.objects.filter(name="Julio Bernal Ortiz").update(valid_until=TUESDAY.date() - timedelta(days=1))
    caching.forget_all()
    client.force_login(requester)
    for address in (PAGE, COMPLAINTS):
        page = seen(client, address)
        assert "Julio Bernal" not in page
        assert "gerencia@mesa.example" not in page
        assert "<b>Por designar</b>" in page


def test_the_complaints_are_read_by_direction(client, lists, requester):
    client.force_login(requester)
    answer = client.get(COMPLAINTS)
    told = [(direction.split()[2], len(rungs)) for direction, rungs in answer.context["directions"]]
    assert told == [("Servicio", 4), ("Operaciones", 5), ("Business", 2)]
    page = seen(client, COMPLAINTS)
    assert "Bernardo Lozano Cid" in page
    assert "Acusa recibo" not in page


def test_a_representative_holds_the_list_of_each_contracted_service(client, own_list, representative, contract):
    contract.services.create(name="Redes y VPN")
    client.force_login(representative)
    assert f'href="?{TECHNICAL.split("?")[1]}"' in seen(client)
    found = client.get(TECHNICAL).context["contracts"]
    assert [(row.number, [listing.title for listing in listings]) for row, listings in found] == [
        ("MN-001", ["Nómina y Recursos Humanos", "Redes y VPN"])
    ]
    page = seen(client, TECHNICAL)
    assert "canaria@mesa.example" in page
    assert "Acusa recibo en 1 h 30 min y responde en 30 h" in page
    assert "Versión 1, vigente desde el 10 de marzo de 2026." in page
    assert "Su listado aún no se publica" in page


def test_a_requester_is_told_that_their_representative_has_it(client, own_list, requester, representative, outsider):
    client.force_login(requester)
    page = seen(client)
    assert "Lo tiene quien representa a su compañía: Ximena Ordaz Leal." in page
    assert "Rubén Aguirre" not in page
    for address in (TECHNICAL, PAGE, COMPLAINTS):
        assert "Canaria" not in seen(client, address)
    assert "?lista=tecnicas" not in [tab["href"] for tab in client.get(TECHNICAL).context["tabs"]]
    assert client.get(TECHNICAL).context["shown"] == "mesa"


def test_an_outsider_sees_nothing_of_another_companys_lists(client, own_list, outsider, admin):
    client.force_login(outsider)
    for address in (PAGE, TECHNICAL, COMPLAINTS, f"{TECHNICAL}&contract={own_list.contract_id}"):
        page = seen(client, address)
        for trace in ("Canaria", "MN-001", "Grupo Alborada", "Ximena"):
            assert trace not in page, (address, trace)
    theirs = Contract.objects.get(number="MN-002")
    technical_list(theirs, admin, "Suya", theirs.services.get())
    page = seen(client, TECHNICAL)
    assert "suya@mesa.example" in page
    assert "canaria@mesa.example" not in page


def test_a_contract_that_ended_gives_no_list(client, own_list, representative, contract):
    contract.ends_on = TUESDAY.date() - timedelta(days=1)
    contract.save()
    client.force_login(representative)
    page = seen(client, TECHNICAL)
    assert "Su compañía no tiene un contrato vigente" in page
    assert "canaria@mesa.example" not in page


def test_two_contracts_are_told_apart(client, own_list, representative, company, admin):
    second = Contract.objects.create(company=company, number="MN-009", starts_on=date(2024, 1, 1))
    technical_list(second, admin, "Segunda")
    client.force_login(representative)
    page = seen(client, TECHNICAL)
    assert "Contrato MN-001" in page
    assert "Contrato MN-009" in page
    assert "segunda@mesa.example" in page


@pytest.mark.parametrize("address", ["?lista=nada", "?lista=%00", "?lista="])
def test_a_list_that_is_none_is_the_desks(client, lists, requester, address):
    client.force_login(requester)
    assert client.get(PAGE + address).context["shown"] == "mesa"


def test_before_anything_is_published_the_page_says_what_to_do(client, guide, requester, representative, now):
    assert "Los datos de contacto aún no se publican" in seen(client)
    client.force_login(requester)
    assert "Esta lista aún no se publica" in seen(client)
    assert "Esta lista aún no se publica" in seen(client, COMPLAINTS)
    client.force_login(representative)
    assert "Su listado aún no se publica" in seen(client, TECHNICAL)


COSTS = {PAGE: 3, TECHNICAL: 5, COMPLAINTS: 3}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("address", COSTS)
def test_each_list_costs_the_same_however_long(
    client, lists, representative, contract, admin, address, count, django_assert_num_queries
):
    for n in range(count):
        technical_list(contract, admin, f"Persona{n}")
        away(f"Persona{n}", "Marta Quiroga Vela")
    client.force_login(representative)
    client.get(address)
    with django_assert_num_queries(COSTS[address]):
        client.get(address)
