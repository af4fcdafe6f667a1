"""The API described by itself: `/schema/` (OpenAPI 3.1) and `/docs/`, both open to everybody, for they hold no data."""

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.attachments import AnyFormat
from api.views import ApiView


@cache
def schema() -> Any:
    """Drawn up once: it does not change while the process lives."""
    return SchemaGenerator().get_schema(public=True)


@extend_schema(exclude=True)
class Schema(ApiView):
    authentication_classes = []
    permission_classes = []
    content_negotiation_class = AnyFormat
    accepts = {"GET": {"lang"}}

    def get(self, request: Request) -> Response:
        return Response(schema(), headers={"Cache-Control": "public, max-age=300"})


# Swagger UI sets styles by itself; its script is a file of ours, so nothing else is loosened.
@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
@extend_schema(exclude=True)
class Docs(SpectacularSwaggerSplitView):
    url_name = "api:schema"
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
