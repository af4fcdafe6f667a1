"""The contract's own description of itself: parameters that lists share, envelopes, and the problems that any operation may answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from api.pagination import LONGEST_PAGE, PAGE_SIZE

PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="De los enlaces `next` y `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE_SIZE}),
    OpenApiParameter("count", bool, description="Con `true`, la respuesta lleva el total en `count`."),
]
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="El número público, como T0001234.")
ID = OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="Repetida durante 24 horas, devuelve la primera respuesta sin volver a actuar.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='La versión que se leyó, como `"4"`. Si ya es otra: 412.'
)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <llave>`. La llave actúa por una persona, dentro de sus alcances.",
        }


def page_of(name: str, shape: type[serializers.Serializer[Any]]) -> Any:
    """The envelope of a list of `shape`."""
    return inline_serializer(
        name,
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "count": serializers.IntegerField(required=False),
            "results": shape(many=True),
        },
    )


PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "allowed": {"type": "array", "items": {"type": "string"}},
    },
}
ALWAYS = {
    400: "Solicitud incorrecta",
    401: "Falta identificarse",
    403: "No permitido",
    405: "Método no permitido",
    406: "Formato no disponible",
    429: "Demasiadas solicitudes; espere Retry-After",
}
IN_DETAIL = {404: "No existe, o no está a su alcance"}
MAY_BE_ABSENT = {"/api/v1/escalation-matrix/"}
"""Addresses of one thing that there may not be."""
IN_CHANGES = {409: "Conflicto", 413: "Demasiado grande", 415: "Tipo de contenido no admitido"}
WITH_VERSION = {412: "Otra versión que la de If-Match"}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Post-processing: every operation may be refused, each in the same shape."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            headers = [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]
            problems = dict(ALWAYS)
            problems |= IN_DETAIL if "{" in path or path in MAY_BE_ABSENT else {}
            problems |= IN_CHANGES if method != "get" else {}
            problems |= WITH_VERSION if "If-Match" in headers else {}
            for status, description in problems.items():
                content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                operation["responses"].setdefault(str(status), {"description": description, "content": content})
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result
