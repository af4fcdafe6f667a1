"""Every refusal is a problem+json in Spanish with the right status; nothing that is sent makes a 5xx."""

import errno
import json

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from api.tests.conftest import REPORT
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db


def assert_problem(response, status: int, code: str | None = None) -> dict:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "code", "errors"} <= set(body)
    assert body["status"] == status
    assert all(set(error) == {"field", "code", "detail"} for error in body["errors"])
    if code is not None:
        assert body["code"] == code
    return body


def test_another_companys_ticket_and_an_absent_one_read_the_same(api, outsider, url, now):
    foreign = api(outsider).get(url())
    absent = api(outsider).get("/api/v1/tickets/T9999999/")
    assert_problem(foreign, 404, "not_found")
    assert foreign.content == absent.content
    assert set(foreign.headers) == set(absent.headers)


@pytest.mark.parametrize("number", ["T0", "x", "T99999999999999999999", "%00", "T1%00", "%ED%A0%80", "-1", "T1'--"])
def test_a_number_that_names_no_ticket_is_a_404(api, agent, ticket, number, now):
    assert_problem(api(agent).get(f"/api/v1/tickets/{number}/"), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v2/tickets/", "/api/v1/nothing/", "/api/v1/users/99999999999999999999/"]
)
def test_an_address_that_is_not_there_is_a_problem_too(api, agent, path):
    assert_problem(api(agent).get(path), 404, "not_found")
    assert_problem(APIClient().post(path), 404, "not_found")


def test_an_illegal_transition_is_a_409_with_those_allowed(api, agent, url, now):
    data = {"transition": "accept", "note": "Por teléfono."}
    body = assert_problem(api(agent).post(url("transitions/"), data, format="json"), 409, "illegal_transition")
    assert body["allowed"] == ["open", "assign", "reject", "cancel"]


@pytest.mark.parametrize(
    ("method", "path", "status", "kwargs"),
    [
        ("delete", "/api/v1/tickets/", 405, {}),
        ("put", "/api/v1/tickets/", 405, {}),
        ("options", "/api/v1/tickets/", 405, {}),
        ("get", "/api/v1/tickets/", 406, {"HTTP_ACCEPT": "text/csv"}),
        ("post", "/api/v1/tickets/", 415, {"data": "<a/>", "content_type": "application/xml"}),
        ("post", "/api/v1/tickets/", 415, {"data": "a=1", "content_type": "application/x-www-form-urlencoded"}),
    ],
)
def test_method_and_format_problems(api, agent, method, path, status, kwargs):
    assert_problem(getattr(api(agent), method)(path, **kwargs), status)


