"""The board of service levels: who reads it, what it says, and that each number leads to the queue with just those tickets."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console import levels, queues, trail
from core import clock
from servicedesk.testing import TUESDAY
from sla.record import Outcome
from sla.services.sweep import batch
from tickets.models import Ticket
from tickets.services import conversation, intake, triage, work

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/niveles/"
NOON = TUESDAY + timedelta(hours=2)


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def raised(requester, report):
    def build(minutes=0, **changes):
        with clock.at(TUESDAY + timedelta(minutes=minutes)):
            return intake.receive(report(**changes), by=requester, channel="web")

    return build


@pytest.fixture
def see(client, supervisor):
    def get(query="", at=NOON, by=supervisor):
        client.force_login(by)
        with clock.at(at):
            return client.get(ADDRESS + query)

    return get


@pytest.fixture
def busy(raised, agent, group):
    """At noon: late, at risk, paused, in time, and one that waits for its solution."""
    late, paused, attended = raised(), raised(), raised()
    with clock.at(TUESDAY + timedelta(minutes=5)):
        triage.open(paused, by=agent)
        work.wait_for_user(paused, by=agent, message="¿Cuál RFC?")
        triage.open(attended, by=agent)
        triage.assign(attended, by=agent, group=group)
        conversation.reply(attended, by=agent, message="Va.", committed_for=TUESDAY + timedelta(days=1))
    risk, fresh = raised(70), raised(115, service_line="technical", impact="minor", urgency="low")
    with clock.at(NOON):
        batch(NOON)
    return {"late": late, "risk": risk, "paused": paused, "idle": attended, "ok": fresh}


def held(address, actor):
    """The tickets of the queue at the address."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with clock.at(NOON):
        return set(trail.listing_of(query, actor).tickets(actor, NOON).values_list("pk", flat=True))


def test_an_empty_desk_says_so(see, guide):
    page = see()
    assert page.status_code == 200
    text = page.content.decode()
    assert "No hay tickets abiertos" in text
    assert text.count(levels.NO_DATA) == 3


def test_each_number_leads_to_the_queue_that_holds_just_those_tickets(see, busy, supervisor):
    page = see()
    found = {item["label"]: (item["value"], item["href"]) for item in page.context["stats"]}
    expected = {
        "Abiertos": set(busy.values()),
        "Vencidos": {busy["late"]},
        "En riesgo": {busy["risk"]},
        "En pausa": {busy["paused"]},
        "Sin plazo corriendo": {busy["idle"]},
        "En tiempo": {busy["ok"]},
    }
    assert {label: value for label, (value, _) in found.items()} == {k: str(len(v)) for k, v in expected.items()}
    for label, tickets in expected.items():
        assert held(found[label][1], supervisor) == {ticket.pk for ticket in tickets}, label


def test_so_does_every_cell_of_every_table(see, busy, supervisor, company):
    for query in ("", f"?compania={company.name}", "?riesgo=1", "?linea=functional&grupo=ninguno"):
        cells = 0
        for _, props in see(query).context["charts"]:
            for point in props["points"]:
                numbers = [point[name] for name in levels.SERIES] + [int(point["text"])]
                for column, address in point["links"].items():
                    if address:
                        assert len(held(address, supervisor)) == numbers[column - 1] > 0, (
                            query,
                            point["label"],
                            column,
                        )
                        cells += 1
        assert cells > 3, query


def test_another_company_whose_name_holds_this_ones_is_not_in_its_numbers(see, busy, supervisor, company, outsider):
    other = outsider.valid_user.company
    other.name = f"{company.name} del Norte"
    other.save()
    props = dict(see().context["charts"])["Por compañía"]
    point = next(point for point in props["points"] if point["label"] == company.name)
    assert held(point["links"][6], supervisor) == {ticket.pk for ticket in busy.values()}


def test_by_a_horizon_at_risk_are_those_that_fall_due_within_it(see, busy):
    told = {item["label"]: (item["value"], item["href"]) for item in see("?riesgo=1").context["stats"]}
    assert told["En riesgo"][0] == "1"
    assert "plazo=1h" in told["En riesgo"][1]
    # No queue says «due later than within an hour», so that number leads nowhere.
    assert told["En tiempo"] == ("1", "")


