"""The description is valid OpenAPI 3.1, the server conforms to it, and the page that shows it needs nothing from outside."""

import re
from io import StringIO

import pytest
import schemathesis
from django.core.management import call_command
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, settings
from rest_framework.test import APIClient
from schemathesis.checks import CHECKS, load_all_checks

from api.v1.description import schema as described

pytestmark = pytest.mark.django_db

load_all_checks()
CONFORMANCE = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    ]
)


handler = ClientHandler(enforce_csrf_checks=False)


def application(environ, start_response):
    """The project as a WSGI application that leaves the test's connection and transaction open."""
    response = handler(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return response


contract = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)


def test_the_description_is_valid_and_draws_no_warning():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--api-version", "v1", stdout=out, stderr=out)
    assert "openapi: 3.1" in out.getvalue()


def test_the_description_is_served_to_anybody():
    response = APIClient().get("/api/v1/schema/")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.1")
    assert "/api/v1/tickets/{number}/transitions/" in response.json()["paths"]
    assert APIClient().get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi").status_code == 200


def test_every_operation_says_how_it_refuses():
    for path, operations in described()["paths"].items():
        for method, operation in operations.items():
            expected = {"400", "401", "403", "405", "406", "429"} | ({"404"} if "{" in path else set())
            assert expected <= set(operation["responses"]), (path, method)


def test_the_page_of_the_description_loads_only_what_is_ours():
    client = APIClient()
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(addresses) >= 4
    assert all(address.startswith("/") for address in addresses)
    policy = page["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "<script>" not in page.content.decode()
    script = next(address for address in addresses if "script=" in address).replace("&amp;", "&")
    assert client.get(script)["Content-Type"] == "application/javascript"
    assert "unsafe-inline" not in client.get("/api/v1/me/")["Content-Security-Policy"]


@pytest.fixture
def key(key_of, agent, requester, ticket, group, settings) -> str:
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    return key_of(agent)


@contract.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_server_conforms_to_its_description(case, key, ticket, complaint):
    if "number" in (case.path_parameters or {}):
        case.path_parameters["number"] = complaint.number if "/complaints/" in case.path else ticket.number
    response = case.call(headers={"Authorization": f"Token {key}"})
    case.validate_response(response, checks=CONFORMANCE)
