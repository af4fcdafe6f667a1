"""The yearly NPS for other tools: who reads what, and that the numbers are the console's."""

from datetime import timedelta

import pytest

from api.scopes import Scope
from core import clock
from surveys.models import NpsInvitation
from surveys.nps_table import Line
from surveys.services import nps, nps_history
from surveys.tests.nps_cast import of, passing, people, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
BASE = "/api/v1/nps/"


@pytest.fixture
def campaign(supervisor, company, contract, requester, colleague, outsider, service):
    row = running(supervisor)
    passing(1.1)
    for hours, (person, score) in enumerate(((requester, 3), (colleague, 9), (outsider, 10))):
        nps.answer(of(person), score=score, why=f"Razón {score}", at=clock.now() + timedelta(days=2, hours=hours))
    nps.close_loop(of(requester), by=supervisor, note="Hablamos.")
    line = Line(2024, company.pk, company.name, service.pk, service.name, None, 5, 3, 2)
    nps_history.store([line], by=supervisor, source="x.csv")
    return row


@pytest.fixture
def heads(api):
    return lambda person: api(person, Scope.TICKETS_READ, Scope.REPORTS_READ)


def test_an_answer_reads_as_it_is(heads, campaign, requester, company, service, supervisor, bpo):
    rows = heads(bpo).get(f"{BASE}answers/?loyalty=detractor").json()["results"]
    assert rows == [
        {
            "id": of(requester).pk, "campaign": campaign.pk, "year": 2026,
            "person": {"id": requester.pk, "name": requester.full_name}, "company": {"id": company.pk, "name": company.name},
            "service": {"id": service.pk, "name": service.name}, "score": 3, "loyalty": "detractor", "loyalty_label": "Detractor",
            "why": "Razón 3", "answered_at": "2026-03-12T16:00:00Z", "changed_at": None, "spoken_at": "2026-03-10T16:00:00Z",
            "spoken_by": {"id": supervisor.pk, "name": supervisor.full_name}, "spoken_note": "Hablamos.",
        }
    ]  # fmt: skip


def test_customers_read_their_own_answer_without_what_the_desk_wrote(api, campaign, requester, colleague, outsider):
    for person in (requester, colleague, outsider):
        rows = api(person).get(f"{BASE}answers/").json()["results"]
        assert [row["person"]["id"] for row in rows] == [person.pk]
        assert rows[0]["spoken_note"] is rows[0]["spoken_by"] is rows[0]["spoken_at"] is None


@pytest.mark.parametrize("who", ["agent", "consultant", "other_consultant", "representative"])
def test_others_read_no_answers(api, campaign, request, who):
    assert api(request.getfixturevalue(who)).get(f"{BASE}answers/").json()["results"] == []


@pytest.mark.parametrize("who", ["agent", "consultant", "requester", "representative", "outsider"])
@pytest.mark.parametrize("page", ["campaigns/", "results/"])
def test_results_are_for_who_leads_the_service(heads, campaign, request, who, page):
    answer = heads(request.getfixturevalue(who)).get(f"{BASE}{page}")
    assert answer.status_code == 403
    assert "nps" not in answer.json()


@pytest.mark.parametrize("page", ["campaigns/", "results/"])
def test_results_need_the_scope_of_reports(api, campaign, manager, page):
    answer = api(manager).get(f"{BASE}{page}")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_results_by_year_company_and_service(heads, campaign, manager, company, service):
    got = heads(manager).get(f"{BASE}results/").json()
    assert got["by"] == "year"
    assert [(row["year"], row["nps"], row["answered"], row["invited"]) for row in got["results"]] == [
        (2026, 33, 3, 3),
        (2024, 30, 10, None),
    ]
    assert got["total"]["answered"] == 13
    first = got["results"][0]
    assert round(first["nps_exact"], 3) == 33.333
    assert -100 <= first["low"] < first["nps"] < first["high"] <= 100
    assert first["response_rate"] == 100.0
    rows = heads(manager).get(f"{BASE}results/?by=company&year=2026").json()["results"]
    assert [(row["company"]["name"], row["nps"]) for row in rows] == [("Grupo Alborada", 0), ("Textiles Ixtlán", 100)]
    rows = heads(manager).get(f"{BASE}results/?by=service&company={company.pk}&service={service.pk}").json()["results"]
    assert [(row["service"]["id"], row["answered"]) for row in rows] == [(service.pk, 12)]
    empty = heads(manager).get(f"{BASE}results/?service=none").json()
    assert (empty["results"], empty["total"]["nps"]) == ([], None)


def test_campaigns_tell_how_they_go(heads, campaign, service_delivery):
    (row,) = heads(service_delivery).get(f"{BASE}campaigns/?state=running,closed&year=2026").json()["results"]
    assert (row["name"], row["state"], row["people"], row["invited"], row["nps"]) == ("NPS 2026", "running", 3, 3, 33)
    assert (row["opens_on"], row["started_at"]) == ("2026-03-11", "2026-03-10T16:00:00Z")
    assert heads(service_delivery).get(f"{BASE}campaigns/?state=draft").json()["results"] == []


def test_answers_are_narrowed_ordered_and_paged(heads, campaign, admin, company):
    client = heads(admin)
    page = client.get(f"{BASE}answers/?ordering=answered_at&page_size=2&count=true").json()
    assert (page["count"], [row["score"] for row in page["results"]]) == (3, [3, 9])
    assert [row["score"] for row in client.get(page["next"]).json()["results"]] == [10]
    for query, scores in (
        (f"company={company.pk}", [9, 3]),
        (f"campaign={campaign.pk}&loyalty=promoter", [10, 9]),
        ("answered_after=2026-03-12T16:30:00Z&answered_before=2026-03-12T17:30:00Z", [9]),
        ("year=2025", []),
        ("service=none", []),
    ):
        assert [row["score"] for row in client.get(f"{BASE}answers/?{query}").json()["results"]] == scores, query


@pytest.mark.parametrize(
    "query",
    ["answers/?year=x", "answers/?loyalty=fan", "answers/?company=-1", "answers/?answered_after=ayer", "answers/?x=1",
     "answers/?ordering=score", "answers/?cursor=z", "results/?by=month", "results/?service=x", "results/?year=20250",
     "campaigns/?state=open", "campaigns/?count=1"],
)  # fmt: skip
def test_what_makes_no_sense_is_a_400_that_names_it(heads, campaign, admin, query):
    assert heads(admin).get(f"{BASE}{query}").status_code == 400


def test_nobody_without_a_key(client, campaign):
    for page in ("answers/", "results/", "campaigns/"):
        assert client.get(f"{BASE}{page}").status_code == 401


@pytest.mark.parametrize("many", [1, 3])
def test_a_page_of_answers_costs_the_same_whatever_it_holds(
    heads, campaign, admin, company, supervisor, many, django_assert_num_queries
):
    people(company, many)
    row = running(supervisor, name="Otra")
    passing(1.2)
    for invitation in NpsInvitation.objects.filter(campaign=row):
        nps.answer(invitation, score=8)
    client = heads(admin)
    client.get(f"{BASE}answers/")
    with django_assert_num_queries(2):
        assert len(client.get(f"{BASE}answers/").json()["results"]) == 3 + many