def test_it_is_narrowed_by_company_line_and_group(see, busy, company, group, outsider):
    def opened(query):
        return see(query).context["present"].total.open

    assert opened(f"?compania={company.name.upper()}") == opened("?compania=alborada") == 5
    assert opened("?compania=ixtlán") == 0
    assert opened("?linea=technical") == opened(f"?grupo={group.pk}") == 1
    assert opened("?grupo=ninguno") == 4
    assert opened("?linea=basura&grupo=999999&riesgo=-1&dias=7") == 5


def test_a_company_that_is_not_known_or_not_one_is_an_error_and_shows_no_numbers(see, busy, outsider):
    page = see("?compania=nadie&dias=90")
    assert "Ninguna compañía se llama así." in page.content.decode()
    assert 'value="nadie"' in page.content.decode()
    assert "present" not in page.context
    page = see("?compania=l")
    assert "Hay más de uno: «Grupo Alborada», «Textiles Ixtlán»." in page.content.decode()


def test_the_lists_show_the_longest_overdue_and_the_next_to_fall_due(see, busy):
    page = see()
    assert [row["ticket"] for row in page.context["worst"]] == [busy["late"]]
    assert [row["ticket"] for row in page.context["soonest"]] == [busy["risk"], busy["ok"]]
    assert busy["late"].number in page.content.decode()


def test_compliance_says_how_many_it_is_of(see, busy):
    page = see()
    reaction = page.context["compliance"][0]
    assert (reaction["percent"], reaction["of"]) == ("66.6 %", "2 de 3 plazos")
    assert reaction["chart"]["points"][-1]["text"] == "66.6 % de 3"
    assert reaction["chart"]["points"][-1]["more"] == ("3", "66.6 %")


def test_percentages_in_words():
    told = [levels.percent(outcome) for outcome in (Outcome(), Outcome(3, 0), Outcome(9999, 1), Outcome(0, 2))]
    assert told == ["sin datos", "100 %", "99.9 %", "0 %"]


@pytest.mark.parametrize("role", ["consultant", "bpo"])
def test_consultants_and_bpo_do_not_read_it(see, busy, role, request):
    page = see(by=request.getfixturevalue(role))
    assert page.status_code == 403
    assert busy["late"].title not in page.content.decode()
    assert ADDRESS not in re.findall(
        r'href="([^"]+)"', see("simulador/", by=request.getfixturevalue(role)).content.decode()
    )


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "director", "service_delivery", "admin"])
def test_the_others_do_and_find_it_in_the_sidebar(see, guide, role, request):
    page = see(by=request.getfixturevalue(role))
    assert page.status_code == 200
    assert ADDRESS in re.findall(r'href="([^"]+)"', page.content.decode())


def test_it_only_reads(see, client, supervisor, busy):
    before = list(Ticket.objects.values())
    assert see().status_code == 200
    assert client.post(ADDRESS).status_code == 405
    assert list(Ticket.objects.values()) == before


def test_it_costs_the_same_with_more_tickets(see, raised, agent, group):
    def cost():
        see()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            see()
        return len(asked)

    triage.assign(raised(), by=agent, group=group)
    raised(100)
    first = cost()
    for minutes in range(5):
        triage.assign(raised(minutes), by=agent, group=group)
        raised(100 + minutes)
    assert cost() == first


def test_what_was_kept_says_so(see, busy, monkeypatch):
    monkeypatch.setattr("sla.board.SLOW", -1)
    assert "Calculado ahora mismo" in see().content.decode()
    assert "Calculado hace 1 min" in see(at=NOON + timedelta(seconds=70)).content.decode()


def test_the_standard_queues_are_the_boards(busy, supervisor):
    def of(key):
        return set(queues.tickets_of(queues.QUEUES[key], supervisor, NOON).values_list("pk", flat=True))

    assert (of("vencidos"), of("en-riesgo")) == ({busy["late"].pk}, {busy["risk"].pk})
