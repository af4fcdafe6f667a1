import time

import pytest
from django.core.cache import cache
from django.test import Client

from servicedesk import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_heartbeat():
    cache.delete(health.HEARTBEAT)
    yield
    cache.delete(health.HEARTBEAT)


def test_alive_asks_nothing_of_the_database(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Cache-Control"] == "no-store"


def test_ready_when_database_broker_and_worker_are_there(client: Client) -> None:
    health.record_heartbeat()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": "ok", "broker": "ok", "worker": "ok"}


def test_not_ready_while_no_worker_ever_ran(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response.json() == {"ready": False, "database": "ok", "broker": "ok", "worker": "no heartbeat"}


def test_not_ready_when_the_worker_stopped(client: Client) -> None:
    cache.set(health.HEARTBEAT, time.time() - 120)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"].startswith("last heartbeat 12")


def test_the_heartbeat_job_makes_the_worker_ready() -> None:
    from servicedesk.tasks import heartbeat

    heartbeat()
    assert health.worker() == "ok"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_known_host_and_are_not_sent_to_https(client: Client, settings, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    health.record_heartbeat()
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_a_broken_part_is_named_without_its_address() -> None:
    def broken() -> str:
        raise ConnectionError("redis://user:secret@10.0.0.1")

    assert health.state(broken) == "failed: ConnectionError"
