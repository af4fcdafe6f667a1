"""`/surveys/`: satisfaction surveys, and their person's answer (guide 3.13)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND, Conflict
from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, paginate
from api.v1.docs import ID, IDEMPOTENCY_KEY, PAGE_PARAMETERS, page_of
from api.v1.filters import identifier, moment_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, named, person
from api.views import ApiView, Strict, answer, read
from core.errors import InvalidInput, NotVisible, Refused
from surveys import satisfaction_queries
from surveys.answers import LONGEST
from surveys.models import Survey
from surveys.scoring import HIGHEST, LOWEST
from surveys.services import satisfaction
from surveys.vocabulary import InvitationState, LeftOut, QuestionKind
from tickets.vocabulary import ServiceLine

NEWEST_FIRST = Ordering("-id", "pk", descending=True)
MANY = 50
CODED = {"state": InvitationState, "service_line": ServiceLine}
IDS = ("company", "group", "agent")
MOMENTS = {
    "closed_after": "closed_at__gt",
    "closed_before": "closed_at__lt",
    "answered_after": "answered_at__gt",
    "answered_before": "answered_at__lt",
}
FILTERS = frozenset({*CODED, *IDS, *MOMENTS, "score", "low"})
_STATE, _LINE, _LEFT_OUT, _KIND = labels(InvitationState), labels(ServiceLine), labels(LeftOut), labels(QuestionKind)


class SurveyShape(serializers.Serializer[Any]):
    """`score` es la respuesta a la primera pregunta, de 1 a 5. Quién atendió, el grupo y por qué no se preguntó sólo los lee la mesa."""

    id = serializers.IntegerField()
    ticket = serializers.CharField()
    person = Ref()
    company = Ref()
    service_line = Coded(ServiceLine)
    service_line_label = Label()
    group = Ref(allow_null=True)
    agent = Ref(allow_null=True)
    state = Coded(InvitationState)
    state_label = Label()
    left_out = Coded(LeftOut, null=True)
    left_out_label = Label(null=True)
    closed_at = Moment(null=False)
    invited_at = Moment()
    expires_at = Moment()
    answered_at = Moment()
    changed_at = Moment()
    score = serializers.IntegerField(allow_null=True, min_value=LOWEST, max_value=HIGHEST)
    is_low = serializers.BooleanField()
    comment = serializers.CharField(allow_null=True)
    questionnaire = serializers.IntegerField()

    @staticmethod
    def of(row: Survey, actor: User) -> dict[str, Any]:
        """The row needs what `satisfaction_queries.listed` gives it."""
        desk = actor.is_desk
        return {
            "id": row.pk,
            "ticket": row.ticket.number,
            "person": person(row.person),
            "company": named(row.company),
            "service_line": row.service_line,
            "service_line_label": _LINE[row.service_line],
            "group": named(row.group) if desk else None,
            "agent": person(row.agent) if desk else None,
            "state": row.state,
            "state_label": _STATE[row.state],
            "left_out": row.left_out or None,
            "left_out_label": _LEFT_OUT.get(row.left_out),
            "closed_at": moment(row.closed_at),
            "invited_at": moment(row.invited_at),
            "expires_at": moment(row.expires_at),
            "answered_at": moment(row.answered_at),
            "changed_at": moment(row.changed_at),
            "score": row.score,
            "is_low": row.score is not None and row.score <= row.questionnaire.low_score,
            "comment": row.comment or None,
            "questionnaire": row.questionnaire_id,
        }


class AskedShape(serializers.Serializer[Any]):
    """Una pregunta y su respuesta: un número (de 1 a 5; sí y no: 1 y 0), un texto, o nada."""

    id = serializers.IntegerField()
    kind = Coded(QuestionKind)
    kind_label = Label()
    text = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    number = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(allow_null=True)


class SurveyInFull(SurveyShape):
    questions = AskedShape(many=True)


class Reply(Strict):
    question = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    value = serializers.JSONField(help_text="1 a 5; true o false; una de las opciones; o un texto.")


class SurveyAnswer(Strict):
    """Toda la respuesta: lo que se deje fuera queda sin contestar."""

    answers = serializers.ListField(child=Reply(), max_length=MANY)
    comment = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class SurveyList(ApiView):
    accepts = {"GET": PARAMETERS | FILTERS}

    @extend_schema(
        operation_id="surveys_list",
        parameters=[
            OpenApiParameter("state", str, many=True, explode=False, enum=InvitationState.values),
            OpenApiParameter("service_line", str, many=True, explode=False, enum=ServiceLine.values),
            *(OpenApiParameter(name, OpenApiTypes.INT64, many=True, explode=False) for name in IDS),
            OpenApiParameter("score", int, many=True, explode=False, enum=list(range(LOWEST, HIGHEST + 1))),
            OpenApiParameter("low", bool, description="Con `true`, sólo las calificaciones bajas de su cuestionario."),
            *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in MOMENTS),
            *PAGE_PARAMETERS,
        ],
        responses=page_of("SurveyPage", SurveyShape),
    )
    def get(self, request: Request) -> Response:
        """Las encuestas de satisfacción que la persona puede ver, de la más nueva a la más antigua: el cliente, las suyas."""
        rows = narrowed(satisfaction_queries.listed(self.actor), request)

        def present(found: Iterable[Survey]) -> list[dict[str, Any]]:
            return [SurveyShape.of(row, self.actor) for row in found]

        return answer(paginate(rows, request, present, NEWEST_FIRST))


class SurveyView(ApiView):
    """Base: the survey that the address names."""

    def survey(self, pk: int) -> Survey:
        """If the caller may see it. Another's and an absent one are the same NotVisible."""
        found: Survey | None = satisfaction_queries.listed(self.actor).filter(pk=pk).first()
        if found is None:
            raise NotVisible(NOT_FOUND)
        return found


