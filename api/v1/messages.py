"""`/tickets/{number}/messages/`: the conversation."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, paginate
from api.renderers import JSONParser, UploadParser
from api.v1.attachments import AttachmentShape
from api.v1.attachments import present as present_files
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, NUMBER, PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, person
from api.v1.transitions import fields_and_files
from api.views import ApiView, Strict, answer, if_match
from core.errors import InvalidInput, Refused
from tickets.models import Message, Ticket
from tickets.services import conversation
from tickets.services.promises import LONGEST_REASON
from tickets.vocabulary import Channel, Visibility

OLDEST_FIRST = Ordering("created_at", "created_at")
_VISIBILITY, _CHANNEL = labels(Visibility), labels(Channel)


class MessageShape(serializers.Serializer[Any]):
    """`ticket` es el que lo contiene: lo que el cliente escribe en uno terminado abre otro de seguimiento, y entonces `id` es nulo."""

    id = serializers.IntegerField(allow_null=True)
    ticket = serializers.CharField()
    author = Ref()
    visibility = Coded(Visibility)
    visibility_label = Label()
    channel = Coded(Channel)
    channel_label = Label()
    body = serializers.CharField()
    committed_for = Moment()
    created_at = Moment(null=False)
    attachments = AttachmentShape(many=True)

    @staticmethod
    def of(row: Message, ticket: Ticket, request: Request) -> dict[str, Any]:
        return {
            "id": row.pk,
            "ticket": ticket.number,
            "author": person(row.author),
            "visibility": row.visibility,
            "visibility_label": _VISIBILITY[row.visibility],
            "channel": row.channel,
            "channel_label": _CHANNEL[row.channel],
            "body": row.body,
            "committed_for": moment(row.committed_for),
            "created_at": moment(row.created_at),
            "attachments": present_files(row.attachments.all(), request),
        }


class NewMessage(Strict):
    body = serializers.CharField(max_length=50_000)
    visibility = Coded(Visibility, required=False)
    committed_for = serializers.DateTimeField(
        required=False, allow_null=True, help_text="La fecha compromiso. La promete la mesa."
    )
    commitment_reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REASON,
        help_text="Por qué cambia la fecha compromiso anterior: hace falta sólo entonces, y el cliente lo lee.",
    )


class Messages(ApiView):
    accepts = {"GET": PARAMETERS}
    parser_classes = [JSONParser, UploadParser]

    @extend_schema(
        operation_id="messages_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("MessagePage", MessageShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """La conversación, de la más antigua a la más nueva. Las notas internas, sólo para la mesa."""
        ticket = self.ticket(number)

        def present(found: Iterable[Message]) -> list[dict[str, Any]]:
            return [MessageShape.of(row, ticket, request) for row in found]

        return answer(paginate(thread(ticket, self), request, present, OLDEST_FIRST))

    @extend_schema(
        operation_id="messages_create",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request=NewMessage,
        responses={201: MessageShape},
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Escribe un mensaje al cliente o a la mesa; con `visibility: internal`, una nota. Con archivos: multipart, en `files`."""
        ticket = self.ticket(number)
        given, files = fields_and_files(request)
        serializer = NewMessage(data=given)
        serializer.is_valid(raise_exception=True)
        body = dict(serializer.validated_data)
        common = {"by": self.actor, "message": body["body"], "files": files, "version": if_match(request, ticket)}
        try:
            if body.get("visibility") == Visibility.INTERNAL:
                if self.actor.is_customer:
                    raise Refused("Las notas internas son de la Mesa de Servicio.")
                if body.get("committed_for") or body.get("commitment_reason"):
                    raise InvalidInput({"committed_for": "Una nota interna no promete nada al cliente."})
                holder = conversation.note(ticket, **common)
            else:
                holder = conversation.reply(
                    ticket,
                    committed_for=body.get("committed_for"),
                    commitment_reason=body.get("commitment_reason", ""),
                    channel=Channel.API,
                    **common,
                )
        except InvalidInput as error:
            raise _as_sent(error) from error
        said = thread(holder, self)
        if holder.pk == ticket.pk:
            said = said.filter(author=self.actor)
        latest = said.order_by("-pk").first()
        data = MessageShape.of(latest, holder, request) if latest is not None else self.opening(holder)
        place = reverse("api:messages", kwargs={"number": holder.number})
        return answer(data, holder, status=201, location=place)

    def opening(self, holder: Ticket) -> dict[str, Any]:
        """What was said became the new ticket's description."""
        return {
            "id": None,
            "ticket": holder.number,
            "author": person(self.actor),
            "visibility": Visibility.PUBLIC.value,
            "visibility_label": _VISIBILITY[Visibility.PUBLIC],
            "channel": holder.channel,
            "channel_label": _CHANNEL[holder.channel],
            "body": holder.description,
            "committed_for": None,
            "created_at": moment(holder.created_at),
            "attachments": [],
        }


def thread(ticket: Ticket, view: ApiView) -> Any:
    rows = Message.objects.visible_to(view.actor).filter(ticket=ticket)
    return rows.select_related("author").prefetch_related("attachments__uploaded_by")


def _as_sent(error: InvalidInput) -> InvalidInput:
    """The service calls it `message`; here it is `body`."""
    return InvalidInput(
        {"body" if name == "message" else name: text for name, text in error.errors.items()}, code=error.code
    )
