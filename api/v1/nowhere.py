"""An address that the API does not have."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NOT_FOUND
from api.views import ApiView
from core.errors import NotVisible


@extend_schema(exclude=True)
class Nowhere(ApiView):
    http_method_names = [*ApiView.http_method_names, "options"]
    authentication_classes = []
    permission_classes = []

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotVisible(NOT_FOUND)

    post = put = patch = delete = get

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.get(request)
