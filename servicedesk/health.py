"""Signs of life for load balancers and alarms."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseFault
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

HEARTBEAT = "worker-heartbeat"
HEARTBEAT_MAX_AGE = 45


class HealthChecks:
    """Answers /healthz and /readyz before anything else runs, for probes bring no known host, session or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info)
        if not answer:
            return self.get_response(request)
        response = answer(request)
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        return response


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so that an outage elsewhere does not get it killed."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Everything a ticket needs is there; 503 and the part that is missing otherwise."""
    parts = {name: state(check) for name, check in CHECKS.items()}
    up = all(value == "ok" for value in parts.values())
    return JsonResponse({"ready": up, **parts}, status=200 if up else 503, headers={} if up else {"Retry-After": "10"})


def state(check: Callable[[], str]) -> str:
    """What `check` says. Its error's name only, for the text of a connection error names hosts and users."""
    try:
        return check()
    except Exception as fault:
        return f"failed: {type(fault).__name__}"


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseFault:
        connection.close()
        raise
    return "ok"


def broker() -> str:
    if not settings.REDIS_URL:
        return "ok"
    from servicedesk.celery import app

    with app.connection_for_write() as link:
        link.ensure_connection(max_retries=1, timeout=2)
    return "ok"


def worker() -> str:
    """The scheduler and a worker turned over lately."""
    seen: Any = cache.get(HEARTBEAT)
    if seen is None:
        return "no heartbeat"
    age = int(time.time() - seen)
    return "ok" if age <= HEARTBEAT_MAX_AGE else f"last heartbeat {age} s ago"


def record_heartbeat() -> None:
    cache.set(HEARTBEAT, time.time(), timeout=3600)


CHECKS: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "worker": worker}
