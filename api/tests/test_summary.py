"""The numbers of the board for other tools: who reads whose, and that they are the board's."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from core import clock
from customers.models import Company
from servicedesk.testing import TUESDAY
from sla.services.sweep import batch
from tickets.services import triage

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/sla/summary/"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def see(api):
    def get(person, at=TUESDAY + timedelta(hours=2), **query):
        client = api(person, "reports:read")
        with clock.at(at):
            return client.get(ADDRESS, query)

    return get


def test_it_tells_how_the_open_tickets_stand_and_what_was_kept(see, tickets, agent, supervisor, group, company):
    _, opened = tickets(2)
    with clock.at(TUESDAY + timedelta(minutes=20)):
        triage.open(opened, by=agent)
        triage.assign(opened, by=agent, group=group)
    with clock.at(TUESDAY + timedelta(hours=2)):
        batch(TUESDAY + timedelta(hours=2))
    body = see(supervisor).json()
    counts = {"open": 2, "late": 1, "risk": 0, "ok": 1, "paused": 0, "idle": 0}
    assert (body["at"], body["at_risk_hours"], body["total"]) == ("2026-03-10T18:00:00Z", None, counts)
    assert body["by_priority"][1] == {"priority": "high", "priority_label": "Alta", **counts}
    assert body["by_service_line"][0] == {
        "service_line": "functional", "service_line_label": "Soporte funcional", **counts,
    }  # fmt: skip
    assert body["by_company"] == [{"company": {"id": company.pk, "name": company.name}, **counts}]
    assert [(row["group"] and row["group"]["name"], row["open"], row["late"]) for row in body["by_group"]] == [
        ("Nómina", 1, 0),
        (None, 1, 1),
    ]
    past = body["compliance"]
    reaction = {"met": 1, "late": 1, "total": 2, "percent": 50.0}
    assert (past["days"], past["reaction"], past["weeks"][-1]["reaction"]) == (30, reaction, reaction)
    assert past["attention"] == {"met": 0, "late": 0, "total": 0, "percent": None}
    assert (past["weeks"][-1]["starts_on"], past["corrected"], past["renegotiated"]) == ("2026-03-09", 0, 0)


def test_each_customer_reads_their_own_tickets_numbers_and_no_others(
    see, tickets, requester, colleague, representative, outsider
):
    tickets(2)
    people = (requester, representative, colleague, outsider)
    assert [see(person).json()["total"]["open"] for person in people] == [2, 2, 0, 0]
    assert see(outsider).json()["by_company"] == []
    assert "Alborada" not in see(outsider).content.decode()


def test_another_company_reads_like_an_absent_one(see, outsider, company, tickets):
    tickets(1)
    foreign, absent = see(outsider, company=company.pk), see(outsider, company=999_999)
    assert foreign.status_code == absent.status_code == 400
    assert foreign.content == absent.content


@pytest.mark.parametrize("role", ["consultant", "bpo"])
def test_roles_that_do_not_read_the_board_are_refused(see, role, request, guide):
    response = see(request.getfixturevalue(role))
    assert response.status_code == 403
    assert response.json()["detail"] == "Su rol no consulta el tablero de niveles de servicio."


def test_it_needs_the_scope_of_reports(api, agent, guide):
    assert api(agent).get(ADDRESS).status_code == 403
    assert api(agent, "reports:read").get(ADDRESS).status_code == 200
    assert api(agent, "admin").get(ADDRESS).status_code == 200


def test_it_is_narrowed(see, tickets, supervisor, company, group, agent):
    first, _ = tickets(2)
    triage.assign(first, by=agent, group=group, at=TUESDAY + timedelta(minutes=5))

    def opened(**query):
        return see(supervisor, **query).json()["total"]["open"]

    other = Company.objects.create(name="Otra")
    assert (opened(company=company.pk), opened(company=other.pk)) == (2, 0)
    assert (opened(group=group.pk), opened(group="none")) == (1, 1)
    assert (opened(service_line="functional"), opened(service_line="technical")) == (2, 0)
    body = see(supervisor, at=TUESDAY + timedelta(minutes=10), at_risk_hours=1, days=90).json()
    assert (body["total"]["risk"], body["at_risk_hours"], body["compliance"]["days"]) == (2, 1, 90)


@pytest.mark.parametrize(
    "query",
    [
        {"company": "x"}, {"company": "0"}, {"company": str(10**30)}, {"group": "x"}, {"group": "0"}, {"service_line": "x"},
        {"at_risk_hours": "3"}, {"at_risk_hours": "-1"}, {"days": "31"}, {"days": "x"}, {"color": "rojo"}, {"company": ["1", "2"]},
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_400_on_its_field(see, supervisor, guide, query):
    response = see(supervisor, **query)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == list(query)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_many_tickets(
    api, tickets, supervisor, agent, group, django_assert_num_queries, count
):
    for row in tickets(count):
        triage.assign(row, by=agent, group=group, at=TUESDAY + timedelta(minutes=5))
    client = api(supervisor, "reports:read")
    client.get(ADDRESS)
    # The key, three for the present and three for the past.
    with django_assert_num_queries(7):
        assert client.get(ADDRESS).status_code == 200
