"""«Quejas: panorama»: its numbers and charts, what they lead to, who sees them, and what they cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from servicedesk.testing import TUESDAY
from surveys.models import Voice
from surveys.services import hearing, voices

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/surveys/voice/panorama/"


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


@pytest.fixture
def heard(requester, matrices, draft, supervisor):
    def build(minutes=None, by=requester, **changes) -> Voice:
        with clock.at(TUESDAY - timedelta(days=1)):
            row = hearing.receive(draft(**changes), by=by, channel="web")
        if minutes is not None:
            with clock.at(TUESDAY - timedelta(days=1) + timedelta(minutes=minutes)):
                voices.answer(row, by=supervisor, text="Ya.", decision="done")
        return row

    return build


def told(client, query="") -> str:
    return client.get(ADDRESS + query).content.decode()


def stat(response, label: str) -> str:
    return next(item["value"] for item in response.context["stats"] if item["label"] == label)


def test_it_says_how_many_how_fast_and_how_they_ended(client, supervisor, heard, requester):
    heard(30)
    heard(50)
    heard(70, kind="suggestion")
    client.force_login(supervisor)
    response = client.get(ADDRESS)
    assert [stat(response, label) for label in ("Recibidas", "Sin responder", "A tiempo", "Apeladas")] == [
        "3",
        "0",
        "100 %",
        "0 %",
    ]
    assert stat(response, "De acuerdo") == "sin datos"
    assert [(item["median"], item["ninth"]) for item in response.context["times"]] == [("50 min", "1 h 10 min")] * 2
    page = response.content.decode()
    assert "Horas corridas desde que se recibió" in page
    assert page.count("<table") == 5


def test_every_number_leads_to_just_those(client, supervisor, heard, outsider):
    heard()
    heard(by=outsider, area="Monitoreo")
    heard(by=outsider, area="Monitoreo", kind="suggestion")
    client.force_login(supervisor)
    response = client.get(ADDRESS)
    followed = 0
    for _, chart in response.context["charts"]:
        for point in chart["points"]:
            counts = {1: point["work"], 2: point["ok"], 3: point["work"] + point["ok"]}
            for column, href in point["links"].items():
                assert len(client.get(href).context["rows"]) == counts[column], href
                followed += 1
    assert followed >= 10


def test_without_any_it_says_so(client, supervisor, heard):
    client.force_login(supervisor)
    assert "Sin quejas ni sugerencias" in told(client)
    row = heard()
    Voice.objects.filter(pk=row.pk).update(created_at=TUESDAY - timedelta(days=200))
    assert "Sin quejas ni sugerencias" in told(client, "?meses=3")
    assert "Sin quejas ni sugerencias" not in told(client, "?meses=12")


def test_it_is_narrowed_by_company(client, supervisor, heard, outsider):
    heard()
    heard(by=outsider)
    client.force_login(supervisor)
    assert stat(client.get(ADDRESS, {"compania": "alborada"}), "Recibidas") == "1"
    assert "Por compañía" not in told(client, "?compania=alborada")
    wrong = told(client, "?compania=zzz")
    assert "Ninguna compañía se llama así." in wrong
    assert "No se sabe de qué compañía" in wrong
    assert stat(client.get(ADDRESS, {"meses": "9999999999999", "compania": "\x00"}), "Recibidas") == "2"


def test_it_costs_the_same_with_one_and_with_many(client, agent, heard, outsider):
    heard(10)
    client.force_login(agent)
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS)
    for minutes in (None, 20, 30, 40):
        heard(minutes, by=outsider, area="Monitoreo")
    with CaptureQueriesContext(connection) as many:
        client.get(ADDRESS)
    assert len(many) == len(one) == QUERIES, "\n".join(q["sql"][:200] for q in many.captured_queries)


QUERIES = 8
"""Session, person, their groups, three sums, the companies' names, the sidebar's counts."""


def test_what_points_at_the_reader_is_in_no_number(client, manager, supervisor, heard):
    voices.point_at(heard(), by=supervisor, people=[manager], reason="Lo nombra.")
    client.force_login(manager)
    assert "Sin quejas ni sugerencias" in told(client)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("agent", 200),
        ("supervisor", 200),
        ("manager", 200),
        ("director", 200),
        ("bpo", 200),
        ("service_delivery", 200),
        ("admin", 200),
        ("consultant", 403),
        ("requester", 302),
        ("outsider", 302),
    ],
)
def test_who_reads_it(client, who, status, heard, request):
    heard()
    client.force_login(request.getfixturevalue(who))
    assert client.get(ADDRESS).status_code == status
    listed = client.get("/admin/surveys/voice/").content.decode()
    assert (f'href="{ADDRESS}"' in listed) == (status == 200)
