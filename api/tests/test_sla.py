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
    assert [(row["cause"], row["calendar"], row["source"]) for row in rows[:2]] == [
        ("", "Horario estándar de la Mesa de Servicio", "Guía 3.1"),
        ("user", "", "Guía 3.4.2"),
    ]
    assert attention["ledger"]["time_zone"] == "America/Mexico_City"
    assert (rows[1]["from"], rows[1]["to"]) == ("2026-03-10T17:00:00Z", "2026-03-10T19:00:00Z")


def test_a_paused_clock_has_no_deadline(api, agent, ticket, url, now):
    triage.open(ticket, by=agent)
    work.wait_for_user(ticket, by=agent, message="¿Cuál RFC?")
    body = api(agent).get(url("sla/")).json()["clocks"]
    assert {row["kind"]: row["due_at"] for row in body}["attention"] is None
    assert api(agent).get(url()).json()["attention_due_at"] is None


def test_a_promised_date_is_told_with_those_that_it_changed(api, agent, requester, ticket, url, now):
    assert api(requester).get(url("sla/")).json()["commitment"] is None
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(hours=3))
    body = {"body": "Tarda.", "committed_for": "2026-03-10T15:00:00-06:00"}
    refused = api(agent).post(url("messages/"), body, format="json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["commitment_reason"]
    with clock.at(now + timedelta(hours=1)):
        said = api(agent).post(url("messages/"), {**body, "commitment_reason": "Falta la pieza."}, format="json")
        assert said.status_code == 201
        told = api(requester).get(url("sla/")).json()["commitment"]
    daniela = {"id": agent.pk, "name": "Daniela Ríos Paz"}
    assert told == {
        "due_at": "2026-03-10T21:00:00Z",
        "state": "standing",
        "state_label": "Vigente",
        "made_at": "2026-03-10T17:00:00Z",
        "made_by": daniela,
        "reason": "Falta la pieza.",
        "settled_at": None,
        "history": [
            {
                "due_at": "2026-03-10T19:00:00Z",
                "state": "renegotiated",
                "state_label": "Renegociada",
                "made_at": "2026-03-10T16:00:00Z",
                "made_by": daniela,
                "reason": "",
                "settled_at": "2026-03-10T17:00:00Z",
            }
        ],
    }
    event = api(requester).get(url("events/")).json()["results"][-1]
    assert (event["data"]["was_committed_for"], event["data"]["commitment_reason"]) == (
        "2026-03-10T19:00:00Z",
        "Falta la pieza.",
    )


def test_a_promise_that_passed_is_broken_before_any_sweep_says_so(api, agent, ticket, url, now):
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(hours=3))
    for hours, state, settled_at in ((3, "standing", None), (4, "broken", "2026-03-10T19:00:00Z")):
        with clock.at(now + timedelta(hours=hours)):
            told = api(agent).get(url("sla/")).json()["commitment"]
        assert (told["state"], told["settled_at"]) == (state, settled_at)


def test_starting_again_with_another_date_takes_its_reason(api, agent, consultant, group, ticket, url, now):
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(hours=3))
    triage.assign(ticket, by=agent, group=group)
    offered = {row["name"]: row for row in api(consultant).get(url("transitions/")).json()["results"]}
    assert [field["name"] for field in offered["start"]["fields"]] == ["message", "committed_for", "commitment_reason"]
    body = {"transition": "start", "message": "Tarda.", "committed_for": "2026-03-11T10:00:00-06:00"}
    refused = api(consultant).post(url("transitions/"), body, format="json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["commitment_reason"]
    done = api(consultant).post(url("transitions/"), {**body, "commitment_reason": "Falta la pieza."}, format="json")
    assert (done.status_code, done.json()["committed_for"]) == (200, "2026-03-11T16:00:00Z")


def test_a_note_gives_no_reason_for_a_date(api, agent, ticket, url):
    body = {"body": "x", "visibility": "internal", "commitment_reason": "Falta la pieza."}
    assert api(agent).post(url("messages/"), body, format="json").status_code == 400


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
