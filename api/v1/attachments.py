"""`/tickets/{number}/attachments/`, and the short-lived link by which a file is downloaded."""

from collections.abc import Iterable
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.core import signing
from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND
from api.idempotency import idempotent
from api.pagination import PARAMETERS, paginate
from api.renderers import UploadParser
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, NUMBER, PAGE_PARAMETERS, page_of
from api.v1.shapes import Moment, Ref, moment, person
from api.v1.transitions import fields_and_files
from api.views import ApiView, answer, if_match
from core.errors import InvalidInput, NotVisible
from tickets.models import Attachment
from tickets.models.conversation import StoredFile
from tickets.services import conversation

log = structlog.get_logger(__name__)

SALT = "api.attachment"


class AttachmentShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    uploaded_by = Ref()
    message = serializers.IntegerField(allow_null=True)
    created_at = Moment(null=False)
    url = serializers.URLField(help_text="Sirve unos minutos, a quien se le dio.")

    @staticmethod
    def of(row: Attachment, request: Request) -> dict[str, Any]:
        return {
            "id": row.pk,
            "name": row.name,
            "content_type": row.content_type,
            "size_bytes": row.size,
            "sha256": row.sha256,
            "uploaded_by": person(row.uploaded_by),
            "message": row.message_id,
            "created_at": moment(row.created_at),
            "url": link(row, request),
        }


def link(row: Attachment, request: Request) -> str:
    """Names the file and for whom it is; opens for `API_LINK_SECONDS`, and only while that person may see the file."""
    key = signing.dumps([row.pk, request.user.pk], salt=SALT)
    return str(request.build_absolute_uri(f"{reverse('api:download', kwargs={'pk': row.pk})}?key={key}"))


def present(rows: Iterable[Attachment], request: Request) -> list[dict[str, Any]]:
    return [AttachmentShape.of(row, request) for row in rows]


class Attachments(ApiView):
    accepts = {"GET": PARAMETERS}
    parser_classes = [UploadParser]

    @extend_schema(
        operation_id="attachments_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("AttachmentPage", AttachmentShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """Los archivos del ticket, cada uno con su enlace de descarga."""
        row = self.ticket(number)
        files = Attachment.objects.visible_to(self.actor).filter(ticket=row).select_related("uploaded_by")
        return answer(paginate(files, request, lambda found: present(found, request)))

    @extend_schema(
        operation_id="attachments_create",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request={
            "multipart/form-data": inline_serializer(
                "Upload", {"files": serializers.ListField(child=serializers.FileField(), min_length=1)}
            )
        },
        responses={201: inline_serializer("AttachmentsCreated", {"results": AttachmentShape(many=True)})},
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Adjunta archivos (`files`, uno o varios)."""
        row = self.ticket(number)
        data, files = fields_and_files(request)
        if data:
            raise InvalidInput(dict.fromkeys(data, "Este recurso no conoce ese dato."), code="unknown_field")
        kept = conversation.attach(row, by=self.actor, files=files, version=if_match(request, row))
        return answer({"results": present(kept, request)}, status=201)


class AnyFormat(BaseContentNegotiation):
    """A file is what it is, whatever the browser says it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Download(ApiView):
    """The key in the address says for whom it was made; whether they may still see the file is asked again."""

    model: ClassVar[type[StoredFile]] = Attachment
    salt: ClassVar[str] = SALT
    authentication_classes = []
    permission_classes = []
    content_negotiation_class = AnyFormat
    accepts = {"GET": {"key"}}

    @extend_schema(
        operation_id="attachments_download",
        auth=[],
        parameters=[
            OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH),
            OpenApiParameter("key", str, required=True),
        ],
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: int) -> Any:
        """El archivo, para quien recibió el enlace y mientras pueda verlo."""
        return self.file(request, pk)

    def file(self, request: Request, pk: int) -> FileResponse:
        try:
            row_id, user_id = signing.loads(
                request.query_params.get("key", ""), salt=self.salt, max_age=settings.API_LINK_SECONDS
            )
        except (signing.BadSignature, ValueError, TypeError):
            raise NotVisible(NOT_FOUND) from None
        actor = User.objects.filter(pk=user_id).first()
        row = actor and self.model._default_manager.visible_to(actor).filter(pk=row_id).first()  # type: ignore[attr-defined]
        if not row or row.pk != pk:
            raise NotVisible(NOT_FOUND)
        try:
            content = row.file.open("rb")
        except OSError:
            log.exception("attachment_missing", attachment=row.pk)
            raise NotVisible(NOT_FOUND) from None
        return FileResponse(
            content,
            as_attachment=True,
            filename=row.name,
            content_type="application/octet-stream",
            headers={
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )
