"""Transitions, messages, files and history of a ticket through the API."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.tests.test_tickets import queries
from api.v1.events import KIND_LABELS
from tickets.models import Attachment, Message, Ticket
from tickets.sentences import TELLERS
from tickets.services import triage
from tickets.transitions import TRANSITIONS

pytestmark = pytest.mark.django_db


def test_a_ticket_lives_its_whole_life_through_transitions(api, agent, consultant, requester, group, url, now):
    def do(user, **data):
        response = api(user).post(url("transitions/"), data, format="json")
        assert response.status_code == 200, response.content
        return response.json()

    assert do(agent, transition="open")["state"] == "open"
    assigned = do(agent, transition="assign", group=group.pk)
    assert (assigned["state"], assigned["group"]) == ("assigned", {"id": group.pk, "name": "Nómina"})
    promised = (now + timedelta(days=1)).isoformat()
    started = do(consultant, transition="start", message="Lo reviso hoy.", committed_for=promised)
    assert (started["state"], started["assignee"]["id"]) == ("in_progress", consultant.pk)
    assert started["committed_for"] == "2026-03-11T16:00:00Z"
    waiting = do(consultant, transition="wait_for_user", message="¿Me envía el XML?")
    assert (waiting["state"], waiting["attention_due_at"] is None) == ("pending_user", False)
    said = api(requester).post(url("messages/"), {"body": "Va."}, format="json")
    assert (said.status_code, said["ETag"]) == (201, '"6"')
    solved = do(consultant, transition="solve", solution_type="definitive", solution="Se corrigió el régimen.")
    assert (solved["state"], solved["solution_type_label"]) == ("solved", "Solución definitiva")
    closed = do(requester, transition="accept")
    assert (closed["state"], closed["closing_code_label"], closed["version"]) == (
        "closed",
        "Aprobado por el cliente",
        8,
    )
    history = api(requester).get(url("events/")).json()["results"]
    assert [row["sequence"] for row in history] == list(range(1, 9))
    assert (history[-1]["from_state"], history[-1]["to_state_label"]) == ("solved", "Cerrado")


def test_a_consultant_who_hands_a_ticket_back_still_gets_the_answer(
    api, agent, consultant, group, desk_group, ticket, url
):
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    data = {"transition": "assign", "group": desk_group.pk, "reason": "Es de nivel 1."}
    client = api(consultant)
    assert client.post(url("transitions/"), data, format="json").json()["group"]["id"] == desk_group.pk
    assert client.get(url()).status_code == 404


def test_what_may_be_done_now_comes_with_the_fields_that_it_needs(api, agent, requester, url):
    body = api(requester).get(url("transitions/")).json()
    assert [row["name"] for row in body["results"]] == ["cancel"]
    fields = {field["name"]: field for field in body["results"][0]["fields"]}
    assert (fields["reason"]["required"], fields["duplicate_of"]["required"]) == (True, False)
    assert fields["cause"]["choices"][0] == ["duplicate", "Duplicado de otro ticket"]
    assert [row["name"] for row in api(agent).get(url("transitions/")).json()["results"]] == [
        "open",
        "assign",
        "reject",
        "cancel",
    ]


@pytest.mark.parametrize(
    "data", [{}, {"transition": "fly"}, {"transition": ["open"]}, {"transition": "open", "state": "closed"}]
)
def test_an_unknown_step_or_datum_is_a_400(api, agent, url, ticket, data):
    assert api(agent).post(url("transitions/"), data, format="json").status_code == 400
    assert Ticket.objects.get().state == "new"


def test_missing_data_are_named_all_at_once(api, agent, url, ticket):
    triage.open(ticket, by=agent)
    response = api(agent).post(url("transitions/"), {"transition": "solve"}, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["solution_type", "solution"]


def test_a_transition_minds_the_version(api, agent, url, ticket):
    client = api(agent)
    stale = client.post(url("transitions/"), {"transition": "open"}, format="json", HTTP_IF_MATCH='"2"')
    assert stale.status_code == 412
    assert (
        client.post(url("transitions/"), {"transition": "open"}, format="json", HTTP_IF_MATCH='"9", "1"').status_code
        == 200
    )


def test_a_transition_costs_few_queries(api, agent, url, ticket):
    client = api(agent)
    client.get(url())
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url("transitions/"), {"transition": "open"}, format="json").status_code == 200
    assert len(queries(captured)) <= 16, queries(captured)


def test_a_message_of_the_desk_with_a_promise_meets_the_attention(api, agent, url, ticket, now):
    promised = (now + timedelta(hours=5)).isoformat()
    body = {"body": "Queda hoy.", "committed_for": promised}
    response = api(agent).post(url("messages/"), body, format="json")
    assert response.status_code == 201
    assert response.json() == {
        "id": Message.objects.get().pk,
        "ticket": ticket.number,
        "author": {"id": agent.pk, "name": "Daniela Ríos Paz"},
        "visibility": "public",
        "visibility_label": "Pública",
        "channel": "api",
        "channel_label": "API",
        "body": "Queda hoy.",
        "committed_for": "2026-03-10T21:00:00Z",
        "created_at": "2026-03-10T16:00:00Z",
        "attachments": [],
    }
    assert Ticket.objects.get().attended_at == now


def test_a_message_may_bring_files(api, requester, url, ticket):
    data = {"body": "Va la pantalla.", "files": [SimpleUploadedFile("a.png", b"a"), SimpleUploadedFile("b.png", b"b")]}
    response = api(requester).post(url("messages/"), data, format="multipart")
    assert response.status_code == 201
    assert [row["name"] for row in response.json()["attachments"]] == ["a.png", "b.png"]


def test_a_message_on_an_ended_ticket_is_answered_with_its_follow_up(api, agent, requester, ticket, url):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    response = api(requester).post(url("messages/"), {"body": "Ya lo tengo."}, format="json")
    follow_up = Ticket.objects.get(follow_up_of=ticket)
    assert (response.status_code, response.json()["id"], response.json()["ticket"]) == (201, None, follow_up.number)
    assert response["Location"] == f"/api/v1/tickets/{follow_up.number}/messages/"


@pytest.mark.parametrize(
    ("data", "field"),
    [({}, "body"), ({"body": " "}, "body"), ({"body": "x" * 50_001}, "body"), ({"body": "x", "visibility": "secret"}, "visibility"),
     ({"body": "x", "author": 1}, "author"), ({"body": "x", "committed_for": "2020-01-01T00:00:00Z"}, "committed_for")],
)  # fmt: skip
def test_an_unusable_message_is_a_400_on_its_field(api, agent, url, ticket, data, field):
    response = api(agent).post(url("messages/"), data, format="json")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("count", [1, 3])
def test_lists_under_a_ticket_cost_the_same_for_one_row_and_for_three(api, agent, url, ticket, count):
    client = api(agent)
    for index in range(count):
        files = [SimpleUploadedFile(f"{index}.txt", b"x")]
        assert (
            client.post(url("messages/"), {"body": str(index), "files": files}, format="multipart").status_code == 201
        )
    for rest, expected in (("messages/", 5), ("attachments/", 3), ("events/", 3)):
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(url(rest)).json()["results"]) >= count
        assert len(queries(captured)) == expected, rest


def test_uploaded_files_are_listed_with_clean_names(api, requester, url, ticket):
    data = {"files": [SimpleUploadedFile("../../etc/\u202egpj.exe", b"MZ"), SimpleUploadedFile("b.html", b"<script>")]}
    response = api(requester).post(url("attachments/"), data, format="multipart")
    assert response.status_code == 201
    assert [row["name"] for row in response.json()["results"]] == ["gpj.exe", "b.html"]
    assert [row["size_bytes"] for row in api(requester).get(url("attachments/")).json()["results"]] == [2, 8]


def test_an_upload_that_cannot_be_kept_is_refused(api, requester, url, ticket, settings):
    client = api(requester)
    assert client.post(url("attachments/"), {}, format="multipart").status_code == 400
    assert (
        client.post(url("attachments/"), {"files": SimpleUploadedFile("a", b"")}, format="multipart").status_code == 400
    )
    assert (
        client.post(url("attachments/"), {"other": SimpleUploadedFile("a", b"a")}, format="multipart").status_code
        == 400
    )
    assert (
        client.post(
            url("attachments/"), {"files": SimpleUploadedFile("a", b"a"), "owner": "1"}, format="multipart"
        ).status_code
        == 400
    )
    eleven = [SimpleUploadedFile(str(index), b"a") for index in range(11)]
    assert client.post(url("attachments/"), {"files": eleven}, format="multipart").status_code in (400, 413)
    assert client.post(url("attachments/"), {"files": []}, format="json").status_code == 415
    broken = client.post(url("attachments/"), b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x")
    assert broken.status_code == 400
    settings.ATTACHMENT_MAX_BYTES = settings.ATTACHMENT_MAX_FILES = 0
    large = client.post(url("attachments/"), {"files": SimpleUploadedFile("a", b"a" * 1_100_000)}, format="multipart")
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert Attachment.objects.count() == 0


def test_every_kind_of_event_has_a_label():
    assert set(TRANSITIONS) | set(TELLERS) <= set(KIND_LABELS)
