"""What every resource shares: scopes, strict query parameters, and the ticket that the address names."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Protocol

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.errors import NOT_FOUND
from api.scopes import Scope, reads
from core.errors import InvalidInput, NotVisible, StaleVersion
from tickets.models import Ticket

REPEATABLE = frozenset(
    {"state", "priority", "kind", "service_line", "company", "requester", "group", "assignee", "channel"}
)


class ApiView(APIView):
    """`accepts` names the query parameters of each method; any other is a 400, never ignored."""

    read_scope: ClassVar[str | None] = Scope.TICKETS_READ
    write_scope: ClassVar[str | None] = Scope.TICKETS_WRITE
    accepts: ClassVar[Mapping[str, Collection[str]]] = {}
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    rate_headers: Mapping[str, str] = {}

    def scope_for(self, method: str | None) -> str | None:
        return self.read_scope if reads(method) else self.write_scope

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_query(request, self.accepts.get("GET" if request.method == "HEAD" else str(request.method), ()))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.rate_headers.items():
            answer[name] = value
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    @property
    def actor(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    def ticket(self, number: str) -> Ticket:
        """The ticket that the address names, if the caller may see it. Another's and an absent one are the same NotVisible."""
        found: Ticket | None = Ticket.objects.visible_to(self.actor).with_people().by_number(number).first()
        if found is None:
            raise NotVisible(NOT_FOUND)
        return found


def check_query(request: Request, known: Collection[str]) -> None:
    errors = {}
    for name, values in request.query_params.lists():
        if name not in known:
            errors[name[:100]] = "Este recurso no conoce ese parámetro."
        elif len(values) > 1 and name not in REPEATABLE:
            errors[name] = "Envíelo una sola vez."
        elif any("\x00" in value or "\ufffd" in value for value in values):
            errors[name] = "Contiene caracteres que no se admiten."
    if errors:
        raise InvalidInput(errors, code="unknown_parameter" if set(errors) - set(known) else "invalid")


class Versioned(Protocol):
    """A row whose every change raises its version: a ticket, a complaint."""

    version: Any


def if_match(request: Request, row: Versioned) -> int | None:
    """The version that the change must find, from `If-Match`; None when the caller does not ask. StaleVersion if it is another one already."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    if etag(row) not in [tag.strip() for tag in given.split(",")]:
        raise StaleVersion("Cambió desde que usted lo leyó. Léalo de nuevo y vuelva a intentarlo.")
    return int(row.version)


def etag(row: Versioned) -> str:
    return f'"{row.version}"'


def answer(data: Any, row: Versioned | None = None, *, status: int = 200, location: str | None = None) -> Response:
    headers = {}
    if row is not None:
        headers["ETag"] = etag(row)
    if location is not None:
        headers["Location"] = location
    return Response(data, status=status, headers=headers)


class Strict(serializers.Serializer[Any]):
    """A body whose unknown fields are an error, one for each."""

    default_error_messages = {"invalid": "Envíe un objeto JSON."}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {
                str(name)[:100]: ["Este recurso no conoce ese dato."] for name in data if name not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown_field")
        return super().to_internal_value(data)


def read(body: type[Strict], request: Request) -> dict[str, Any]:
    """The request's body, checked. Raises ValidationError."""
    # DRF answers null in a language of its own.
    serializer = body(data=[] if request.data is None else request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
