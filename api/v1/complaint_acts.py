"""What the caller does with a complaint or suggestion: its steps, what is said about it, and its story."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, paginate
from api.renderers import JSONParser, UploadParser
from api.v1 import attachments
from api.v1.complaints import NUMBER, ComplaintShape, ComplaintView, fresh
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, person
from api.v1.transitions import FieldShape, fields_and_files
from api.views import Strict, answer, if_match
from core.errors import InvalidInput
from core.text import is_number
from surveys import policy, voice_queries
from surveys.models import Voice, VoiceEntry, VoiceFile
from surveys.services import suggestions, voices
from surveys.vocabulary import Decision, VoiceState
from surveys.voice_queries import Line
from tickets.vocabulary import Visibility

IN_ORDER = Ordering("sequence", "sequence")
SALT = "api.complaint-file"
_STATE = labels(VoiceState)


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a step: text, long_text, choice or people (ids)."""

    name: str
    label: str
    type: str = "long_text"
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    effect: str
    do: Callable[..., Any]
    fields: tuple[Field, ...] = ()


REASON = Field("reason", "Motivo")
HOW = Field("reason", "Motivo", required=False, help="La mesa anota cómo lo dijo el cliente: entonces es obligatorio.")
STEPS: Mapping[str, Step] = {
    "acknowledge": Step("Acusar recibo", "El cliente sabe quién la atiende.", voices.acknowledge),
    "analyse": Step("Poner en análisis", "Queda en análisis.", voices.analyse),
    "answer": Step(
        "Responder",
        "El cliente recibe la respuesta y dice si está conforme.",
        voices.answer,
        (
            Field("text", "Respuesta"),
            Field("decision", "Decisión", "choice", False, "Obligatoria en las sugerencias."),
            Field("name", "En nombre de", "text", False),
        ),
    ),
    "agree": Step("Estoy conforme", "Se cierra.", voices.agree, (HOW,)),
    "appeal": Step("No estoy conforme", "La revisa el nivel siguiente.", voices.appeal, (REASON,)),
    "withdraw": Step("Retirar", "Se cierra sin más.", voices.withdraw, (HOW,)),
    "reroute": Step(
        "Turnar a otra área",
        "Empieza de nuevo en el área elegida.",
        voices.reroute,
        (Field("direction", "Dirección", "text"), Field("area", "Área", "text"), REASON),
    ),
    "point_at": Step(
        "Señalar personas",
        "No la ven, ni sus avisos, las personas señaladas.",
        voices.point_at,
        (
            Field("people", "Personas", "people", False, "Las señaladas, todas; ninguna: se retira el señalamiento."),
            REASON,
        ),
    ),
    "share": Step(
        "Compartir con todos los clientes",
        "Los usuarios válidos de todas las compañías la leen con estas palabras, y votan.",
        suggestions.share,
        (Field("subject", "Asunto para todos", "text"), Field("body", "Texto para todos")),
    ),
    "unshare": Step("Dejar de compartir", "Sólo la lee su compañía.", suggestions.unshare),
    "open_action": Step(
        "Abrir una acción correctiva",
        "Queda en el registro de acciones.",
        voices.open_action,
        (Field("title", "Título", "text", False), Field("problem", "Problema", required=False)),
    ),
}
REQUEST = {
    "type": "object",
    "required": ["transition"],
    "properties": {"transition": {"type": "string", "enum": list(STEPS)}},
    "additionalProperties": True,
    "example": {"transition": "answer", "text": "Ya hay dos personas al teléfono."},
}


class ActShape(serializers.Serializer[Any]):
    """`fields` son los datos que pide."""

    name = serializers.ChoiceField(choices=list(STEPS))
    label = serializers.CharField()  # type: ignore[assignment]
    effect = serializers.CharField()
    fields = FieldShape(many=True)  # type: ignore[assignment]

    @staticmethod
    def of(name: str, row: Voice) -> dict[str, Any]:
        step = STEPS[name]
        return {
            "name": name,
            "label": step.label,
            "effect": step.effect,
            "fields": [
                _field(field, row) for field in step.fields if not (field.type == "choice" and row.is_complaint)
            ],
        }


