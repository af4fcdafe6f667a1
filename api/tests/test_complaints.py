"""Complaints and suggestions through the API: presenting, following, answering and voting them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api.tests.test_tickets import queries
from core import clock
from servicedesk.seeding.escalation import CUSTOMERS, OPERATIONS
from surveys.models import Voice, VoiceFile, Vote
from surveys.services import hearing, suggestions, voices

pytestmark = pytest.mark.django_db
BASE = "/api/v1/complaints/"
COST = 5
"""Queries of a page: the key with its person, the list, the levels told, their contacts, those pointed at."""
NEW: dict[str, Any] = {
    "kind": "complaint",
    "subject": "Nadie contesta",
    "body": "Llamé tres veces.",
    "direction": CUSTOMERS,
    "area": "Mesa de Servicio",
}


def of(voice: Voice, rest: str = "") -> str:
    return f"{BASE}{voice.number}/{rest}"


def refusal(response) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def act(api, person, voice, name, **data):
    return api(person).post(of(voice, "transitions/"), {"transition": name, **data}, format="json")


def test_it_is_presented_and_answered_with_what_follows(api, requester, matrices, now):
    response = api(requester).post(BASE, NEW, format="json")
    row = Voice.objects.get()
    assert (response.status_code, response["Location"], response["ETag"]) == (201, of(row), f'"{row.version}"')
    data = response.json()
    assert (data["number"], data["state"], data["state_label"], data["channel"]) == (
        row.number,
        "received",
        "Recibida",
        "api",
    )
    assert data["author"] == {"id": requester.pk, "name": requester.full_name}
    [step] = data["steps"]
    assert (step["name"], step["cause_label"]) == ("Julio Bernal Ortiz", "Llegó")
    assert data["next_due_at"] == step["acknowledge_by"]
    assert api(requester).get(of(row)).json() == data


def test_without_an_area_it_goes_where_its_ticket_suggests(api, requester, ticket, matrices, service):
    ticket.service = service
    service.name = "Oracle EBS"
    service.save()
    ticket.save()
    body = {"kind": "complaint", "subject": "Lento", "body": "Muy lento.", "ticket": ticket.number}
    data = api(requester).post(BASE, body, format="json").json()
    assert (data["direction"], data["area"], data["ticket"]) == (OPERATIONS, "Productos Oracle", ticket.number)


def test_the_same_key_presents_it_once(api, requester, matrices, now):
    client = api(requester)
    first, second = (client.post(BASE, NEW, format="json", HTTP_IDEMPOTENCY_KEY="q-1") for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Voice.objects.count() == 1


def test_files_come_as_multipart_and_are_had_by_their_link(api, requester, colleague, matrices, now):
    body = {**NEW, "files": [SimpleUploadedFile("a.txt", b"uno")]}
    number = api(requester).post(BASE, body, format="multipart").json()["number"]
    [entry, *_] = api(requester).get(f"{BASE}{number}/entries/").json()["results"]
    [file] = entry["files"]
    assert (file["name"], file["size_bytes"]) == ("a.txt", 3)
    assert b"".join(APIClient().get(file["url"]).streaming_content) == b"uno"
    assert APIClient().get(f"/api/v1/complaint-files/{file['id']}/?key=x").status_code == 404
    VoiceFile.objects.get().row.pointed_at.clear()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "gossip"}, "kind"),
        ({"subject": ""}, "subject"),
        ({"subject": "\u202e\u200b"}, "subject"),
        ({"body": "x" * 2_000_000}, "body"),
        ({"body": " \n "}, "body"),
        ({"area": "Infraestructura"}, "area"),
        ({"ticket": "T9999999"}, "ticket"),
        ({"ticket": "'; drop table"}, "ticket"),
        ({"author": "nadie@example.test"}, "author"),
        ({"channel": "phone"}, "channel"),
        ({"pointed_at": [9999999]}, "pointed_at"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_cannot_be_used_is_refused_on_its_field(api, requester, matrices, now, change, field):
    response = api(requester).post(BASE, {**NEW, **change}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert not Voice.objects.exists()


def test_anothers_ticket_and_anothers_name_are_not_there(api, requester, outsider, matrices, report, now):
    from tickets.services import intake

    foreign = intake.receive(report(), by=outsider, channel="web")
    response = api(requester).post(BASE, {**NEW, "ticket": foreign.number}, format="json")
    assert response.json()["errors"][0]["field"] == "ticket"
    response = api(requester).post(BASE, {**NEW, "author": outsider.email}, format="json")
    assert response.json()["errors"][0]["field"] == "author"


def test_the_desk_writes_down_whose_it_is_and_how_it_came(api, agent, requester, matrices, now):
    assert api(agent).post(BASE, NEW, format="json").json()["errors"][0]["field"] == "author"
    body = {**NEW, "author": requester.email, "channel": "phone"}
    data = api(agent).post(BASE, body, format="json").json()
    assert (data["author"]["id"], data["recorded_by"]["id"], data["channel"]) == (requester.pk, agent.pk, "phone")


def test_steps_are_offered_and_done(api, complaint, manager, requester, now):
    offered = api(manager).get(of(complaint, "transitions/")).json()["results"]
    assert [step["name"] for step in offered] == [
        "acknowledge",
        "analyse",
        "answer",
        "withdraw",
        "reroute",
        "point_at",
        "open_action",
    ]
    assert [step["name"] for step in api(requester).get(of(complaint, "transitions/")).json()["results"]] == [
        "withdraw"
    ]
    assert act(api, manager, complaint, "acknowledge").json()["state"] == "acknowledged"
    done = act(api, manager, complaint, "answer", text="Ya.")
    assert (done.status_code, done.json()["answer"]) == (200, "Ya.")
    assert act(api, requester, complaint, "appeal", reason="No.").json()["level"] == 2
    assert refusal(act(api, requester, complaint, "agree")) == (409, "illegal_transition")
    assert refusal(act(api, requester, complaint, "answer", text="Yo")) == (403, "refused")


def test_a_step_says_what_is_missing(api, suggestion, manager, now):
    response = act(api, manager, suggestion, "answer")
    assert [error["field"] for error in response.json()["errors"]] == ["text"]
    response = act(api, manager, suggestion, "answer", text="Sí", hue="red")
    assert [error["field"] for error in response.json()["errors"]] == ["hue"]
    response = act(api, manager, suggestion, "answer", text="Sí")
    assert [error["field"] for error in response.json()["errors"]] == ["decision"]
    assert act(api, manager, suggestion, "answer", text="Sí", decision="done").json()["decision"] == "done"
    assert refusal(act(api, manager, suggestion, "fly")) == (400, "invalid_choice")


def test_an_old_version_is_refused(api, complaint, manager, now):
    response = api(manager).post(
        of(complaint, "transitions/"), {"transition": "acknowledge"}, format="json", HTTP_IF_MATCH='"1"'
    )
    assert refusal(response) == (412, "stale_version")
    assert Voice.objects.get().state == "received"


def test_comments_and_notes(api, complaint, agent, requester, now):
    said = api(requester).post(of(complaint, "messages/"), {"body": "¿Y bien?"}, format="json")
    assert (said.status_code, said.json()["body"], said.json()["kind"]) == (201, "¿Y bien?", "comment")
    note = {"body": "Un secreto", "visibility": "internal"}
    assert refusal(api(requester).post(of(complaint, "messages/"), note, format="json")) == (403, "refused")
    assert api(agent).post(of(complaint, "messages/"), note, format="json").json()["is_public"] is False
    kinds = [row["kind"] for row in api(requester).get(of(complaint, "entries/")).json()["results"]]
    assert kinds == ["receive", "level_told", "comment"]
    assert "Un secreto" in api(agent).get(of(complaint, "entries/")).content.decode()
    empty = api(agent).post(of(complaint, "messages/"), {"body": " \u200b "}, format="json")
    assert empty.json()["errors"][0]["field"] == "body"


def test_lists_are_narrowed(api, complaint, suggestion, supervisor, requester, now):
    def numbers(query: str) -> list[str]:
        return [row["number"] for row in api(supervisor).get(f"{BASE}?{query}").json()["results"]]

    both = [suggestion.number, complaint.number]
    assert numbers("") == both
    assert numbers("kind=complaint") == [complaint.number]
    assert numbers("kind=complaint,suggestion&state=received") == both
    assert numbers("state=closed") == []
    assert numbers(f"company={complaint.company_id}") == both
    assert numbers(f"area=Mesa de Servicio&direction={CUSTOMERS}") == both
    assert numbers(f"q={suggestion.number}") == [suggestion.number]
    assert numbers("q=whatsapp") == [suggestion.number]
    tomorrow = (now + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert numbers(f"created_after={tomorrow}") == []
    assert numbers(f"created_before={tomorrow}") == both
    assert numbers("page_size=1&count=true") == [suggestion.number]
    for query in ("kind=x", "state=x", "company=x", "created_after=x", "q=", "hue=red", "cursor=x"):
        assert api(supervisor).get(f"{BASE}?{query}").status_code == 400, query


def test_a_page_goes_on_with_its_cursor(api, complaint, suggestion, supervisor, now):
    first = api(supervisor).get(f"{BASE}?page_size=1").json()
    second = api(supervisor).get(first["next"]).json()
    assert [first["results"][0]["number"], second["results"][0]["number"]] == [suggestion.number, complaint.number]
    assert second["next"] is None


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_however_long(api, supervisor, requester, complaint, count, now, draft_of):
    for _ in range(count - 1):
        hearing.receive(draft_of, by=requester, channel="web")
    client = api(supervisor)
    client.get(BASE)
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(BASE).json()["results"]) == count
    assert len(queries(captured)) == COST


@pytest.fixture
def draft_of() -> hearing.Draft:
    return hearing.Draft(**NEW)


def test_areas_are_those_of_the_matrix_in_force(api, requester, matrices):
    results = api(requester).get("/api/v1/complaint-areas/").json()["results"]
    assert len(results) == 10
    assert results[0] == {
        "direction": CUSTOMERS,
        "area": "Mesa de Servicio",
        "level": 1,
        "role": "Gerente Mesa de Servicio",
    }


def test_others_find_nothing(api, complaint, suggestion, colleague, outsider, consultant):
    for person in (colleague, outsider, consultant):
        client = api(person)
        assert client.get(BASE).json()["results"] == []
        for row in (complaint, suggestion):
            for rest in ("", "transitions/", "entries/"):
                foreign, absent = client.get(of(row, rest)), client.get(f"{BASE}QS999999/{rest}")
                assert foreign.status_code == absent.status_code == 404
                assert foreign.json() == absent.json()
            assert client.post(of(row, "messages/"), {"body": "Hola"}, format="json").status_code == 404
            assert act(api, person, row, "withdraw").status_code == 404
    assert api(outsider).put(of(suggestion, "vote/")).status_code == 404


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "director", "admin"])
def test_whoever_is_pointed_at_finds_nothing(api, complaint, director, supervisor, role, request):
    person = request.getfixturevalue(role)
    head = director if role != "director" else supervisor
    voices.point_at(complaint, by=head, people=[person], reason="Es de quien se queja.")
    client = api(person)
    assert client.get(f"{BASE}?count=true").json()["count"] == 0
    assert client.get(f"{BASE}?q={complaint.number}").json()["results"] == []
    for rest in ("", "transitions/", "entries/"):
        assert client.get(of(complaint, rest)).status_code == 404
    assert client.post(of(complaint, "messages/"), {"body": "Hola"}, format="json").status_code == 404
    for name in ("acknowledge", "answer", "point_at"):
        assert act(api, person, complaint, name, text="x", reason="x").status_code == 404
    seen = api(head).get(of(complaint)).json()
    assert seen["pointed_at"] == [{"id": person.pk, "name": person.full_name}]


def test_the_customer_does_not_read_who_is_pointed_at_nor_why(api, complaint, supervisor, agent, requester):
    voices.point_at(complaint, by=supervisor, people=[agent], reason="Ella misma lo dijo.")
    assert api(requester).get(of(complaint)).json()["pointed_at"] == []
    assert "Ella misma" not in api(requester).get(of(complaint, "entries/")).content.decode()


def test_only_those_who_supervise_point_at_people(api, complaint, agent, supervisor):
    assert refusal(act(api, agent, complaint, "point_at", people=[agent.pk], reason="Yo")) == (403, "refused")
    wrong = act(api, supervisor, complaint, "point_at", people=["x"], reason="Yo")
    assert wrong.json()["errors"][0]["field"] == "people"
    done = act(api, supervisor, complaint, "point_at", people=[agent.pk], reason="Es de quien se queja.")
    assert done.json()["pointed_at"] == [{"id": agent.pk, "name": agent.full_name}]


def test_votes_are_given_once_and_taken_back(api, suggestion, colleague, requester, now):
    client = api(colleague)
    for _ in range(2):
        data = client.put(of(suggestion, "vote/")).json()
        assert (data["votes"], data["voted"]) == (1, True)
    for _ in range(2):
        data = client.delete(of(suggestion, "vote/")).json()
        assert (data["votes"], data["voted"]) == (0, False)
    assert not Vote.objects.exists()
    assert refusal(api(requester).put(of(suggestion, "vote/"))) == (403, "refused")


def test_a_shared_suggestion_tells_others_only_what_was_written_for_them(api, suggestion, supervisor, outsider, now):
    assert api(outsider).get("/api/v1/suggestions/").json()["results"] == []
    suggestions.share(suggestion, by=supervisor, subject="Avisos por otro medio", body="Al cerrar un ticket.")
    [row] = api(outsider).get("/api/v1/suggestions/").json()["results"]
    assert (row["subject"], row["body"]) == ("Avisos por otro medio", "Al cerrar un ticket.")
    page = api(outsider).get("/api/v1/suggestions/").content.decode()
    for secret in (suggestion.subject, suggestion.body, "Alborada", "Lucía"):
        assert secret not in page
    assert api(outsider).put(of(suggestion, "vote/")).json()["votes"] == 1
    assert api(outsider).get(of(suggestion)).status_code == 404


def test_a_vote_needs_the_right_to_write(api, suggestion, colleague):
    assert refusal(api(colleague, "tickets:read").put(of(suggestion, "vote/"))) == (403, "insufficient_scope")


def test_a_complaint_is_not_voted(api, complaint, requester, colleague):
    assert refusal(api(requester).put(of(complaint, "vote/"))) == (403, "refused")
    assert api(colleague).put(of(complaint, "vote/")).status_code == 404


def test_what_is_owed_is_told_also_once_it_is_late(api, complaint, supervisor, director, now):
    from surveys.services import waiting

    for _ in range(4):
        row = Voice.objects.get()
        if row.next_at:
            with clock.at(row.next_at):
                waiting.sweep(row.next_at)
    data = api(supervisor).get(of(complaint)).json()
    assert Voice.objects.get().next_at is None
    assert data["next_due_at"] == data["steps"][-1]["acknowledge_by"]
    assert data["steps"][-1]["overdue_at"] is not None


def test_a_customer_cannot_tell_who_is_of_the_desk(api, requester, ticket, supervisor, agent, matrices, now):
    """Somebody who did not work on the ticket and somebody who is not there get the same answer."""
    answers = [
        api(requester).post(BASE, {**NEW, "ticket": ticket.number, "pointed_at": [pk]}, format="json")
        for pk in (supervisor.pk, requester.pk, 9_999_999)
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert answers[0].json() == answers[1].json() == answers[2].json()
