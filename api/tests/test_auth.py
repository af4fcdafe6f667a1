"""Keys: who they act for, what they may do, when they end; and sessions with CSRF."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from api import tasks, tokens
from api.models import ApiToken
from api.tests.conftest import REPORT
from core import clock

pytestmark = pytest.mark.django_db


def command(*args: object) -> str:
    out = StringIO()
    call_command("api_token", *args, stdout=out)
    return out.getvalue()


def with_key(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_the_command_prints_a_key_that_works_and_nothing_else(requester, now):
    printed = command(requester.email)
    assert printed == f"{printed.strip()}\n"
    assert len(printed.strip()) == 64
    me = with_key(printed.strip()).get("/api/v1/me/").json()
    assert (me["id"], me["scopes"]) == (requester.pk, ["tickets:read", "tickets:write"])
    assert me["expires_at"] == "2027-03-10T16:00:00Z"


def test_only_the_hash_of_a_key_is_kept(requester, key_of):
    key = key_of(requester)
    row = ApiToken.objects.get()
    assert key not in (row.digest, row.token_key)
    assert len(row.token_key) < 20


@pytest.mark.parametrize(
    "args",
    [
        ["nobody@example.test"],
        ["requester@example.test", "--scopes", "everything"],
        ["requester@example.test", "--days", "0"],
    ],
)
def test_the_command_refuses_what_it_cannot_do(requester, args):
    with pytest.raises(CommandError):
        command(*args)
    assert ApiToken.objects.count() == 0


def test_scopes_may_be_given_with_spaces_or_commas(requester):
    command(requester.email, "--scopes", "tickets:read,reports:read")
    command(requester.email, "--scopes", "tickets:read", "reports:read")
    assert set(ApiToken.objects.values_list("scopes", flat=True)) == {"tickets:read reports:read"}


@pytest.mark.parametrize(
    "header",
    ["", "Token", "Token a b", "Token " + "0" * 64, "Token " + "9" * 9000, "Token ñandú", "Token \x00", "Bearer x"],
)
def test_a_wrong_key_is_a_401_that_names_the_scheme(header, requester):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    response = client.get("/api/v1/me/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert response["Content-Type"] == "application/problem+json"


def test_a_key_ends_with_its_time_and_with_its_person(requester, key_of, now):
    client = with_key(key_of(requester, days=1))
    with clock.at(now + timedelta(days=1) - timedelta(seconds=1)):
        assert client.get("/api/v1/me/").status_code == 200
    with clock.at(now + timedelta(days=1)):
        assert client.get("/api/v1/me/").status_code == 401
    requester.is_active = False
    requester.save(update_fields=["is_active"])
    assert client.get("/api/v1/me/").status_code == 401


def test_a_replaced_key_works_until_its_grace_is_over(requester, key_of, now):
    old, forgotten = with_key(key_of(requester)), with_key(key_of(requester, days=1))
    new = with_key(command(requester.email, "--rotate", "--grace", "30").strip())
    with clock.at(now + timedelta(hours=29)):
        assert [client.get("/api/v1/me/").status_code for client in (old, new, forgotten)] == [200, 200, 401]
    with clock.at(now + timedelta(hours=30)):
        assert [client.get("/api/v1/me/").status_code for client in (old, new)] == [401, 200]


def test_expired_keys_are_purged(requester, now):
    tokens.issue(requester, scopes=["tickets:read"], days=1)
    tokens.issue(requester, scopes=["tickets:read"], days=3)
    with clock.at(now + timedelta(days=2)):
        assert tasks.purge() == 1
    assert ApiToken.objects.count() == 1


def test_a_key_acts_within_its_scopes(api, requester, url, now):
    reader = api(requester, "tickets:read")
    assert reader.get(url()).status_code == 200
    refused = reader.post("/api/v1/tickets/", REPORT, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    writer = api(requester, "tickets:write")
    assert writer.post("/api/v1/tickets/", REPORT, format="json").status_code == 201
    assert writer.get("/api/v1/tickets/").status_code == 403
    assert api(requester, "reports:read").get(url()).status_code == 403
    assert api(requester, "reports:read").get("/api/v1/me/").status_code == 200
    assert api(requester, "admin").get(url()).status_code == 200


def test_a_session_works_for_reading_and_needs_the_csrf_token_to_change(requester, now):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(requester)
    assert client.get("/api/v1/me/").json()["scopes"] is None
    refused = client.post("/api/v1/tickets/", REPORT, format="json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    client.cookies["sd_csrf"] = "a" * 32
    accepted = client.post("/api/v1/tickets/", REPORT, format="json", HTTP_X_CSRFTOKEN="a" * 32)
    assert accepted.status_code == 201


def test_asking_costs_one_query_to_know_who_asks_and_writes_nothing(requester, key_of, django_assert_num_queries):
    key = key_of(requester)
    with django_assert_num_queries(1):
        assert tokens.find(key, clock.now()).user == requester
