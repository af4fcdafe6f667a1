"""What the desk does with a corrective action, its story, and the files that show that it was done."""

from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, paginate
from api.renderers import JSONParser, UploadParser
from api.v1 import attachments
from api.v1.actions import NUMBER, ActionShape, ActionView, fresh
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, person
from api.v1.transitions import FieldShape, fields_and_files
from api.views import answer, if_match
from core import clock
from core.errors import InvalidInput
from improvements import acts, story
from improvements.models import ActionEntry, Evidence
from improvements.services.perform import perform
from improvements.vocabulary import ActionState

NAMES = tuple(acts.ACTS)
IN_ORDER = Ordering("sequence", "sequence")
SALT = "api.evidence"
_STATE = labels(ActionState)
REQUEST = {
    "type": "object",
    "required": ["transition"],
    "properties": {"transition": {"type": "string", "enum": list(NAMES)}},
    "additionalProperties": True,
    "example": {"transition": "implement", "evidence": "La alerta quedó activa y se probó."},
}


class ActionActShape(serializers.Serializer[Any]):
    """`fields` son los datos que pide; `files`, si admite archivos (multipart)."""

    name = serializers.ChoiceField(choices=NAMES)
    label = serializers.CharField()  # type: ignore[assignment]
    effect = serializers.CharField()
    fields = FieldShape(many=True)  # type: ignore[assignment]
    files = serializers.BooleanField()


class Transitions(ActionView):
    parser_classes = [JSONParser, UploadParser]

    @extend_schema(
        operation_id="corrective_action_transitions_list",
        parameters=[NUMBER],
        responses=inline_serializer("CorrectiveActionTransitionList", {"results": ActionActShape(many=True)}),
    )
    def get(self, request: Request, number: str) -> Response:
        """Lo que la persona puede hacer ahora con la acción, y los datos que cada paso pide."""
        row = self.one(number)
        return answer({"results": [acts.as_data(act) for act in acts.available(row, self.actor)]}, row)

    @extend_schema(
        operation_id="corrective_action_transitions_perform",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request={"application/json": REQUEST},
        responses=ActionShape,
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Da un paso. Si su situación no lo admite: 409, con los que sí (`allowed`)."""
        row = self.one(number)
        data, files = fields_and_files(request)
        name = data.pop("transition", None)
        if not isinstance(name, str) or name not in NAMES:
            raise InvalidInput({"transition": f"Elija un paso: {', '.join(NAMES)}."}, code="invalid_choice")
        row = fresh(perform(row, name, by=self.actor, data=data, files=files, version=if_match(request, row)))
        return answer(ActionShape.of(row, self.actor, at=clock.now()), row)


class ActionEntryShape(serializers.Serializer[Any]):
    """Un suceso. `text` lo dice en una frase, después de quién lo hizo; `body` es lo que se escribió."""

    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    at = Moment(null=False)
    actor = Ref()
    from_state = Coded(ActionState, null=True)
    from_state_label = Label(null=True)
    to_state = Coded(ActionState, null=True)
    to_state_label = Label(null=True)
    text = serializers.CharField()
    body = serializers.CharField(allow_null=True)

    @staticmethod
    def of(row: ActionEntry) -> dict[str, Any]:
        told = story.tell(row)
        return {
            "sequence": row.sequence,
            "kind": row.kind,
            "at": moment(row.at),
            "actor": person(row.actor),
            "from_state": row.from_state or None,
            "from_state_label": _STATE.get(row.from_state),
            "to_state": row.to_state or None,
            "to_state_label": _STATE.get(row.to_state),
            "text": told.sentence,
            "body": told.text or None,
        }


class Entries(ActionView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="corrective_action_entries_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("CorrectiveActionEntryPage", ActionEntryShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """La historia de la acción, para la mesa; quien representa a la compañía no la lee."""
        row = self.one(number)
        rows = ActionEntry.objects.visible_to(self.actor).filter(row=row).select_related("actor")

        def present(found: Iterable[ActionEntry]) -> list[dict[str, Any]]:
            return [ActionEntryShape.of(entry) for entry in found]

        return answer(paginate(rows, request, present, IN_ORDER))


class EvidenceShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    uploaded_by = Ref()
    created_at = Moment(null=False)
    url = serializers.URLField(help_text="Sirve unos minutos, a quien se le dio.")

    @staticmethod
    def of(row: Evidence, request: Request) -> dict[str, Any]:
        key = signing.dumps([row.pk, request.user.pk], salt=SALT)
        place = reverse("api:evidence", kwargs={"pk": row.pk})
        return {
            "id": row.pk,
            "name": row.name,
            "size_bytes": row.size,
            "uploaded_by": person(row.uploaded_by),
            "created_at": moment(row.created_at),
            "url": str(request.build_absolute_uri(f"{place}?key={key}")),
        }


class Files(ActionView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="corrective_action_files_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("EvidencePage", EvidenceShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """Los archivos que muestran que se hizo, cada uno con su enlace de descarga. Para la mesa."""
        row = self.one(number)
        rows = Evidence.objects.visible_to(self.actor).filter(row=row).select_related("uploaded_by")

        def present(found: Iterable[Evidence]) -> list[dict[str, Any]]:
            return [EvidenceShape.of(file, request) for file in found]

        return answer(paginate(rows, request, present))


class Download(attachments.Download):
    model = Evidence
    salt = SALT

    @extend_schema(
        operation_id="evidence_download",
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
