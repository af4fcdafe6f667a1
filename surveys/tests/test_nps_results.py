"""Results: what counts, for whom, and that the sum of the parts is the whole."""

import pytest

from core import clock
from core.errors import Refused
from customers.models import Company, Service
from surveys import nps_queries, nps_results
from surveys.models import NpsInvitation, NpsRecord
from surveys.nps_results import By, Narrow
from surveys.nps_scoring import Counts
from surveys.services import campaigns, nps
from surveys.tests.nps_cast import passing, people, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def campaign(supervisor, company, contract, outsider, requester):
    """Seven of the company and the outsider were asked in the first wave or the second; five answered."""
    people(company, 6)
    row = running(supervisor, waves=2)
    passing(1.1)
    asked = list(NpsInvitation.objects.filter(wave=1).order_by("pk"))
    for invitation, score in zip(asked, (10, 9, 7, 3), strict=True):
        nps.answer(invitation, score=score, why=f"Razón {score}")
    return row


@pytest.fixture
def records(supervisor, company, service):
    made = {"source": "x.csv", "imported_by": supervisor, "imported_at": clock.now()}
    NpsRecord.objects.create(
        year=2024, company=company, service=service, invited=20, promoters=5, passives=3, detractors=2, **made
    )
    NpsRecord.objects.create(year=2024, company=company, promoters=1, passives=1, detractors=0, **made)
    NpsRecord.objects.create(year=2025, company=company, invited=4, promoters=0, passives=1, detractors=2, **made)


def test_results_by_year_put_campaigns_and_imports_side_by_side(campaign, records, manager):
    assert [(row.key, row.counts) for row in nps_results.results(By.YEAR, Narrow(), manager)] == [
        (2026, Counts(2, 1, 1, 4)),
        (2025, Counts(0, 1, 2, 4)),
        (2024, Counts(6, 4, 2, None)),
    ]
    assert nps_results.years(manager) == [2026, 2025, 2024]
    assert nps_results.total(Narrow(), manager) == Counts(8, 6, 5, None)


def test_the_parts_add_up_whichever_way_it_is_cut(campaign, records, bpo):
    for narrow in (Narrow(), Narrow(year=2026), Narrow(year=2024), Narrow(service=nps_results.WITHOUT_SERVICE)):
        whole = nps_results.total(narrow, bpo)
        for by in By.values:
            rows = nps_results.results(by, narrow, bpo)
            assert sum(row.counts.answered for row in rows) == whole.answered
            assert sum(row.counts.promoters for row in rows) == whole.promoters
            assert [row.key for row in rows] == list(dict.fromkeys(row.key for row in rows))
    services = nps_results.results(By.SERVICE, Narrow(year=2024), bpo)
    assert [(row.label, row.counts.answered) for row in services] == [
        ("Nómina y Recursos Humanos", 10),
        ("Sin servicio", 2),
    ]


def test_narrowed_to_a_company_and_a_service(campaign, records, admin, company, service, outsider):
    other = outsider.valid_user.company_id
    assert [row.key for row in nps_results.results(By.COMPANY, Narrow(company=other), admin)] in ([other], [])
    found = nps_results.results(By.YEAR, Narrow(company=company.pk, service=service.pk, year=2024), admin)
    assert [(row.key, row.counts.answered) for row in found] == [(2024, 10)]
    assert dict(nps_results.names(admin)["service"]) == {service.pk: service.name}


def test_the_distribution_has_every_grade_and_only_given_ones(campaign, records, manager):
    assert nps_results.distribution(Narrow(), manager) == {
        **dict.fromkeys(range(11), 0), 3: 1, 7: 1, 9: 1, 10: 1,
    }  # fmt: skip
    assert sum(nps_results.distribution(Narrow(year=2025), manager).values()) == 0


@pytest.mark.parametrize("who", ["agent", "consultant", "requester", "representative", "outsider"])
def test_others_get_no_results(who, campaign, request):
    person = request.getfixturevalue(who)
    for ask in (
        lambda: nps_results.results(By.YEAR, Narrow(), person),
        lambda: nps_results.distribution(Narrow(), person),
        lambda: nps_results.years(person),
        lambda: nps_results.names(person),
    ):
        with pytest.raises(Refused):
            ask()
    assert nps_queries.progress([campaign], person) == {}


def test_nobody_asked_is_no_result(manager):
    assert nps_results.years(manager) == []
    assert nps_results.total(Narrow(), manager) == Counts()
    assert nps_results.results(By.COMPANY, Narrow(year=2026), manager) == []


def test_progress_tells_the_waves_and_the_days(campaign, manager):
    found = nps_queries.progress([campaign], manager)[campaign.pk]
    assert (found.people, found.planned, found.invited, found.left_out) == (8, 4, 4, 0)
    assert (found.counts.answered, str(found.counts.rate)) == (4, "100.0")
    first, second = nps_queries.waves(campaign, manager)
    assert (first.people, first.invited, first.answered) == (4, 4, 4)
    assert (second.people, second.invited, str(second.goes_out)) == (4, 0, "2026-03-18")
    assert list(nps_queries.days(campaign, manager).values()) == [4]
    campaigns.cancel(campaign, by=manager, reason="Prueba")
    found = nps_queries.progress([campaign], manager)[campaign.pk]
    assert (found.planned, found.left_out, found.counts.answered) == (0, 4, 4)


@pytest.mark.parametrize("many", [1, 3])
def test_results_cost_the_same_queries_whatever_they_show(
    campaign, records, manager, supervisor, many, django_assert_num_queries
):
    for number in range(many):
        other = Company.objects.create(name=f"Otra {number}")
        named = Service.objects.create(name=f"Servicio {number}")
        NpsRecord.objects.create(
            year=2020 + number, company=other, service=named, promoters=1, passives=0, detractors=0, source="x.csv",
            imported_by=supervisor, imported_at=clock.now(),
        )  # fmt: skip
    for by in By.values:
        with django_assert_num_queries(2):
            nps_results.results(by, Narrow(), manager)
