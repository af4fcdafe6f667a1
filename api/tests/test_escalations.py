"""Going up the matrices through the API: what may be done, and what was."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api.tests.test_tickets import queries
from core import clock
from escalation.models import Absence, Contact, Escalation, EscalationStep
from escalation.services import answering, raising
from tickets.services import conversation, ending, triage

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."
MATRIX = "/api/v1/escalation-matrix/"


def ways(response) -> dict[str, Any]:
    return {way["matrix"]: way for way in response.json()["ways"]}


def refusal(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_before_anything_the_way_says_who_is_next(api, requester, opened, url):
    response = api(requester).get(url("escalations/"))
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    assert response.json() == {
        "ways": [
            {
                "matrix": "service_desk",
                "matrix_label": "Matriz de Mesa de Servicio",
                "state": None,
                "state_label": None,
                "level": None,
                "may_escalate": True,
                "reason": "",
                "next": {"level": 2, "role": "Supervisor de Mesa de Servicio", "name": "Teresa Olvera Luna"},
                "steps": [],
            }
        ]
    }


def test_an_escalation_is_answered_with_what_happened(api, requester, opened, url):
    response = api(requester).post(url("escalations/"), {"reason": f" {WHY} "}, format="json")
    assert (response.status_code, response["ETag"]) == (201, '"3"')
    assert response["Location"] == url("escalations/")
    way = ways(response)["service_desk"]
    assert (way["state"], way["state_label"], way["level"]) == ("notified", "En espera de acuse", 2)
    assert (way["may_escalate"], way["next"]) == (False, None)
    assert "tiene hasta hoy 14:00 para responder" in way["reason"]
    assert way["steps"] == [
        {
            "number": 1,
            "level": 2,
            "role": "Supervisor de Mesa de Servicio",
            "name": "Teresa Olvera Luna",
            "instead_of": None,
            "cause": "customer",
            "cause_label": "Lo pidió el cliente",
            "reason": WHY,
            "notified_at": "2026-03-10T16:00:00Z",
            "acknowledge_by": "2026-03-10T17:00:00Z",
            "acknowledged_at": None,
            "acknowledged_by": None,
            "answer_by": "2026-03-10T20:00:00Z",
            "answered_at": None,
            "answered_by": None,
            "answer": None,
            "overdue_at": None,
        }
    ]
    assert response.json() == api(requester).get(url("escalations/")).json()


def test_a_level_acknowledges_and_answers_and_the_customer_goes_on(api, requester, supervisor, opened, url):
    customer, desk = api(requester), api(supervisor)
    customer.post(url("escalations/"), {"reason": WHY}, format="json")
    noted = desk.post(url("escalations/acknowledge/"), {}, format="json")
    assert (noted.status_code, noted["ETag"]) == (200, '"4"')
    assert ways(noted)["service_desk"]["state"] == "acknowledged"
    said = desk.post(url("escalations/answer/"), {"text": "Lo ve otra persona."}, format="json")
    step = ways(said)["service_desk"]["steps"][0]
    assert (said.status_code, said["ETag"], step["answer"]) == (200, '"5"', "Lo ve otra persona.")
    assert (step["acknowledged_by"], step["answered_by"]) == ("Teresa Olvera Luna", "Teresa Olvera Luna")
    way = ways(customer.get(url("escalations/")))["service_desk"]
    assert (way["state"], way["may_escalate"], way["next"]["name"]) == ("answered", True, "Julio Bernal Ortiz")
    assert customer.post(url("escalations/"), {"reason": "Sigue igual."}, format="json").status_code == 201
    assert [row["level"] for row in ways(customer.get(url("escalations/")))["service_desk"]["steps"]] == [2, 3]


def test_an_answer_acknowledges_too(api, requester, agent, opened, url):
    raising.escalate(opened, by=requester, reason=WHY)
    response = api(agent).post(url("escalations/answer/"), {"text": "Por teléfono: hoy."}, format="json")
    step = ways(response)["service_desk"]["steps"][0]
    assert (step["acknowledged_at"], step["answered_by"]) == ("2026-03-10T16:00:00Z", "Teresa Olvera Luna")


def test_out_of_turn_is_a_conflict_with_words(api, requester, supervisor, opened, url):
    customer, desk = api(requester), api(supervisor)
    never = desk.post(url("escalations/acknowledge/"), {}, format="json")
    assert refusal(never) == (409, "not_escalated")
    customer.post(url("escalations/"), {"reason": WHY}, format="json")
    again = customer.post(url("escalations/"), {"reason": WHY}, format="json")
    assert refusal(again) == (409, "not_yet")
    assert "Podrá escalar al nivel siguiente cuando responda" in again.json()["detail"]
    desk.post(url("escalations/answer/"), {"text": "Sí."}, format="json")
    for rest, data in (("acknowledge/", {}), ("answer/", {"text": "Otra vez."})):
        assert refusal(desk.post(url(f"escalations/{rest}"), data, format="json")) == (409, "done")
    assert EscalationStep.objects.get().answer == "Sí."


def test_an_ended_ticket_is_a_conflict(api, requester, supervisor, opened, url):
    raising.escalate(opened, by=requester, reason=WHY)
    ending.cancel(opened, by=requester, cause="customer_request", reason="Ya no hace falta.")
    assert refusal(api(requester).post(url("escalations/"), {"reason": WHY}, format="json")) == (409, "ended")
    for rest, data in (("acknowledge/", {}), ("answer/", {"text": "Tarde."})):
        assert refusal(api(supervisor).post(url(f"escalations/{rest}"), data, format="json")) == (409, "ended")


def test_the_last_level_is_the_end_of_the_way(api, requester, supervisor, opened, url):
    for level in (2, 3, 4):
        step = raising.escalate(opened, by=requester, reason=WHY).steps.get(level=level)
        answering.answer(step, by=supervisor, text="Lo reviso.")
    response = api(requester).post(url("escalations/"), {"reason": WHY}, format="json")
    assert refusal(response) == (409, "not_yet")
    assert "último nivel: Marta Quiroga Vela" in response.json()["detail"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "   "}, "reason"),
        ({"reason": "\u200b"}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": ["x"]}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"reason": WHY, "matrix": "complaints"}, "matrix"),
        ({"reason": WHY, "matrix": None}, "matrix"),
        ({"reason": WHY, "level": 4}, "level"),
        ([], "body"),
    ],
)
def test_an_unusable_escalation_is_a_400_on_its_field(api, requester, opened, url, data, field):
    response = api(requester).post(url("escalations/"), data, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(
    ("rest", "data", "field"),
    [
        ("acknowledge/", {"matrix": "x"}, "matrix"),
        ("acknowledge/", {"text": "x"}, "text"),
        ("answer/", {}, "text"),
        ("answer/", {"text": " "}, "text"),
        ("answer/", {"text": "x" * 50_001}, "text"),
        ("answer/", {"text": "x", "level": 2}, "level"),
    ],
)
def test_an_unusable_answer_is_a_400_on_its_field(api, requester, supervisor, opened, url, rest, data, field):
    raising.escalate(opened, by=requester, reason=WHY)
    response = api(supervisor).post(url(f"escalations/{rest}"), data, format="json")
    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


@pytest.mark.parametrize("body", [b"{", b'"x"', b"null", b"[1]"])
@pytest.mark.parametrize("rest", ["", "acknowledge/", "answer/"])
def test_nonsense_is_a_400(api, supervisor, opened, url, rest, body):
    response = api(supervisor).post(url(f"escalations/{rest}"), body, content_type="application/json")
    assert response.status_code == 400


def test_unknown_parameters_are_a_400(api, agent, opened, url):
    assert api(agent).get(f"{url('escalations/')}?level=2").status_code == 400
    assert api(agent).get(f"{MATRIX}?kind=complaints").status_code == 400


Act = tuple[str, dict[str, str]]
ESCALATE: Act = ("", {"reason": WHY})
NOTE: Act = ("acknowledge/", {})
SAY: Act = ("answer/", {"text": "Sí."})


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("requester", [201, 403, 403]),
        ("representative", [201, 403, 403]),
        ("agent", [201, 200, 200]),
        ("supervisor", [201, 200, 200]),
        ("director", [201, 200, 200]),
        ("consultant", [403, 403, 403]),
        ("bpo", [403, 403, 403]),
        ("service_delivery", [403, 403, 403]),
        ("admin", [403, 403, 403]),
        ("outsider", [404, 404, 404]),
        ("colleague", [404, 404, 404]),
        ("other_consultant", [404, 404, 404]),
    ],
)
def test_each_role_may_what_the_guide_lets_it(api, requester, agent, group, opened, url, who, allowed, request):
    row = triage.assign(opened, by=agent, group=group)
    client, got = api(request.getfixturevalue(who)), []
    for rest, data in (ESCALATE, NOTE, SAY):
        if rest and not Escalation.objects.exists():
            raising.escalate(row, by=requester, reason=WHY)
        got.append(client.post(url(f"escalations/{rest}"), data, format="json").status_code)
    assert got == allowed
    assert client.get(url("escalations/")).status_code == (404 if 404 in allowed else 200)


def test_a_foreign_ticket_answers_like_an_absent_one(api, outsider, colleague, other_consultant, opened, url):
    for person in (outsider, colleague, other_consultant):
        client = api(person)
        for rest, data in (ESCALATE, NOTE, SAY):
            own = client.post(url(f"escalations/{rest}"), data, format="json")
            absent = client.post(f"/api/v1/tickets/T9999999/escalations/{rest}", data, format="json")
            assert own.status_code == absent.status_code == 404
            assert own.content == absent.content
    assert not Escalation.objects.exists()


def test_scopes_part_reading_from_acting(api, requester, supervisor, opened, url):
    reader, other = api(requester, "tickets:read"), api(requester, "reports:read")
    assert reader.get(url("escalations/")).status_code == 200
    assert refusal(reader.post(url("escalations/"), {"reason": WHY}, format="json")) == (403, "insufficient_scope")
    assert refusal(other.get(url("escalations/"))) == (403, "insufficient_scope")
    assert refusal(other.get(MATRIX)) == (403, "insufficient_scope")
    for rest, data in (NOTE, SAY):
        refused = api(supervisor, "tickets:read").post(url(f"escalations/{rest}"), data, format="json")
        assert refusal(refused) == (403, "insufficient_scope")
    assert api(requester, "tickets:write").post(url("escalations/"), {"reason": WHY}, format="json").status_code == 201
    for address in (url("escalations/"), MATRIX):
        assert APIClient().get(address).status_code == 401


def test_a_repeated_key_escalates_once(api, requester, supervisor, opened, url):
    client = api(requester)
    first, second = (
        client.post(url("escalations/"), {"reason": WHY}, format="json", HTTP_IDEMPOTENCY_KEY="uno") for _ in range(2)
    )
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.content == second.content
    assert (first["ETag"], second["ETag"]) == ('"3"', '"3"')
    assert EscalationStep.objects.count() == 1
    other = client.post(url("escalations/"), {"reason": "Otra."}, format="json", HTTP_IDEMPOTENCY_KEY="uno")
    assert refusal(other) == (409, "idempotency_key_reused")
    for _ in range(2):
        said = api(supervisor).post(
            url("escalations/answer/"), {"text": "Sí."}, format="json", HTTP_IDEMPOTENCY_KEY="k"
        )
        assert said.status_code == 200


def test_a_change_minds_the_version(api, requester, supervisor, opened, url):
    customer, desk = api(requester), api(supervisor)
    stale = customer.post(url("escalations/"), {"reason": WHY}, format="json", HTTP_IF_MATCH='"1"')
    assert refusal(stale) == (412, "stale_version")
    fresh = customer.post(url("escalations/"), {"reason": WHY}, format="json", HTTP_IF_MATCH='"2"')
    assert fresh.status_code == 201
    for rest, data in (NOTE, SAY):
        assert desk.post(url(f"escalations/{rest}"), data, format="json", HTTP_IF_MATCH='"2"').status_code == 412
    assert desk.post(url("escalations/answer/"), {"text": "Sí."}, format="json", HTTP_IF_MATCH='"3"').status_code == 200


def test_the_technical_list_waits_for_an_answer_and_is_not_the_requesters(
    api, requester, representative, agent, listed, url
):
    assert set(ways(api(requester).get(url("escalations/")))) == {"service_desk"}
    client, data = api(representative), {"reason": "¿Qué certificado?", "matrix": "technical"}
    early = client.post(url("escalations/"), data, format="json")
    assert refusal(early) == (409, "not_yet")
    conversation.reply(listed, by=agent, message="Es el certificado.")
    assert refusal(api(requester).post(url("escalations/"), data, format="json")) == (403, "refused")
    way = ways(client.post(url("escalations/"), data, format="json"))["technical"]
    assert (way["matrix_label"], way["level"]) == ("Listado de Escalamiento de Fallas Técnicas", 1)
    assert way["steps"][0]["name"] == "Rosa Meza"
    seen = ways(api(requester).get(url("escalations/")))["technical"]
    assert (len(seen["steps"]), seen["may_escalate"], seen["next"]) == (1, False, None)


def test_the_desk_answers_on_the_matrix_where_something_is_owed(api, requester, representative, agent, listed, url):
    client = api(agent)
    first = raising.escalate(listed, by=requester, reason=WHY).steps.get()
    answering.answer(first, by=agent, text="Es el certificado.")
    raising.escalate(listed, by=representative, reason="¿Cuál?", kind="technical")
    named = client.post(url("escalations/acknowledge/"), {"matrix": "service_desk"}, format="json")
    assert refusal(named) == (409, "done")
    found = ways(client.post(url("escalations/answer/"), {"text": "El del PAC."}, format="json"))
    assert found["technical"]["steps"][0]["answer"] == "El del PAC."
    assert found["service_desk"]["steps"][0]["answer"] == "Es el certificado."


def test_a_level_without_anybody_has_no_name(api, requester, opened, url, now):
    away = Contact.objects.get(name="Teresa Olvera Luna")
    Absence.objects.create(contact=away, starts_on=now.date(), ends_on=now.date())
    response = api(requester).post(url("escalations/"), {"reason": WHY}, format="json")
    steps = [(row["level"], row["name"], row["cause"]) for row in ways(response)["service_desk"]["steps"]]
    assert steps == [(2, None, "customer"), (3, "Julio Bernal Ortiz", "unreachable")]


def test_a_substitute_says_whose(api, requester, opened, url, now):
    other = Contact.objects.create(name="Sofía Landa", email="sofia@mesa.example")
    away = Contact.objects.get(name="Teresa Olvera Luna")
    Absence.objects.create(contact=away, starts_on=now.date(), ends_on=now.date(), substitute=other)
    response = api(requester).post(url("escalations/"), {"reason": WHY}, format="json")
    step = ways(response)["service_desk"]["steps"][0]
    assert (step["name"], step["instead_of"]) == ("Sofía Landa", "Teresa Olvera Luna")


def test_without_a_matrix_nothing_can_be_asked(api, requester, ticket, url, guide):
    way = ways(api(requester).get(url("escalations/")))["service_desk"]
    assert (way["may_escalate"], way["next"]) == (False, None)
    assert "Todavía no se publica" in way["reason"]
    assert refusal(api(requester).post(url("escalations/"), {"reason": WHY}, format="json")) == (409, "not_yet")
    assert api(requester).get(MATRIX).status_code == 404


@pytest.mark.parametrize("levels", [1, 3])
def test_reading_costs_the_same_however_far_it_went(api, requester, supervisor, opened, url, levels):
    for level in range(levels):
        step = raising.escalate(opened, by=requester, reason=WHY).steps.get(level=level + 2)
        answering.answer(step, by=supervisor, text="Sí.")
    client = api(requester)
    client.get(url("escalations/"))
    with CaptureQueriesContext(connection) as captured:
        assert len(ways(client.get(url("escalations/")))["service_desk"]["steps"]) == levels
    # The key, the person's company, the ticket; the way, its steps, their contacts.
    assert len(queries(captured)) == 6, queries(captured)


def test_escalating_costs_few_queries(api, requester, opened, url):
    client = api(requester)
    client.get(url("escalations/"))
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url("escalations/"), {"reason": WHY}, format="json").status_code == 201
    assert len(queries(captured)) <= 30, queries(captured)


# -- Two at once -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_escalations_at_once_one_wins_and_the_other_is_told(api, requester, representative, opened, url, now):
    clients, barrier, answers = [api(requester), api(representative)], threading.Barrier(2, timeout=20), []

    def escalate(client: APIClient) -> None:
        try:
            barrier.wait()
            with clock.at(now):
                answers.append(client.post(url("escalations/"), {"reason": WHY}, format="json"))
        finally:
            connection.close()

    threads = [threading.Thread(target=escalate, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [answer.json()["code"] for answer in answers if answer.status_code == 409] == ["not_yet"]
    assert EscalationStep.objects.count() == 1
