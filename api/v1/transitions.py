"""`/tickets/{number}/transitions/`: what the caller may do to the ticket now, and doing it."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.renderers import JSONParser, UploadParser
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, NUMBER
from api.v1.shapes import TicketShape
from api.v1.tickets import fresh
from api.views import ApiView, answer, if_match
from core.errors import InvalidInput
from tickets import transitions
from tickets.services.perform import perform
from tickets.services.promises import LONGEST_REASON

NAMES = (*transitions.TRANSITIONS, transitions.RECORD_ANSWER.name)


class FieldShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    help = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class TransitionShape(serializers.Serializer[Any]):
    """`fields` son los datos que pide; `files`, si admite archivos (multipart)."""

    name = serializers.ChoiceField(choices=NAMES)
    label = serializers.CharField()  # type: ignore[assignment]
    effect = serializers.CharField()
    fields = FieldShape(many=True)  # type: ignore[assignment]
    files = serializers.BooleanField()


REQUEST = {
    "type": "object",
    "required": ["transition"],
    "properties": {
        "transition": {"type": "string", "enum": list(NAMES)},
        "committed_for": {
            "type": "string",
            "format": "date-time",
            "description": "Con `start`: la fecha compromiso, si el mensaje la promete.",
        },
        "commitment_reason": {
            "type": "string",
            "maxLength": LONGEST_REASON,
            "description": "Con `start`: por qué cambia la fecha compromiso anterior. Hace falta sólo entonces.",
        },
    },
    "additionalProperties": True,
    "example": {"transition": "solve", "solution_type": "definitive", "solution": "Se corrigió el régimen fiscal."},
}


class Transitions(ApiView):
    parser_classes = [JSONParser, UploadParser]

    @extend_schema(
        operation_id="transitions_list",
        parameters=[NUMBER],
        responses=inline_serializer("TransitionList", {"results": TransitionShape(many=True)}),
    )
    def get(self, request: Request, number: str) -> Response:
        """Lo que la persona puede hacer ahora con el ticket, y los datos que cada paso pide."""
        row = self.ticket(number)
        offered = [transitions.as_data(spec, row, self.actor) for spec in transitions.available(row, self.actor)]
        return answer({"results": offered}, row)

    @extend_schema(
        operation_id="transitions_perform",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request={"application/json": REQUEST},
        responses=TicketShape,
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Da un paso. Si el estado del ticket no lo admite: 409, con los que sí (`allowed`)."""
        row = self.ticket(number)
        data, files = fields_and_files(request)
        name = data.pop("transition", None)
        if name not in NAMES:
            raise InvalidInput({"transition": f"Elija un paso: {', '.join(NAMES)}."}, code="invalid_choice")
        row = perform(row, name, by=self.actor, data=data, files=files, version=if_match(request, row))
        return answer(TicketShape.of(fresh(row)), row)


def fields_and_files(request: Request) -> tuple[dict[str, Any], list[Any]]:
    """The body's plain fields and its uploads, which go under `files`."""
    data = request.data
    if not hasattr(data, "lists"):
        if not isinstance(data, dict):
            raise ParseError("Envíe un objeto JSON.")
        return dict(data), []
    errors = {name: "Los archivos van en «files»." for name in request.FILES if name != "files"}
    errors |= {name: "Envíelo una sola vez." for name, values in request.POST.lists() if len(values) > 1}
    if errors:
        raise InvalidInput(errors, code="unknown_field")
    return request.POST.dict(), request.FILES.getlist("files")