def test_a_body_over_the_limit_is_a_413(api, agent, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api(agent).post("/api/v1/tickets/", {**REPORT, "description": "x" * 1000}, format="json")
    assert_problem(response, 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nada", b"[1]", b'"x"', b"null", b"3", b"[" * 100_000, b'{"a":' * 50_000, b'{"title": NaN}',
        b'{"title": "\\ud800"}', b'{"title": "\xed\xa0\x80"}', b"\xff\xfe", b'{"title": "\\u0000"}', b'{"\\u0000": 1}',
        b'{"requester": 1' + b"0" * 4000 + b"}", b'{"company": 1e400}', b'{"environment": -9223372036854775809}',
        b'{"fields": []}', b'{"fields": {"a": {"b": 1}}}', b'{"title": ["x"], "kind": {"x": 1}, "impact": true}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["tickets", "transitions", "messages", "classify"])
def test_a_body_of_nonsense_is_a_400(api, agent, url, now, body, where):
    client = api(agent)
    kwargs = {"data": body, "content_type": "application/json"}
    if where == "classify":
        response = client.patch(url(), **kwargs)
    else:
        response = client.post("/api/v1/tickets/" if where == "tickets" else url(f"{where}/"), **kwargs)
    assert_problem(response, 400)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "value", [10**30, "9" * 5000, -1, 1.5, True, [1], {"id": 1}, "１", "\u0000", "", "9223372036854775808"]
)
def test_an_odd_identifier_in_a_transition_is_a_400(api, agent, url, now, value):
    body = json.dumps({"transition": "assign", "group": value})
    assert_problem(api(agent).post(url("transitions/"), body, content_type="application/json"), 400)


@pytest.mark.parametrize(
    "value", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-13-01", "mañana", 5, [], "9" * 999]
)
def test_an_odd_moment_is_a_400(api, agent, group, url, now, value):
    client = api(agent)
    client.post(url("transitions/"), {"transition": "open"}, format="json")
    start = {"transition": "start", "message": "Voy.", "committed_for": value}
    assert_problem(client.post(url("transitions/"), start, format="json"), 400)
    said = {"body": "Voy.", "committed_for": value}
    assert_problem(client.post(url("messages/"), said, format="json"), 400)


@pytest.mark.parametrize(
    "query",
    [
        "color=red", "requester__password__startswith=a", "state=broken", "state=", "priority=critical,none", "company=x",
        "company=99999999999999999999", "company=-1", "group=1e3", "breached=yes", "due_before=tomorrow", "due_before=2026-03-10",
        "created_after=9999-12-31T23:59:59-12:00", "created_before=0001-01-01T00:00:00%2B14:00", "updated_after=%00", "q=%00",
        "q=", "q=" + "x" * 201, "q=%ED%A0%80", "ordering=title", "ordering=requester__password", "ordering=", "page_size=0",
        "page_size=201", "page_size=-1", "page_size=x", "page_size=%C2%B2", "page_size=99999999999999999999", "count=maybe",
        "cursor=abc", "cursor=", "cursor=cD00ODY%3D", "page_size=5&page_size=6", "company=" + ",".join(["1"] * 51),
    ],
)  # fmt: skip
def test_an_unknown_or_unusable_parameter_is_a_400(api, agent, ticket, query, now):
    body = assert_problem(api(agent).get(f"/api/v1/tickets/?{query}"), 400)
    assert body["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["me/", "companies/", "events/", "tickets/T0000001/"])
def test_no_resource_ignores_a_parameter(api, agent, path, ticket, now):
    assert_problem(api(agent).get(f"/api/v1/{path}?surprise=1"), 400, "unknown_parameter")


def test_over_the_rate_is_a_429_that_says_when_to_return(api, agent, requester, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    client, other = api(agent), api(requester)
    first = client.get("/api/v1/me/")
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("3", "2")
    assert first["RateLimit-Policy"] == '"default";q=3;w=60'
    assert [client.get("/api/v1/me/").status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get("/api/v1/me/")
    assert_problem(refused, 429)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Remaining"] == "0"
    assert other.get("/api/v1/me/").status_code == 200


def test_our_own_fault_is_a_problem_too(api, agent, monkeypatch):
    def fail(*args: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("api.v1.reference.Me.get", fail)
    client = api(agent)
    client.raise_request_exception = False
    response = client.get("/api/v1/me/")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert (response.json()["code"], "boom" in response.content.decode()) == ("server_error", False)


@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "hondo"}])
@pytest.mark.parametrize("body", ["[" * 300 + "]" * 300, '{"fields":' * 400 + "{}" + "}" * 400, "[" * 5000])
def test_a_body_of_very_many_levels_is_refused_with_and_without_a_key(api, requester, now, key, body):
    answer = api(requester).post("/api/v1/tickets/", body, content_type="application/json", **key)
    assert_problem(answer, 400, "malformed")


@pytest.mark.parametrize("body", ["null", "[]", "1", '"x"'])
def test_a_body_that_is_no_object_is_told_so(api, requester, now, body):
    answer = api(requester).post("/api/v1/tickets/", body, content_type="application/json")
    assert assert_problem(answer, 400, "invalid")["detail"] == "Envíe un objeto JSON."


class FullDisk(FileSystemStorage):
    """A disk without room."""

    def _save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_a_503_that_names_the_files_and_stores_nothing(api, requester, ticket, url, monkeypatch):
    monkeypatch.setattr(Attachment._meta.get_field("file"), "storage", FullDisk())
    sent = {"body": "Va la captura.", "files": [SimpleUploadedFile("a.png", b"x")]}
    problem = assert_problem(api(requester).post(url("messages/"), sent, format="multipart"), 503, "not_stored")
    assert [error["field"] for error in problem["errors"]] == ["files"]
    assert Message.objects.count() == 0
