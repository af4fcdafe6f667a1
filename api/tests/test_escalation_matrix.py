"""Who is on the matrices, and what the history and the feed tell of a ticket's way up them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.tests.test_tickets import queries
from core import caching
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import answering, raising, sweep
from sla.services.counting import JUST_AFTER
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."
MATRIX = "/api/v1/escalation-matrix/"


def test_the_service_desks_matrix_is_what_the_portal_shows(api, requester, opened, client):
    body = api(requester).get(MATRIX).json()
    assert (body["matrix"], body["version"], body["matrix_label"]) == ("service_desk", 1, "Matriz de Mesa de Servicio")
    assert [level["level"] for level in body["levels"]] == [1, 2, 3, 4]
    assert body["levels"][1] == {
        "level": 2,
        "role": "Supervisor de Mesa de Servicio",
        "name": "Teresa Olvera Luna",
        "phone": "55 5000 0130",
        "direct_phone": "55 5000 0139",
        "mobile": "55 5000 0201",
        "email": "supervision@mesa.example",
        "acknowledge_seconds": 3600,
        "answer_seconds": 14400,
    }
    client.force_login(requester)
    page = client.get("/contacto/").content.decode()
    for level in body["levels"]:
        for fact in ("name", "phone", "direct_phone", "mobile", "email"):
            assert level[fact] in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("agent", 200), ("supervisor", 200), ("consultant", 200), ("bpo", 200), ("admin", 200), ("representative", 200),
        ("requester", 404), ("colleague", 404), ("outsider", 404),
    ],
)  # fmt: skip
def test_the_technical_list_is_the_desks_and_the_companys_representatives(
    api, listed, contract, service, who, status, request
):
    response = api(request.getfixturevalue(who)).get(f"{MATRIX}?contract={contract.pk}&service={service.pk}")
    assert response.status_code == status
    assert ("Rosa Meza" in response.content.decode()) is (status == 200)
    if status == 200:
        body = response.json()
        assert (body["matrix"], body["version"]) == ("technical", 3)
        assert [(row["role"], row["mobile"]) for row in body["levels"]] == [("Consultor Senior", "55 5000 0999")]


def test_a_list_that_is_not_there_reads_like_one_of_another(api, outsider, agent, listed, contract, service):
    foreign = api(outsider).get(f"{MATRIX}?contract={contract.pk}&service={service.pk}")
    absent = api(outsider).get(f"{MATRIX}?contract=999999&service={service.pk}")
    assert foreign.content == absent.content
    Matrix.objects.filter(kind="technical").update(published_at=None)
    caching.forget_all()
    assert api(agent).get(f"{MATRIX}?contract={contract.pk}&service={service.pk}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("contract=1", "service"), ("service=1", "contract"), ("contract=x&service=1", "contract"),
        ("contract=1&service=", "service"), (f"contract=1&service={'9' * 30}", "service"), ("contract=-1&service=1", "contract"),
    ],
)  # fmt: skip
def test_an_unusable_question_is_a_400_on_its_parameter(api, agent, opened, query, field):
    response = api(agent).get(f"{MATRIX}?{query}")
    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


def test_the_matrices_cost_the_same_with_one_level_and_with_three(api, representative, listed, contract, service):
    client, address = api(representative), f"{MATRIX}?contract={contract.pk}&service={service.pk}"
    counts = []
    for extra in (0, 2):
        for level in range(2, 2 + extra):
            Level.objects.create(matrix=Matrix.objects.get(kind="technical"), level=level, role="Otro")
        caching.forget_all()
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(address).json()["levels"]) == 1 + extra
        counts.append(len(queries(captured)))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as captured:
        client.get(MATRIX)
        client.get(MATRIX)
    assert len(queries(captured)) <= 6


# -- History and feed --------------------------------------------------------------------------------------------------


def kinds_of(rows) -> list[str]:
    return [row["kind"] for row in rows if row["kind"].startswith("escalat")]


@pytest.fixture
def travelled(opened, requester, supervisor, agent, now) -> Ticket:
    """A way with everything that history knows of: nobody at level 2, an answer of level 3 that an agent wrote down, a silent level 4."""
    away = Contact.objects.get(name="Teresa Olvera Luna")
    Absence.objects.create(contact=away, starts_on=now.date(), ends_on=now.date())
    step = raising.escalate(opened, by=requester, reason=WHY).steps.get(level=3)
    answering.acknowledge(step, by=supervisor)
    answering.answer(step, by=agent, text="Lo veo hoy.")
    late = raising.escalate(opened, by=requester, reason="Sigue.").steps.get(level=4)
    assert late.acknowledge_by is not None
    sweep.waits(late.acknowledge_by + JUST_AFTER)
    return Ticket.objects.get(pk=opened.pk)


PUBLIC = ["escalate", "escalation_acknowledged", "escalation_answered", "escalate", "escalation_overdue"]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("requester", PUBLIC),
        ("representative", PUBLIC),
        ("agent", ["escalation_unreachable", *PUBLIC]),
        ("outsider", None),
        ("colleague", None),
        ("other_consultant", None),
    ],
)
def test_history_and_feed_tell_it_to_whom_it_concerns(api, travelled, url, who, expected, request):
    client = api(request.getfixturevalue(who))
    history, feed = client.get(url("events/")), client.get("/api/v1/events/").json()["results"]
    assert kinds_of(feed) == (expected or [])
    if expected is None:
        assert history.status_code == 404
        return
    assert kinds_of(history.json()["results"]) == expected
    assert "sin a quién avisar" not in history.content.decode() or "escalation_unreachable" in expected


def test_a_customer_reads_who_when_and_what_but_not_who_wrote_it_down(api, requester, agent, travelled, url):
    def data(person) -> list[dict[str, Any]]:
        rows = api(person).get(url("events/")).json()["results"]
        return [row["data"] for row in rows if row["kind"].startswith("escalat") and "unreachable" not in row["kind"]]

    told = data(requester)
    assert told[0] == {
        "matrix": "service_desk",
        "level": 3,
        "role": "Gerente de Mesa de Servicio",
        "name": "Julio Bernal Ortiz",
        "instead_of": "",
        "cause": "unreachable",
        "reason": WHY,
        "acknowledge_by": "2026-03-10T17:00:00Z",
        "answer_by": "2026-03-10T20:00:00Z",
    }
    assert (told[2]["who"], told[2]["answer"]) == ("Julio Bernal Ortiz", "Lo veo hoy.")
    assert (told[4]["name"], told[4]["silent"]) == ("Marta Quiroga Vela", True)
    assert "recorded_by" not in told[2]
    assert data(agent)[2]["recorded_by"] == agent.full_name
    labels = {row["kind_label"] for row in api(requester).get(url("events/")).json()["results"]}
    assert {"Escalado", "Respuesta al escalamiento", "Plazo de escalamiento vencido"} <= labels
