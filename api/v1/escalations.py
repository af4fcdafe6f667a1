"""`/tickets/{number}/escalations/`: a ticket's way up the matrices, going further, and what a level does with it; `/escalation-matrix/`:
who is on them (guide 3.5.2)."""

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND, Conflict
from api.idempotency import idempotent
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, NUMBER
from api.v1.filters import identifier
from api.v1.shapes import Coded, Label, Moment, labels, moment
from api.views import ApiView, Strict, answer, if_match, read
from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from customers.models import Contract
from escalation import matrices, policy, standing
from escalation.matrices import Place, Published
from escalation.models import EscalationStep
from escalation.services import answering, raising
from escalation.standing import Way
from escalation.vocabulary import Cause, EscalationState, MatrixKind
from tickets.models import Ticket

_MATRIX, _STATE, _CAUSE = labels(MatrixKind), labels(EscalationState), labels(Cause)
ON_TICKETS = [(kind.value, kind.label) for kind in standing.KINDS]


class MatrixField(serializers.ChoiceField):
    """The matrices that a ticket goes up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ON_TICKETS, **kwargs)


class NextShape(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    role = serializers.CharField()
    name = serializers.CharField(allow_blank=True)


class StepShape(serializers.Serializer[Any]):
    """Un nivel avisado. `name` es nulo cuando no hubo a quién; `overdue_at`, cuándo pasó el plazo que no cumplió."""

    number = serializers.IntegerField()
    level = serializers.IntegerField()
    role = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    instead_of = serializers.CharField(allow_null=True, help_text="En ausencia de quién se le avisó.")
    cause = Coded(Cause)
    cause_label = Label()
    reason = serializers.CharField(allow_blank=True)
    notified_at = Moment(null=False)
    acknowledge_by = Moment()
    acknowledged_at = Moment()
    acknowledged_by = serializers.CharField(allow_null=True)
    answer_by = Moment()
    answered_at = Moment()
    answered_by = serializers.CharField(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    overdue_at = Moment()

    @staticmethod
    def of(row: EscalationStep) -> dict[str, Any]:
        return {
            "number": row.number,
            "level": row.level,
            "role": row.role,
            "name": row.name or None,
            "instead_of": row.instead_of or None,
            "cause": row.cause,
            "cause_label": _CAUSE[row.cause],
            "reason": row.reason,
            "notified_at": moment(row.notified_at),
            "acknowledge_by": moment(row.acknowledge_by),
            "acknowledged_at": moment(row.acknowledged_at),
            "acknowledged_by": row.acknowledged_by or None,
            "answer_by": moment(row.answer_by),
            "answered_at": moment(row.answered_at),
            "answered_by": row.answered_by or None,
            "answer": row.answer or None,
            "overdue_at": moment(row.overdue_at),
        }


class WayShape(serializers.Serializer[Any]):
    """Una matriz. Sin escalar, `state` y `level` son nulos; `next` es a quién se avisaría, `reason` por qué la persona no puede ahora."""

    matrix = MatrixField()
    matrix_label = Label()
    state = Coded(EscalationState, null=True)
    state_label = Label(null=True)
    level = serializers.IntegerField(allow_null=True)
    may_escalate = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    next = NextShape(allow_null=True)
    steps = StepShape(many=True)

    @staticmethod
    def of(way: Way) -> dict[str, Any]:
        case, following = way.case, way.next
        return {
            "matrix": way.kind,
            "matrix_label": _MATRIX[way.kind],
            "state": case.state if case else None,
            "state_label": _STATE[case.state] if case else None,
            "level": case.level if case else None,
            "may_escalate": bool(way.may),
            "reason": "" if way.may else way.may.reason,
            "next": {"level": following.level, "role": following.role, "name": following.name} if following else None,
            "steps": [StepShape.of(step) for step in way.steps],
        }


ESCALATIONS = inline_serializer("Escalations", {"ways": WayShape(many=True)})


class NewEscalation(Strict):
    reason = serializers.CharField(max_length=2000)
    matrix = MatrixField(default=MatrixKind.SERVICE_DESK.value)


class Acknowledgement(Strict):
    """Sin `matrix`: la que espera algo."""

    matrix = MatrixField(required=False)


class LevelAnswer(Strict):
    """Sin `matrix`: la que espera algo."""

    text = serializers.CharField(max_length=50_000)
    matrix = MatrixField(required=False)


class Escalations(ApiView):
    @extend_schema(operation_id="escalations_list", parameters=[NUMBER], responses=ESCALATIONS)
    def get(self, request: Request, number: str) -> Response:
        """Hasta dónde ha subido el ticket en cada matriz, y si la persona puede ir más allá ahora."""
        return told(self.ticket(number), self.actor)

    @extend_schema(
        operation_id="escalations_create",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request=NewEscalation,
        responses={201: ESCALATIONS},
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Avisa al nivel siguiente. Mientras no responda el presente ni pase su plazo: 409, `not_yet`."""
        row = self.ticket(number)
        given = read(NewEscalation, request)
        raising.escalate(
            row, by=self.actor, reason=given["reason"], kind=given["matrix"], version=if_match(request, row)
        )
        place = reverse("api:escalations", kwargs={"number": row.number})
        return told(self.ticket(number), self.actor, status=201, location=place)


