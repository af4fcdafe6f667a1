"""Every page costs the same number of queries whatever it shows."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import Environment, Service
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = pytest.mark.django_db

PAGES = {
    "/": 12,
    "/asuntos/": 11,
    "/asuntos/?vista=compania": 11,
    "/catalogo/": 4,
    "/levantar/": 8,
    "/buscar/?q=asunto": 6,
    "/contacto/": 3,
}


@pytest.fixture
def full(request, representative, agent, report, now, contract, company, service):
    """As many of everything as the test asks for; gives the last ticket."""
    for n in range(request.param):
        rows = [intake.receive(report(title=f"Asunto {n}"), by=representative, channel="web") for _ in range(3)]
        for row in rows:
            triage.open(row, by=agent)
        work.wait_for_user(rows[0], by=agent, message="¿Cuál?")
        resolution.solve(rows[1], by=agent, solution_type="definitive", solution="Listo.")
        conversation.reply(rows[2], by=representative, message="Va.", files=[SimpleUploadedFile("a.txt", b"x")])
        extra = Service.objects.create(name=f"Servicio {n}")
        contract.services.add(extra)
        Environment.objects.create(company=company, service=extra, name="producción")
    for n in range(request.param):
        conversation.reply(row, by=agent, message=f"Mensaje {n}", files=[SimpleUploadedFile("b.txt", b"x")])
    return rows[2]


@pytest.mark.parametrize("full", [1, 3], indirect=True)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_costs_the_same_with_one_and_with_three(
    client, representative, full, address, django_assert_num_queries
):
    client.force_login(representative)
    client.get(address)
    with django_assert_num_queries(PAGES[address]):
        client.get(address)


@pytest.mark.parametrize("full", [1, 3], indirect=True)
def test_a_ticket_costs_the_same_with_a_long_story(client, representative, full, django_assert_num_queries):
    client.force_login(representative)
    client.get(f"/asuntos/{full.number}/")
    with django_assert_num_queries(12):
        client.get(f"/asuntos/{full.number}/")
