"""A repeated POST gets the first answer and has no second effect: after a lost answer, after a crash, and at the same time."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import URLPattern
from rest_framework.test import APIClient

from api import tasks
from api.models import IdempotencyKey
from api.tests.conftest import REPORT
from api.v1.urls import urlpatterns
from core import clock
from tickets.models import Attachment, Message, Ticket, TicketEvent
from tickets.services import intake

pytestmark = pytest.mark.django_db

KEY: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "pedido-1"}


def test_every_post_of_the_api_takes_a_key():
    posts = [
        p.callback.view_class.post
        for p in urlpatterns
        if isinstance(p, URLPattern) and hasattr(p.callback.view_class, "post")
    ]
    assert len(posts) == 14
    assert all(getattr(post, "is_idempotent", False) for post in posts)


def test_a_retry_gets_the_first_answer_and_no_second_ticket(api, requester, now):
    client = api(requester)
    first = client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    again = client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (Ticket.objects.count(), TicketEvent.objects.count()) == (1, 1)


def test_the_same_key_with_another_body_or_address_is_a_409(api, requester, url, now):
    client = api(requester)
    client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    other_body = client.post("/api/v1/tickets/", {**REPORT, "title": "Otro"}, format="json", **KEY)
    other_place = client.post(url("messages/"), {"body": "x"}, format="json", **KEY)
    for response in (other_body, other_place):
        assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_reused")
    assert (Ticket.objects.count(), Message.objects.count()) == (2, 0)


def test_the_order_of_a_bodys_fields_does_not_matter(api, requester, now):
    client = api(requester)
    client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    again = client.post("/api/v1/tickets/", dict(reversed(REPORT.items())), format="json", **KEY)
    assert again["Idempotent-Replayed"] == "true"


def test_a_key_is_its_owners(api, requester, colleague, now):
    for user in (requester, colleague):
        assert "Idempotent-Replayed" not in api(user).post("/api/v1/tickets/", REPORT, format="json", **KEY)
    assert Ticket.objects.count() == 2


def test_a_refused_request_leaves_the_key_free(api, requester, now):
    client = api(requester)
    assert client.post("/api/v1/tickets/", {**REPORT, "title": ""}, format="json", **KEY).status_code == 400
    assert client.post("/api/v1/tickets/", REPORT, format="json", **KEY).status_code == 201
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ñ", "a\tb"])
def test_an_unusable_key_is_a_400(api, requester, key):
    response = api(requester).post("/api/v1/tickets/", REPORT, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")


def test_an_upload_is_known_by_its_content_not_by_its_boundary(api, requester, url, now):
    client = api(requester)

    def send(content: bytes):
        return client.post(
            url("attachments/"), {"files": SimpleUploadedFile("a.txt", content)}, format="multipart", **KEY
        )

    assert send(b"uno").status_code == 201
    assert send(b"uno")["Idempotent-Replayed"] == "true"
    assert send(b"dos").status_code == 409
    assert Attachment.objects.count() == 1


def test_a_transition_repeated_is_one_event(api, agent, url, now):
    client = api(agent)
    answers = [client.post(url("transitions/"), {"transition": "open"}, format="json", **KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert TicketEvent.objects.filter(kind="open").count() == 1


def test_answers_are_kept_for_24_hours_and_purged_then(api, requester, now):
    client = api(requester)
    client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    with clock.at(now + timedelta(hours=24) - timedelta(seconds=1)):
        assert tasks.purge() == 0
        assert client.post("/api/v1/tickets/", REPORT, format="json", **KEY)["Idempotent-Replayed"] == "true"
    with clock.at(now + timedelta(hours=24)):
        assert "Idempotent-Replayed" not in client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    with clock.at(now + timedelta(hours=48)):
        assert tasks.purge() == 1
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_request_that_dies_before_its_commit_leaves_neither_ticket_nor_key(api, requester, monkeypatch):
    """The effect and its key share the transaction: whatever stops one stops the other, and the retry is the first."""
    client = api(requester)
    client.raise_request_exception = False

    with monkeypatch.context() as patch:
        patch.setattr(IdempotencyKey, "save", _dies_on_update(IdempotencyKey.save))
        with pytest.raises(KeyboardInterrupt):
            client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    assert (Ticket.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert "Idempotent-Replayed" not in client.post("/api/v1/tickets/", REPORT, format="json", **KEY)
    assert Ticket.objects.count() == 1


def _dies_on_update(save):
    def dying(self, *args, update_fields=None, **kwargs):
        if update_fields:
            raise KeyboardInterrupt
        return save(self, *args, update_fields=update_fields, **kwargs)

    return dying


@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_with_one_key_make_one_ticket(requester, key_of):
    header, barrier, answers = f"Token {key_of(requester)}", threading.Barrier(8), []

    def send() -> None:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=header)
        barrier.wait()
        try:
            answers.append(client.post("/api/v1/tickets/", REPORT, format="json", **KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.content for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False] + [True] * 7
    assert (Ticket.objects.count(), TicketEvent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_transitions_at_once_one_wins_and_the_other_is_a_409(agent, requester, key_of, report):
    headers = [f"Token {key_of(user)}" for user in (agent, requester)]
    bodies = [
        {"transition": "reject", "reason": "x"},
        {"transition": "cancel", "cause": "customer_request", "reason": "x"},
    ]
    for _ in range(10):
        ticket, barrier = intake.receive(report(), by=requester, channel="web"), threading.Barrier(2)
        statuses: list[int] = []

        def send(header: str, body: dict, ticket=ticket, barrier=barrier, statuses=statuses) -> None:
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION=header)
            barrier.wait()
            try:
                statuses.append(
                    client.post(f"/api/v1/tickets/{ticket.number}/transitions/", body, format="json").status_code
                )
            finally:
                connection.close()

        threads = [threading.Thread(target=send, args=pair) for pair in zip(headers, bodies, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 409]
        assert TicketEvent.objects.filter(ticket=ticket).count() == 2
