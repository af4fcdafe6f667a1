"""What every request passes through: outages are told from mistakes, and sessions end in time."""

import json
import os
import subprocess
import sys
import time
from importlib import import_module

import pytest
from django.conf import settings as project
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError


def database_gone(request: HttpRequest) -> HttpResponse:
    raise OperationalError("could not connect to 10.0.0.1 as user desk")


def redis_gone(request: HttpRequest) -> HttpResponse:
    raise RedisConnectionError("10.0.0.1")


def wrong(request: HttpRequest) -> HttpResponse:
    raise ValueError("a mistake in the program")


urlpatterns = [
    path("pagina", database_gone),
    path("api/v1/x", database_gone),
    path("redis", redis_gone),
    path("error", wrong),
]
handler500 = "servicedesk.middleware.server_error"


@pytest.fixture
def visitor(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/pagina", "/redis"])
def test_people_get_a_page_in_spanish_that_names_no_internals(visitor: Client, address: str) -> None:
    response = visitor.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "no se guardó ningún cambio" in response.content.decode()
    assert "10.0.0.1" not in response.content.decode()


def test_programs_get_problem_json(visitor: Client) -> None:
    response = visitor.get("/api/v1/x")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["status"], response.json()["code"]) == (503, "unavailable")


def test_a_mistake_in_the_program_stays_a_500(visitor: Client) -> None:
    assert visitor.get("/error").status_code == 500


ASK = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
answers = {}
for address in ("/healthz", "/readyz", "/cuenta/clave/", "/api/v1/tickets/"):
    response = client.get(address)
    answers[address] = [response.status_code, response.headers.get("Retry-After"), response.content.decode()]
print(json.dumps(answers))
"""


def test_a_postgresql_that_is_down_is_an_outage_and_not_a_failure(tmp_path) -> None:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "servicedesk.settings",
        "DATABASE_URL": "postgresql://desk:hidden-word@127.0.0.1:9/desk",
        "REDIS_URL": "",
        "SECRET_KEY": "x" * 60,
        "VAR_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_POOL_TIMEOUT": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=project.BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    answers = json.loads(run.stdout)
    assert {address: answer[:2] for address, answer in answers.items()} == {
        "/healthz": [200, None],
        "/readyz": [503, "10"],
        "/cuenta/clave/": [503, "10"],
        "/api/v1/tickets/": [503, "10"],
    }
    assert json.loads(answers["/readyz"][2])["database"] == "failed: OperationalError"
    assert "hidden-word" not in run.stdout + run.stderr


@pytest.fixture
def session(client: Client, agent):
    client.force_login(agent)
    return client.session


def age(session, **marks: float) -> None:
    for name, seconds in marks.items():
        session[name] = int(time.time() - seconds)
    session.save()


def is_signed_in(client: Client, session) -> bool:
    client.get("/cuenta/clave/")
    store = import_module(project.SESSION_ENGINE).SessionStore
    return store().exists(session.session_key)


@pytest.mark.django_db
def test_a_session_in_use_goes_on(client: Client, session) -> None:
    age(session, session_started=3600, session_used=60)
    assert is_signed_in(client, session)


@pytest.mark.django_db
def test_a_session_left_alone_ends(client: Client, session) -> None:
    age(session, session_started=3 * 3600, session_used=project.SESSION_IDLE_SECONDS + 5)
    assert not is_signed_in(client, session)


@pytest.mark.django_db
def test_a_session_ends_however_busy_it_is(client: Client, session) -> None:
    age(session, session_started=project.SESSION_COOKIE_AGE + 5, session_used=1)
    assert not is_signed_in(client, session)
