"""A ticket's clocks with the ledger that explains them, and the deadlines of a ticket that does not exist."""

from datetime import timedelta

import pytest

from api.models import IdempotencyKey
from core import clock
from tickets.models import Ticket
from tickets.services import conversation, triage, work

pytestmark = pytest.mark.django_db

CASE = {
    "kind": "incident",
    "service_line": "functional",
    "priority": "critical",
    "created_at": "2026-03-10T10:00:00-06:00",
}


def test_the_clocks_add_up_and_say_why(api, agent, consultant, requester, group, ticket, url, now):
    triage.open(ticket, by=agent, at=now + timedelta(minutes=10))
    triage.assign(ticket, by=agent, group=group)
    work.wait_for_user(ticket, by=agent, message="¿Cuál RFC?", at=now + timedelta(hours=1))
    conversation.reply(ticket, by=requester, message="Este.", at=now + timedelta(hours=3))
    with clock.at(now + timedelta(hours=4)):
        clocks = {row["kind"]: row for row in api(requester).get(url("sla/")).json()["clocks"]}
    reaction, attention = clocks["reaction"], clocks["attention"]
    assert (reaction["state"], reaction["elapsed_seconds"], reaction["met_at"]) == ("met", 600, "2026-03-10T16:10:00Z")
    assert (attention["state"], attention["state_label"]) == ("running", "Corriendo")
    assert (attention["target_seconds"], attention["elapsed_seconds"], attention["paused_seconds"]) == (
        36000,
        7200,
        7200,
    )
    assert (attention["due_at"], attention["breached"]) == ("2026-03-11T18:00:00Z", False)
    rows = attention["ledger"]["rows"]
    assert [row["reason"] for row in rows] == ["counted", "paused", "counted"]
    assert sum(row["counted_seconds"] for row in rows) == attention["elapsed_seconds"]
    assert (rows[1]["from"], rows[1]["to"]) == ("2026-03-10T17:00:00Z", "2026-03-10T19:00:00Z")


def test_a_paused_clock_has_no_deadline(api, agent, ticket, url, now):
    triage.open(ticket, by=agent)
    work.wait_for_user(ticket, by=agent, message="¿Cuál RFC?")
    body = api(agent).get(url("sla/")).json()["clocks"]
    assert {row["kind"]: row["due_at"] for row in body}["attention"] is None
    assert api(agent).get(url()).json()["attention_due_at"] is None


def test_a_preview_tells_both_deadlines_and_saves_nothing(api, requester, company, now):
    response = api(requester, "tickets:read").post("/api/v1/sla/preview/", CASE, format="json")
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"priority", "priority_label", "reaction_due_at", "attention_due_at", "ledger"}
    assert (body["reaction_due_at"], body["attention_due_at"]) == ("2026-03-10T16:40:00Z", "2026-03-10T19:00:00Z")
    assert set(body["ledger"]) == {"reaction", "attention"}
    assert (Ticket.objects.count(), IdempotencyKey.objects.count()) == (0, 0)


def test_a_preview_under_an_open_pause_has_no_attention_deadline(api, requester, now):
    pauses = [{"start": "2026-03-10T11:00:00-06:00", "end": None}]
    body = api(requester).post("/api/v1/sla/preview/", {**CASE, "pauses": pauses}, format="json").json()
    assert (body["reaction_due_at"], body["attention_due_at"]) == ("2026-03-10T16:40:00Z", None)


def test_the_desk_tries_terms_and_a_customer_does_not(api, agent, requester, company, now):
    terms = {
        "extension": {"windows": {"mon": [["19:00", "09:00"]]}, "includes_second_level": False, "works_on_holidays": False},
        "overrides": {"critical": {"reaction_minutes": 15, "attention_minutes": 120, "attention_clock": "business"}},
        "closed_days": ["2026-04-03"],
    }  # fmt: skip
    tried = {**CASE, "terms": terms}
    body = api(agent).post("/api/v1/sla/preview/", tried, format="json").json()
    assert (body["reaction_due_at"], body["attention_due_at"]) == ("2026-03-10T16:15:00Z", "2026-03-10T18:00:00Z")
    assert api(requester).post("/api/v1/sla/preview/", tried, format="json").status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"color": "rojo"}, "color"), ({"kind": "x"}, "kind"), ({"company": 10**30}, "company"), ({"contract": 99}, "contract"),
        ({"created_at": "9999-12-31T23:59:59-12:00"}, "created_at"), ({"pauses": [{"start": "x", "end": None}]}, "pauses.0.start"),
        ({"pauses": {}}, "pauses"), ({"impact": "minor"}, "impact"), ({"priority": ["critical"]}, "priority"),
    ],
)  # fmt: skip
def test_an_unusable_hypothesis_is_a_400_on_its_field(api, agent, company, contract, now, changes, field):
    response = api(agent).post("/api/v1/sla/preview/", {**CASE, "company": company.pk, **changes}, format="json")
    assert response.status_code == 400
    assert field in [error["field"] for error in response.json()["errors"]]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"{", b'{"terms": []}', b'{"created_at": {"a": 1}}'])
def test_a_hypothesis_of_nonsense_is_a_400(api, agent, guide, now, body):
    response = api(agent).post("/api/v1/sla/preview/", body, content_type="application/json")
    assert response.status_code == 400


def test_another_companys_contract_reads_like_an_absent_one(api, outsider, contract, company, now):
    client = api(outsider)
    for field, row in (("contract", contract.pk), ("company", company.pk)):
        foreign = client.post("/api/v1/sla/preview/", {**CASE, field: row}, format="json")
        absent = client.post("/api/v1/sla/preview/", {**CASE, field: 999_999}, format="json")
        assert foreign.status_code == absent.status_code == 400
        assert foreign.content == absent.content
