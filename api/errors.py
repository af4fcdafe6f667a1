"""Every refusal as `application/problem+json` (RFC 9457), in Spanish. One place; views only raise."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django_fsm import ConcurrentTransition, TransitionNotAllowed
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, Refused, StaleVersion

PROBLEM = "application/problem+json"
TITLES = {
    400: "Solicitud incorrecta",
    401: "Falta identificarse",
    403: "No permitido",
    404: "No encontrado",
    405: "Método no permitido",
    406: "Formato no disponible",
    409: "Conflicto",
    412: "Versión anterior",
    413: "Demasiado grande",
    415: "Tipo de contenido no admitido",
    429: "Demasiadas solicitudes",
    503: "No disponible por ahora",
}
NOT_FOUND = "No existe, o no está a su alcance."
"""The one text of every 404: what is another's must read exactly like what is not there."""

DETAILS = {
    exceptions.NotAuthenticated: "Envíe su llave: «Authorization: Token <llave>».",
    exceptions.MethodNotAllowed: "Este recurso no admite ese método.",
    exceptions.NotAcceptable: "Las respuestas son application/json.",
    exceptions.UnsupportedMediaType: "Envíe application/json; los archivos, como multipart/form-data.",
    exceptions.Throttled: "Hizo demasiadas solicitudes. Espere lo que indica Retry-After.",
}
CODES = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.ParseError: "malformed",
}
TOO_SOON_OR_LATE = frozenset({"not_yet", "done", "superseded", "ended"})
"""Refusals that the ticket's moment brings, not the person."""
INPUTS = {"file_too_large": 413, "not_stored": 503}
"""The inputs whose fault is not that they are wrong."""
CHANGED_MEANWHILE = "Alguien más cambió este ticket al mismo tiempo. Léalo de nuevo y vuelva a intentarlo."


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "El cuerpo de la solicitud es demasiado grande."


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None for what is nobody's mistake but ours: it goes on as a 500 (or as a 503 in an outage)."""
    response = answer(exc)
    if response is not None:
        response.content_type = PROBLEM
        response.exception = True
    return response


def answer(exc: Exception) -> Response | None:
    if isinstance(exc, DomainError):
        return _of_domain(exc)
    if isinstance(exc, (ConcurrentTransition, TransitionNotAllowed)):
        return problem(409, CHANGED_MEANWHILE, "conflict")
    if isinstance(exc, (Http404, exceptions.NotFound)):
        return problem(404, NOT_FOUND, "not_found")
    if isinstance(exc, RequestDataTooBig):
        return problem(413, str(TooLarge.default_detail), "too_large")
    if isinstance(exc, PermissionDenied):
        return problem(403, "No tiene permiso para esto.", "refused")
    if isinstance(exc, (SuspiciousOperation, UnreadablePostError)):
        return problem(400, "La solicitud no se pudo leer.", "malformed")
    if isinstance(exc, exceptions.ValidationError):
        return _of_validation(exc)
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    return None


def problem(status: int, detail: str, code: str, errors: Any = (), **more: Any) -> Response:
    """`errors` yields (field, code, detail)."""
    faults = [{"field": field, "code": fault, "detail": text} for field, fault, text in errors]
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": faults,
        **more,
    }
    return Response(body, status=status)


def _of_domain(exc: DomainError) -> Response:
    if isinstance(exc, NotVisible):
        return problem(404, NOT_FOUND, "not_found")
    if isinstance(exc, InvalidInput):
        faults = [(field, exc.code, text) for field, text in exc.errors.items()]
        return problem(INPUTS.get(exc.code, 400), exc.message, exc.code, faults)
    if isinstance(exc, IllegalTransition):
        return problem(409, exc.message, exc.code, allowed=exc.allowed)
    if isinstance(exc, StaleVersion):
        return problem(412, exc.message, exc.code)
    faults = [(exc.field, exc.code, exc.message)] if exc.field else []
    is_persons = isinstance(exc, Refused) and exc.code not in TOO_SOON_OR_LATE
    return problem(403 if is_persons else 409, exc.message, exc.code, faults)


def _of_validation(exc: exceptions.ValidationError) -> Response:
    faults = list(_flat(exc.get_full_details()))
    detail = faults[0][2] if faults else "Los datos no son correctos."
    return problem(400, detail, "invalid", faults)


def _flat(details: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """DRF's nested details as (field, code, detail); `body` stands for the request as a whole."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield path or "body", str(details["code"]), str(details["message"])
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    else:
        for index, inner in enumerate(details):
            is_leaf = isinstance(inner, dict) and set(inner) == {"message", "code"}
            yield from _flat(inner, path if is_leaf else f"{path}.{index}".lstrip("."))


def _of_framework(exc: exceptions.APIException) -> Response:
    detail = DETAILS.get(type(exc), str(exc.detail))
    response = problem(exc.status_code, detail, CODES.get(type(exc)) or str(exc.get_codes()))
    if challenge := getattr(exc, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        response["Retry-After"] = str(max(int(wait + 0.999), 1))
    return response