class SurveyDetail(SurveyView):
    @extend_schema(operation_id="surveys_retrieve", parameters=[ID], responses=SurveyInFull)
    def get(self, request: Request, pk: int) -> Response:
        """Una encuesta, con sus preguntas y lo que se contestó."""
        return answer(in_full(self.survey(pk), self.actor))


class SurveyReply(SurveyView):
    @extend_schema(
        operation_id="surveys_answer", parameters=[ID, IDEMPOTENCY_KEY], request=SurveyAnswer, responses=SurveyInFull
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Contesta la encuesta, o cambia su respuesta. Sólo la persona a quien se le envió, y hasta que vence: después, 409."""
        row = self.survey(pk)
        if row.person_id != self.actor.pk:
            raise Refused("La contesta la persona a quien se le envió.")
        given = read(SurveyAnswer, request)
        replies = {one["question"]: _plain(one["value"]) for one in given["answers"]}
        try:
            satisfaction.answer(row, answers=replies, comment=given.get("comment", ""), by=self.actor)
        except InvalidInput as error:
            raise _placed(error, given["answers"]) from None
        except Refused as refusal:
            raise Conflict(refusal.message, refusal.code) from None
        return answer(in_full(self.survey(pk), self.actor))


def in_full(row: Survey, actor: User) -> dict[str, Any]:
    """The survey with its questions, each with its answer. Two queries."""
    given = {one.question_id: one for one in row.answers.all()}
    asked = []
    for question in row.questionnaire.questions.order_by("position", "pk"):
        one = given.get(question.pk)
        asked.append(
            {
                "id": question.pk,
                "kind": question.kind,
                "kind_label": _KIND[question.kind],
                "text": question.text,
                "options": question.choices,
                "is_required": question.is_required,
                "number": one.number if one else None,
                "answer": (one.text or None) if one else None,
            }
        )
    return {**SurveyShape.of(row, actor), "questions": asked}


def narrowed(rows: QuerySet[Survey], request: Request) -> QuerySet[Survey]:
    """`rows` within every filter of the request. Raises InvalidInput with all that is wrong."""
    errors: dict[str, str] = {}
    for name in sorted(FILTERS):
        values = request.query_params.getlist(name)
        if not values:
            continue
        try:
            rows = _within(rows, name, values)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors, code="invalid_filter")
    return rows


def _within(rows: QuerySet[Survey], name: str, values: list[str]) -> QuerySet[Survey]:
    if name in MOMENTS:
        return rows.filter(**{MOMENTS[name]: moment_of(values[0], name)})
    parts = [part.strip() for value in values for part in value.split(",")]
    if name == "low":
        if parts not in (["true"], ["false"]):
            raise InvalidInput({name: "Debe ser true o false."})
        low = F("questionnaire__low_score")
        return rows.filter(score__lte=low) if parts == ["true"] else rows.filter(score__gt=low)
    if name in IDS:
        if len(parts) > MANY:
            raise InvalidInput({name: f"Caben {MANY} identificadores."})
        return rows.filter(**{f"{name}__in": [identifier(part, name) for part in parts]})
    known = CODED[name].values if name in CODED else [str(grade) for grade in range(LOWEST, HIGHEST + 1)]
    if set(parts) - set(known):
        raise InvalidInput({name: f"Use uno o varios, separados por comas: {', '.join(known)}."})
    return rows.filter(**{f"{name}__in": parts})


def _plain(value: Any) -> Any:
    """What a form would have sent: yes and no, numbers and texts; anything else is none of the answers."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str | int | None) else "\x00"


def _placed(error: InvalidInput, sent: list[dict[str, Any]]) -> InvalidInput:
    """Each fault where it was sent: `answers.0.value`; `answers` for a question that is missing or is none of the survey's."""
    places = {f"question_{one['question']}": f"answers.{index}.value" for index, one in enumerate(sent)}
    errors: dict[str, str] = {}
    for name, message in error.errors.items():
        field = places.get(name, "answers" if name.startswith("question_") else name)
        errors[field] = f"{errors[field]} {message}" if field in errors else message
    return InvalidInput(errors, code=error.code)