class Transitions(ComplaintView):
    @extend_schema(
        operation_id="complaint_transitions_list",
        parameters=[NUMBER],
        responses=inline_serializer("ComplaintTransitionList", {"results": ActShape(many=True)}),
    )
    def get(self, request: Request, number: str) -> Response:
        """Lo que la persona puede hacer ahora, y los datos que cada paso pide."""
        row = self.voice(number)
        offered = [name for name in policy.available(self.actor, row) if name in STEPS]
        return answer({"results": [ActShape.of(name, row) for name in offered]}, row)

    @extend_schema(
        operation_id="complaint_transitions_perform",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request={"application/json": REQUEST},
        responses=ComplaintShape,
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Da un paso. Si su situación no lo admite: 409, con los que sí (`allowed`)."""
        row = self.voice(number)
        data, _ = fields_and_files(request)
        name = data.pop("transition", None)
        if not isinstance(name, str) or name not in STEPS:
            raise InvalidInput({"transition": f"Elija un paso: {', '.join(STEPS)}."}, code="invalid_choice")
        values = _values(STEPS[name].fields, data)
        done = STEPS[name].do(row, by=self.actor, version=if_match(request, row), **values)
        changed = fresh(done if isinstance(done, Voice) else Voice.objects.visible_to(self.actor).get(pk=row.pk))
        return answer(ComplaintShape.of(changed, self.actor), changed)


class FileShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    url = serializers.URLField(help_text="Sirve unos minutos, a quien se le dio.")

    @staticmethod
    def of(row: VoiceFile, request: Request) -> dict[str, Any]:
        key = signing.dumps([row.pk, request.user.pk], salt=SALT)
        place = reverse("api:complaint-file", kwargs={"pk": row.pk})
        url = str(request.build_absolute_uri(f"{place}?key={key}"))
        return {"id": row.pk, "name": row.name, "size_bytes": row.size, "url": url}


class EntryShape(serializers.Serializer[Any]):
    """Un suceso. `text` lo dice en una frase; `body` es lo que se escribió. Lo interno (`is_public` falso) sólo lo lee la mesa."""

    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    at = Moment(null=False)
    actor = Ref()
    name = serializers.CharField(allow_null=True, help_text="En nombre de quién.")
    from_state = Coded(VoiceState, null=True)
    from_state_label = Label(null=True)
    to_state = Coded(VoiceState, null=True)
    to_state_label = Label(null=True)
    is_public = serializers.BooleanField()
    text = serializers.CharField()
    body = serializers.CharField(allow_null=True)
    files = FileShape(many=True)

    @staticmethod
    def of(line: Line, request: Request) -> dict[str, Any]:
        row = line.entry
        return {
            "sequence": row.sequence,
            "kind": row.kind,
            "at": moment(row.at),
            "actor": person(row.actor),
            "name": row.name or None,
            "from_state": row.from_state or None,
            "from_state_label": _STATE.get(row.from_state),
            "to_state": row.to_state or None,
            "to_state_label": _STATE.get(row.to_state),
            "is_public": row.is_public,
            "text": line.text,
            "body": line.quote or None,
            "files": [FileShape.of(file, request) for file in line.files],
        }


class Entries(ComplaintView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="complaint_entries_list",
        parameters=[NUMBER, *PAGE_PARAMETERS],
        responses=page_of("ComplaintEntryPage", EntryShape),
    )
    def get(self, request: Request, number: str) -> Response:
        """Su registro: todo lo que se hizo y se dijo, en orden."""
        row = self.voice(number)
        rows = VoiceEntry.objects.visible_to(self.actor).filter(row=row).select_related("actor")
        return answer(paginate(rows, request, lambda found: _entries(found, row, request), IN_ORDER), row)


class NewComplaintMessage(Strict):
    body = serializers.CharField(max_length=50_000)
    visibility = Coded(Visibility, required=False)


class Messages(ComplaintView):
    parser_classes = [JSONParser, UploadParser]

    @extend_schema(
        operation_id="complaint_messages_create",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request=NewComplaintMessage,
        responses={201: EntryShape},
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Escribe un comentario; con `visibility: internal`, una nota de la mesa, que no lleva archivos. Con archivos: multipart, en `files`."""
        row = self.voice(number)
        given, files = fields_and_files(request)
        serializer = NewComplaintMessage(data=given)
        serializer.is_valid(raise_exception=True)
        body, version = serializer.validated_data["body"], if_match(request, row)
        try:
            if serializer.validated_data.get("visibility") == Visibility.INTERNAL:
                if files:
                    raise InvalidInput({"files": "Las notas internas no llevan archivos."})
                done = voices.note(row, by=self.actor, text=body, version=version)
            else:
                done = voices.comment(row, by=self.actor, text=body, files=files, version=version)
        except InvalidInput as error:
            faults = {"body" if name == "text" else name: text for name, text in error.errors.items()}
            raise InvalidInput(faults, code=error.code) from error
        entry = VoiceEntry.objects.visible_to(self.actor).select_related("actor").get(row=done, sequence=done.version)
        return answer(_entries([entry], done, request)[0], done, status=201)


class Download(attachments.Download):
    model = VoiceFile
    salt = SALT

    @extend_schema(
        operation_id="complaint_files_download",
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


def _entries(rows: Iterable[VoiceEntry], row: Voice, request: Request) -> list[dict[str, Any]]:
    assert isinstance(request.user, User)
    return [EntryShape.of(line, request) for line in voice_queries.lines(rows, row, request.user)]


def _field(field: Field, row: Voice) -> dict[str, Any]:
    choices = [[value, str(label)] for value, label in Decision.choices] if field.type == "choice" else []
    required = field.required or field.type == "choice"
    plain = {"name": field.name, "label": field.label, "type": field.type, "required": required}
    return {**plain, "help": field.help, "choices": choices}


def _values(fields: Iterable[Field], data: Mapping[str, Any]) -> dict[str, Any]:
    """The step's inputs, of the right kind. Raises InvalidInput with every unknown, missing or unusable one."""
    known = {field.name: field for field in fields}
    errors = {str(name)[:100]: "Este paso no usa ese dato." for name in data if name not in known}
    values: dict[str, Any] = {}
    for name, field in known.items():
        given = data.get(name)
        try:
            if field.type == "people":
                values[name] = _people(name, given)
            elif given is not None and not isinstance(given, str):
                raise InvalidInput({name: "Debe ser un texto."})
            elif given and given.strip():
                values[name] = given
            elif field.required:
                raise InvalidInput({name: f"Falta «{field.label}»."})
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return values


def _people(name: str, given: Any) -> list[User]:
    rows = [] if given is None else given
    if not isinstance(rows, list) or not all(
        not isinstance(value, bool) and isinstance(value, int | str) and is_number(str(value)) for value in rows
    ):
        raise InvalidInput({name: "Envíe una lista de identificadores."})
    ids = {int(value) for value in rows}
    found = list(User.objects.desk().filter(pk__in=ids))
    if len(found) < len(ids):
        raise InvalidInput({name: "Alguna de esas personas no existe."})
    return found
