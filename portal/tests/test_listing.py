"""Mis asuntos, Mi actividad and the search."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from customers.models import Contract, Service
from portal import listing
from servicedesk.seeding import escalation
from tickets.models import Ticket
from tickets.services import ending, intake, resolution, triage, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(requester, report, now):
    """Forty tickets, some of them changed in the same instant."""
    for n in range(40):
        with clock.at(now + timedelta(minutes=n // 3)):
            intake.receive(report(title=f"Asunto {n:02}"), by=requester, channel="web")


def numbers(page):
    return [row.pk for row in page.context["found"].rows]


def walk(client, query, link):
    """Every page from `query` on, following `link`."""
    pages = [client.get(f"/asuntos/{query}")]
    while target := getattr(pages[-1].context["found"], link):
        pages.append(client.get(f"/asuntos/{target}"))
    return pages


def test_the_pages_hold_every_ticket_once_in_both_directions(client, requester, many):
    client.force_login(requester)
    onward = walk(client, "", "next")
    seen = [pk for page in onward for pk in numbers(page)]
    assert seen == list(Ticket.objects.order_by("-updated_at", "-id").values_list("pk", flat=True))
    back = [numbers(onward[-1])]
    target = onward[-1].context["found"].previous
    while target:
        page = client.get(f"/asuntos/{target}")
        back.insert(0, numbers(page))
        target = page.context["found"].previous
    assert [pk for rows in back for pk in rows] == seen


def test_paging_keeps_the_filters(client, requester, many):
    client.force_login(requester)
    page = client.get("/asuntos/?q=Asunto&estado=new")
    assert "q=Asunto&estado=new" in page.context["found"].next


@pytest.mark.parametrize("edge", ["x", "1-", "-1", "9" * 40, "1-" + "9" * 30, "99999999999999999999-1", "٣-٣", "\x00"])
def test_a_damaged_edge_gives_the_first_page(client, requester, ticket, edge):
    client.force_login(requester)
    for name in ("despues", "antes"):
        page = client.get("/asuntos/", {name: edge})
        assert (page.status_code, numbers(page)) == (200, [ticket.pk])


@pytest.mark.parametrize(
    "query", [{"vista": "todo"}, {"estado": "x"}, {"servicio": "-1"}, {"servicio": "9" * 40}, {"q": "\x00'%_" * 60}]
)
def test_filters_that_mean_nothing_do_no_harm(client, requester, ticket, query):
    client.force_login(requester)
    assert client.get("/asuntos/", query).status_code == 200


def test_the_tabs_tell_what_waits_what_is_open_and_what_ended(client, requester, agent, report, now):
    rows = [intake.receive(report(title=f"T{n}"), by=requester, channel="web") for n in range(4)]
    for row in rows:
        triage.open(row, by=agent)
    work.wait_for_user(rows[0], by=agent, message="¿Cuál?")
    resolution.solve(rows[1], by=agent, solution_type="definitive", solution="Listo.")
    ending.cancel(rows[2], by=requester, reason="x")
    client.force_login(requester)
    page = client.get("/asuntos/?vista=pendientes")
    assert sorted(numbers(page)) == [rows[0].pk, rows[1].pk]
    assert [(tab["label"], tab["count"]) for tab in page.context["tabs"]] == [
        ("Esperan algo de mí", 2),
        ("Abiertos", 3),
        ("Cerrados", None),
    ]
    assert numbers(client.get("/asuntos/?vista=cerrados")) == [rows[2].pk]


def test_the_company_tab_is_the_representatives(client, requester, representative, ticket):
    client.force_login(representative)
    assert numbers(client.get("/asuntos/?vista=compania")) == [ticket.pk]
    assert numbers(client.get("/asuntos/")) == []
    client.force_login(requester)
    page = client.get("/asuntos/?vista=compania")
    assert page.context["asked"].view == "abiertos"
    assert "De mi compañía" not in page.content.decode()


def test_a_number_or_a_word_finds_the_ticket(client, requester, ticket):
    client.force_login(requester)
    for text in (ticket.number, "timbra", str(ticket.pk)):
        assert numbers(client.get("/asuntos/", {"q": text})) == [ticket.pk]
        assert ticket.title in client.get("/buscar/", {"q": text}).content.decode()
    assert "Ningún asunto coincide" in client.get("/asuntos/", {"q": "impresora"}).content.decode()


def test_the_service_filter_offers_only_services_of_the_company(client, requester, ticket, outsider):
    foreign = Service.objects.create(name="VPN de Ixtlán")
    Contract.objects.get(company=outsider.valid_user.company).services.add(foreign)
    client.force_login(requester)
    assert "VPN de Ixtlán" not in client.get("/asuntos/").content.decode()
    assert "VPN de Ixtlán" not in client.get("/asuntos/", {"servicio": foreign.pk}).content.decode()


def test_counts_stop_where_counting_stops_being_useful(client, requester, many, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_UP_TO", 9)
    client.force_login(requester)
    assert client.get("/asuntos/").context["tabs"][1]["count"] == "9+"


def test_home_puts_first_what_waits_for_the_person(client, requester, agent, report, now):
    rows = [intake.receive(report(title=f"Asunto {n}"), by=requester, channel="web") for n in range(3)]
    for row in rows:
        triage.open(row, by=agent)
    work.wait_for_user(rows[0], by=agent, message="¿Qué sucursales\n\nno lo ven?")
    resolution.solve(rows[1], by=agent, solution_type="definitive", solution="Listo.")
    client.force_login(requester)
    page = client.get("/")
    words = page.content.decode()
    assert "Hola, Lucía. ¿En qué puedo ayudarle?" in words
    assert [task["title"] for task in page.context["waiting"]] == [
        "Valide la solución: «Asunto 1»",
        "Responda a Daniela Ríos Paz: ¿Qué sucursales no lo ven?",
    ]
    assert "Se cierra sola el viernes 13 de marzo, 10:00 (quedan 3 días)" in words
    assert [row["ticket"].pk for row in page.context["open_rows"]] == [rows[2].pk]


def test_an_empty_home_says_what_to_do(client, requester):
    client.force_login(requester)
    page = client.get("/").content.decode()
    assert "No tiene asuntos abiertos" in page
    assert "Esperan algo de usted" not in page


def test_a_search_without_words_only_asks(client, requester, ticket):
    client.force_login(requester)
    assert ticket.title not in client.get("/buscar/", {"q": "  "}).content.decode()


def test_contact_shows_the_levels_to_customers_and_only_the_desk_to_others(client, requester):
    escalation.service_desk()
    stranger = client.get(reverse("portal:contact")).content.decode()
    client.force_login(requester)
    customer = client.get(reverse("portal:contact")).content.decode()
    assert "Teresa Olvera" not in stranger
    assert "Teresa Olvera" in customer
