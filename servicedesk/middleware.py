"""What every request passes through."""

import sys
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY as SIGNED_IN
from django.contrib.sessions.backends.base import SessionBase
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils import timezone
from django.views.defaults import server_error as default_server_error
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from servicedesk.logs import RequestLog

log = structlog.get_logger(__name__)

RETRY_AFTER = "10"
OUTAGES = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)
TITLE = "El servicio no está disponible en este momento"
DETAIL = (
    "No pudimos completar su solicitud y no se guardó ningún cambio. Por favor, inténtelo de nuevo en unos segundos."
)
FAULT = "Algo falló de nuestro lado"
FAULT_DETAIL = "No se guardó ningún cambio. Ya quedó registrado; inténtelo más tarde."
STARTED, USED = "session_started", "session_used"
Handler = Callable[[HttpRequest], HttpResponse]


class OutageNotice:
    """Turns "the database (or Redis) does not answer" into a 503 that says when to come back, instead of a 500.

    Nothing is half done: a request's changes are one transaction, and it never committed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return outage(request, exception) if isinstance(exception, OUTAGES) else None


def outage(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """The 503 for this request: problem+json to programs, a page to people."""
    log.warning("outage", fault=type(exception).__name__, request=RequestLog.format_request(request))
    connection.close()
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/"):
        body = {"type": "about:blank", "title": TITLE, "status": 503, "detail": DETAIL, "code": "unavailable"}
        return JsonResponse(body, status=503, content_type="application/problem+json", headers=headers)
    return HttpResponse(
        get_template("503.html").render({"title": TITLE, "detail": DETAIL}), status=503, headers=headers
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: an outage met outside a view is an outage too. A program gets its kind of answer here as well."""
    fault = sys.exc_info()[1]
    if isinstance(fault, OUTAGES):
        return outage(request, fault)
    if request.path_info.startswith("/api/"):
        body = {"type": "about:blank", "title": FAULT, "status": 500, "detail": FAULT_DETAIL, "code": "server_error"}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return default_server_error(request)


class ViewerZone:
    """Shows moments in the viewer's own time zone; a visitor who did not sign in, in the desk's. Programs read UTC."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is nobody to ask for, and a program with a key needs no zone.
        zone = (
            request.user.time_zone
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
            else None
        )
        with timezone.override(zone or settings.TIME_ZONE):
            return self.get_response(request)


class PrivatePages:
    """What a signed-in person gets is kept by no cache and by no browser after signing out, unless a view says how long."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SessionLimits:
    """Ends a session that was idle too long, or that began too long ago.

    Reads the machine's time: how old a session is has nothing to do with the desk's clock. A sign-in stamps its session, because
    its response passes here; the last use is written at most every few minutes, so that reading pages does not write rows.
    """

    WRITE_EVERY = 300

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session, now = request.session, int(time.time())
        if session.session_key and self.is_over(session, now):
            session.flush()
        response = self.get_response(request)
        self.stamp(session, now)
        return response

    def is_over(self, session: SessionBase, now: int) -> bool:
        started, used = session.get(STARTED), session.get(USED)
        if started is None or used is None:
            return False
        return now - started > settings.SESSION_COOKIE_AGE or now - used > settings.SESSION_IDLE_SECONDS

    def stamp(self, session: SessionBase, now: int) -> None:
        if session.accessed and SIGNED_IN in session and (STARTED in session or session.modified):
            session.setdefault(STARTED, now)
            if now - session.get(USED, 0) >= self.WRITE_EVERY:
                session[USED] = now
