"""`/sla/summary/`: how the open tickets stand and what was kept lately, in numbers: the console's board, for other tools."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.scopes import Scope
from api.v1.filters import identifier
from api.v1.shapes import Coded, Label, Moment, Ref
from api.views import ApiView, answer
from core import clock
from core.errors import InvalidInput, Refused
from customers.models import Company
from sla import board, record, risk
from sla.board import NO_GROUP, Counts, Narrow, Present, Share
from sla.record import Outcome, Record
from tickets.vocabulary import Priority, ServiceLine

NONE = "none"
UNKNOWN = "No existe."


class CountsShape(serializers.Serializer[Any]):
    """`late` venció; `risk`, en riesgo; `ok`, en tiempo; `paused`, nada corre y algo espera; `idle`, reacción y atención cumplidas."""

    open = serializers.IntegerField()
    late = serializers.IntegerField()
    risk = serializers.IntegerField()
    ok = serializers.IntegerField()
    paused = serializers.IntegerField()
    idle = serializers.IntegerField()

    @staticmethod
    def of(counts: Counts) -> dict[str, int]:
        return {name: getattr(counts, name) for name in ("open", "late", "risk", "ok", "paused", "idle")}


class ByPriority(CountsShape):
    priority = Coded(Priority)
    priority_label = Label()


class ByServiceLine(CountsShape):
    service_line = Coded(ServiceLine)
    service_line_label = Label()


class ByGroup(CountsShape):
    group = Ref(allow_null=True)


class ByCompany(CountsShape):
    company = Ref()


class OutcomeShape(serializers.Serializer[Any]):
    """`percent` de los cumplidos, a décimas: 100 sólo si ninguno fue tarde; nulo si no hubo."""

    met = serializers.IntegerField()
    late = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)

    @staticmethod
    def of(outcome: Outcome) -> dict[str, Any]:
        return {"met": outcome.met, "late": outcome.late, "total": outcome.n, "percent": outcome.percent}


class WeekShape(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    reaction = OutcomeShape()
    attention = OutcomeShape()
    commitments = OutcomeShape()


class ComplianceShape(serializers.Serializer[Any]):
    """Lo que se decidió desde `since`. `corrected`: incumplimientos que una reclasificación corrigió; no cuentan en lo demás."""

    days = serializers.IntegerField()
    since = Moment(null=False)
    at = Moment(null=False)
    reaction = OutcomeShape()
    attention = OutcomeShape()
    commitments = OutcomeShape()
    renegotiated = serializers.IntegerField()
    corrected = serializers.IntegerField()
    weeks = WeekShape(many=True)

    @staticmethod
    def of(past: Record) -> dict[str, Any]:
        names = ("reaction", "attention", "commitments")
        return {
            "days": past.days,
            "since": past.since,
            "at": past.at,
            **{name: OutcomeShape.of(getattr(past, name)) for name in names},
            "renegotiated": past.renegotiated,
            "corrected": past.corrected,
            "weeks": [
                {"starts_on": week.starts_on, **{name: OutcomeShape.of(getattr(week, name)) for name in names}}
                for week in past.weeks
            ],
        }


PARAMETERS = [
    OpenApiParameter("company", OpenApiTypes.INT64),
    OpenApiParameter("service_line", str, enum=ServiceLine.values),
    OpenApiParameter("group", str, description=f"El identificador de un grupo, o `{NONE}`: sin grupo."),
    OpenApiParameter(
        "at_risk_hours",
        int,
        enum=list(risk.HORIZONS),
        description="En riesgo es lo que vence dentro de esas horas. Sin él, lo que ya usó 75 % de su tiempo.",
    ),
    OpenApiParameter("days", int, enum=list(record.DAYS), default=record.DAYS[0], description="Del cumplimiento."),
]


class Summary(ApiView):
    read_scope = Scope.REPORTS_READ
    accepts = {"GET": {parameter.name for parameter in PARAMETERS}}

    @extend_schema(
        operation_id="sla_summary",
        parameters=PARAMETERS,
        responses=inline_serializer(
            "SlaSummary",
            {
                "at": Moment(null=False),
                "at_risk_hours": serializers.IntegerField(allow_null=True),
                "total": CountsShape(),
                "by_priority": ByPriority(many=True),
                "by_service_line": ByServiceLine(many=True),
                "by_group": ByGroup(many=True),
                "by_company": ByCompany(many=True),
                "other_companies": CountsShape(),
                "compliance": ComplianceShape(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Cómo van los tickets abiertos que la persona ve, y qué se cumplió. Puede tener hasta un minuto: `at` lo dice."""
        verdict = board.permitted(self.actor)
        if not verdict:
            raise Refused(verdict.reason)
        narrow, hours, days = self._asked(request)
        at = clock.now()
        present = board.present(self.actor, narrow, at=at, hours=hours)
        return answer(_told(present, record.record(self.actor, narrow, at=at, days=days)))

    def _asked(self, request: Request) -> tuple[Narrow, int | None, int]:
        """Raises InvalidInput with all that is wrong."""
        errors: dict[str, str] = {}
        given = {}
        for name in self.accepts["GET"]:
            values = request.query_params.getlist(name)
            if len(values) > 1:
                errors[name] = "Envíelo una sola vez."
            given[name] = values[0].strip() if values else ""
        company = _id(given["company"], "company", errors)
        if company is not None and not Company.objects.visible_to(self.actor).filter(pk=company).exists():
            errors["company"] = UNKNOWN
        group = NO_GROUP if given["group"] == NONE else _id(given["group"], "group", errors)
        if given["service_line"] not in ("", *ServiceLine.values):
            errors["service_line"] = f"Debe ser uno de: {', '.join(ServiceLine.values)}."
        hours = _one_of(given["at_risk_hours"], "at_risk_hours", risk.HORIZONS, errors)
        days = _one_of(given["days"], "days", record.DAYS, errors)
        if errors:
            raise InvalidInput(errors)
        narrow = Narrow(company=company, service_line=given["service_line"], group=group)
        return narrow, hours, days or record.DAYS[0]


def _id(text: str, name: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    try:
        found = identifier(text, name)
    except InvalidInput as error:
        errors |= error.errors
        return None
    if not found:
        errors[name] = UNKNOWN
    return found


def _one_of(text: str, name: str, allowed: Iterable[int], errors: dict[str, str]) -> int | None:
    found = next((value for value in allowed if str(value) == text), None)
    if text and found is None:
        errors[name] = f"Debe ser uno de: {', '.join(str(value) for value in allowed)}."
    return found


def _told(present: Present, past: Record) -> dict[str, Any]:
    return {
        "at": present.at,
        "at_risk_hours": present.hours,
        "total": CountsShape.of(present.total),
        "by_priority": [_coded("priority", share) for share in present.priorities],
        "by_service_line": [_coded("service_line", share) for share in present.lines],
        "by_group": [{"group": _ref(share), **CountsShape.of(share.counts)} for share in present.groups],
        "by_company": [{"company": _ref(share), **CountsShape.of(share.counts)} for share in present.companies],
        "other_companies": CountsShape.of(present.others),
        "compliance": ComplianceShape.of(past),
    }


def _coded(name: str, share: Share) -> dict[str, Any]:
    return {name: share.key, f"{name}_label": share.name, **CountsShape.of(share.counts)}


def _ref(share: Share) -> dict[str, Any] | None:
    return {"id": share.key, "name": share.name} if share.key else None