class Acknowledge(ApiView):
    @extend_schema(
        operation_id="escalations_acknowledge",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request=Acknowledgement,
        responses=ESCALATIONS,
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Acusa recibo por el nivel presente. Para la mesa."""
        row = self.ticket(number)
        given = read(Acknowledgement, request)
        step = present(row, self.actor, given.get("matrix"))
        answering.acknowledge(step, by=self.actor, version=if_match(request, row))
        return told(self.ticket(number), self.actor)


class Answer(ApiView):
    @extend_schema(
        operation_id="escalations_answer",
        parameters=[NUMBER, IDEMPOTENCY_KEY, IF_MATCH],
        request=LevelAnswer,
        responses=ESCALATIONS,
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Responde al cliente por el nivel presente, y acusa recibo si nadie lo había hecho. Para la mesa."""
        row = self.ticket(number)
        given = read(LevelAnswer, request)
        step = present(row, self.actor, given.get("matrix"))
        answering.answer(step, by=self.actor, text=given["text"], version=if_match(request, row))
        return told(self.ticket(number), self.actor)


def told(ticket: Ticket, actor: User, *, status: int = 200, location: str | None = None) -> Response:
    ways = standing.of(ticket, actor, at=clock.now()).ways
    return answer({"ways": [WayShape.of(way) for way in ways]}, ticket, status=status, location=location)


def present(ticket: Ticket, actor: User, matrix: str | None) -> EscalationStep:
    """The last level told on the matrix; without one named, on the one where something is owed. The service judges whether it still is.

    Raises Refused for a customer, and Conflict where nobody was told.
    """
    if actor.is_customer:
        raise Refused("Acusan recibo y responden las personas de la Mesa de Servicio.")
    where = standing.of(ticket, actor, at=clock.now())
    ways = [way for way in where.ways if way.steps and matrix in (None, way.kind)]
    ways.sort(key=lambda way: way.present is None)
    if not ways:
        raise Conflict("El ticket no se ha escalado: nadie espera un acuse ni una respuesta.", "not_escalated")
    return ways[0].steps[-1]


class LevelShape(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    role = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    direct_phone = serializers.CharField(allow_blank=True)
    mobile = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    acknowledge_seconds = serializers.IntegerField(help_text="En el horario de la mesa para el ticket.")
    answer_seconds = serializers.IntegerField(help_text="En el horario de la mesa para el ticket.")

    @staticmethod
    def of(place: Place) -> dict[str, Any]:
        return {
            "level": place.level,
            "role": place.role,
            "name": place.contact_name,
            "phone": place.phone,
            "direct_phone": place.direct_phone,
            "mobile": place.mobile,
            "email": place.email,
            "acknowledge_seconds": place.acknowledge_minutes * 60,
            "answer_seconds": place.answer_minutes * 60,
        }


class MatrixShape(serializers.Serializer[Any]):
    matrix = MatrixField()
    matrix_label = Label()
    version = serializers.IntegerField()
    valid_from = Moment(null=False)
    levels = LevelShape(many=True)

    @staticmethod
    def of(found: Published) -> dict[str, Any]:
        return {
            "matrix": found.kind,
            "matrix_label": _MATRIX[found.kind],
            "version": found.version,
            "valid_from": moment(found.valid_from),
            "levels": [LevelShape.of(place) for place in found.places],
        }


class Matrix(ApiView):
    accepts = {"GET": {"contract", "service"}}

    @extend_schema(
        operation_id="escalation_matrix",
        parameters=[
            OpenApiParameter("contract", OpenApiTypes.INT64, description="Con `service`: el listado técnico."),
            OpenApiParameter("service", OpenApiTypes.INT64, description="El servicio contratado."),
        ],
        responses=MatrixShape,
    )
    def get(self, request: Request) -> Response:
        """La matriz en vigor de la Mesa de Servicio; con `contract` y `service`, su Listado de Escalamiento de Fallas Técnicas, para la
        mesa y para quien representa a la compañía."""
        at, asked = clock.now(), {name: request.query_params.get(name) for name in ("contract", "service")}
        if missing := [name for name, value in asked.items() if value is None]:
            if len(missing) == 1:
                raise InvalidInput({missing[0]: "El listado técnico es de un contrato y un servicio: envíe los dos."})
            found = matrices.in_force(MatrixKind.SERVICE_DESK, at=at)
        else:
            contract_id, service_id = (identifier(str(value), name) for name, value in asked.items())
            rows = Contract.objects.visible_to(self.actor).filter(pk=contract_id, services=service_id)
            if not policy.reads_list(self.actor) or not rows.exists():
                raise NotVisible(NOT_FOUND)
            found = matrices.in_force(MatrixKind.TECHNICAL, contract_id=contract_id, service_id=service_id, at=at)
        if found is None:
            raise NotVisible(NOT_FOUND)
        return answer(MatrixShape.of(found))
