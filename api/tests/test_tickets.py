"""Listing, raising, reading and classifying tickets, as the contract says."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.tests.conftest import REPORT
from api.v1.shapes import TicketShape
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db

EXAMPLE = [
    "number", "kind", "kind_label", "service_line", "state", "state_label", "impact", "urgency", "priority", "priority_label",
    "title", "description", "company", "requester", "channel", "group", "assignee", "created_at", "updated_at",
    "reaction_due_at", "attention_due_at", "next_due_at", "reacted_at", "attended_at", "committed_for", "solved_at",
    "solution_type", "validation_due_at", "closed_at", "closing_code", "breached", "external_reference", "version",
]  # fmt: skip
LABELS = {f"{name}_label" for name in ("service_line", "impact", "urgency", "channel", "solution_type", "closing_code")}


def queries(captured: CaptureQueriesContext) -> list[str]:
    """The statements that read or write rows; savepoints are the test's own."""
    return [q["sql"] for q in captured if not re.match(r"(SAVEPOINT|RELEASE|BEGIN|COMMIT)", q["sql"])]


def test_a_ticket_has_the_fields_of_the_contract_and_a_label_beside_each_code(api, requester, url, now):
    body = api(requester).get(url()).json()
    assert set(body) == set(EXAMPLE) | LABELS
    assert list(body) == list(TicketShape().fields)
    assert (body["state"], body["state_label"]) == ("new", "Nuevo")
    assert (body["priority"], body["priority_label"]) == ("high", "Alta")
    assert body["created_at"] == "2026-03-10T16:00:00Z"
    assert (body["reaction_due_at"], body["attention_due_at"]) == ("2026-03-10T17:00:00Z", "2026-03-11T16:00:00Z")
    assert body["next_due_at"] == body["reaction_due_at"]
    assert body["requester"] == {"id": requester.pk, "name": "Lucía Herrera Montaño"}
    assert (body["group"], body["external_reference"], body["version"]) == (None, None, 1)


def test_a_customer_raises_a_ticket_for_themselves_by_the_api(api, requester, now):
    response = api(requester).post("/api/v1/tickets/", {**REPORT, "external_reference": "ERP-77"}, format="json")
    assert response.status_code == 201
    body = response.json()
    row = Ticket.objects.get()
    assert (row.requester, row.channel, row.state) == (requester, "api", "new")
    assert (body["number"], body["external_reference"], body["channel_label"]) == (row.number, "ERP-77", "API")
    assert response["Location"] == f"/api/v1/tickets/{row.number}/"
    assert response["ETag"] == '"1"'
    assert api(requester).get(response["Location"]).json() == body


@pytest.mark.parametrize("how", ["id", "email"])
def test_the_desk_raises_a_ticket_on_behalf_of_a_valid_user(api, agent, requester, company, now, how):
    whom = requester.pk if how == "id" else requester.email.upper()
    response = api(agent).post("/api/v1/tickets/", {**REPORT, "requester": whom, "company": company.pk}, format="json")
    assert response.status_code == 201
    assert response.json()["requester"]["id"] == requester.pk
    assert TicketEvent.objects.get().actor == agent


def test_a_representative_raises_one_for_a_colleague_and_a_requester_does_not(
    api, representative, colleague, requester, now
):
    body = {**REPORT, "requester": colleague.email}
    assert api(representative).post("/api/v1/tickets/", body, format="json").status_code == 201
    refused = api(requester).post("/api/v1/tickets/", body, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "requester")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requester": "nobody@example.test"}, "requester"),
        ({"requester": 10**30}, "requester"),
        ({"requester": [1]}, "requester"),
        ({"company": 999}, "company"),
        ({"environment": 999}, "environment"),
        ({"catalog_item": 999}, "catalog_item"),
        ({"kind": "disaster"}, "kind"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"fields": {"color": "rojo"}}, "fields.color"),
    ],
)
def test_an_unusable_value_is_a_400_on_its_field(api, requester, now, changes, field):
    response = api(requester).post("/api/v1/tickets/", {**REPORT, **changes}, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert Ticket.objects.count() == 0


def test_the_desk_must_say_whose_ticket_it_is(api, agent, now):
    response = api(agent).post("/api/v1/tickets/", REPORT, format="json")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "requester")


def test_the_desk_reclassifies_with_a_reason_and_the_priority_follows(api, agent, url, ticket, now):
    response = api(agent).patch(url(), {"impact": "extensive", "reason": "Afecta a toda la compañía."}, format="json")
    assert response.status_code == 200
    body = response.json()
    assert (body["impact"], body["priority"], body["version"]) == ("extensive", "critical", 2)
    assert response["ETag"] == '"2"'
    assert TicketEvent.objects.filter(ticket=ticket).last().data["reason"] == "Afecta a toda la compañía."


@pytest.mark.parametrize(
    "changes",
    [
        {"company": 1},
        {"state": "closed"},
        {"priority": "low"},
        {"next_due_at": None},
        {"requester": 1},
        {"is_staff": True},
    ],
)
def test_what_is_not_classification_is_refused_and_stays_as_it_was(api, agent, url, ticket, now, changes):
    response = api(agent).patch(url(), {**changes, "impact": "minor", "reason": "x"}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": next(iter(changes)), "code": "unknown_field", "detail": "Este recurso no conoce ese dato."}
    ]
    assert Ticket.objects.get() == ticket
    assert Ticket.objects.get().version == 1


def test_a_customer_does_not_reclassify(api, requester, url, now):
    response = api(requester).patch(url(), {"impact": "minor", "reason": "x"}, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "refused")


def test_a_stale_version_is_a_412_and_a_current_one_passes(api, agent, url, now):
    client, change = api(agent), {"impact": "minor", "reason": "x"}
    stale = client.patch(url(), change, format="json", HTTP_IF_MATCH='"7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert client.patch(url(), change, format="json", HTTP_IF_MATCH='"1"').status_code == 200
    assert client.patch(url(), change, format="json", HTTP_IF_MATCH='"1"').status_code == 412


@pytest.mark.parametrize("who", ["requester", "representative", "agent", "consultant"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    api, tickets, count, who, request, django_assert_num_queries
):
    user = request.getfixturevalue(who)
    tickets(count)
    client = api(user)
    with CaptureQueriesContext(connection) as captured:
        body = client.get("/api/v1/tickets/").json()
    assert len(body["results"]) == (0 if who == "consultant" else count)
    assert len(queries(captured)) == {"agent": 3, "consultant": 3}.get(who, 4)


def test_reading_one_costs_few_queries(api, agent, requester, url, now):
    for user, expected in ((agent, 3), (requester, 4)):
        client = api(user)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url()).status_code == 200
        assert len(queries(captured)) == expected


@pytest.mark.parametrize("key", [None, "a-key"])
def test_raising_one_costs_few_queries(api, requester, agent, now, key):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    for user, extra in ((requester, {}), (agent, {"requester": requester.pk})):
        client = api(user)
        client.post("/api/v1/tickets/", {**REPORT, **extra}, format="json")
        with CaptureQueriesContext(connection) as captured:
            body: Any = client.post("/api/v1/tickets/", {**REPORT, **extra}, format="json", **headers)
        assert body.status_code == 201
        assert len(queries(captured)) <= 12, queries(captured)
