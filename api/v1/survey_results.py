"""`/surveys/results/`: what the satisfaction surveys say, added up; `/surveys/questionnaires/`: what they ask (guide 3.13)."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import role_has_perm
from api.errors import NOT_FOUND
from api.pagination import PARAMETERS, Ordering, paginate
from api.scopes import Scope
from api.v1.docs import ID, PAGE_PARAMETERS, page_of
from api.v1.filters import identifier
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment
from api.views import ApiView, answer
from core.errors import InvalidInput, NotVisible, Refused
from surveys import satisfaction_queries as queries
from surveys.models import Questionnaire
from surveys.satisfaction_queries import DIMENSIONS, Figures, Narrow, Part
from surveys.vocabulary import QuestionKind
from tickets.vocabulary import ServiceLine

_LINE, _KIND = labels(ServiceLine), labels(QuestionKind)
IDS = ("company", "group", "agent")


class FiguresShape(serializers.Serializer[Any]):
    """`mean` a una décima; `satisfied_percent`, los que calificaron con 4 o 5; `response_percent`, de los enviados. Nulos si nadie
    contestó. Con `too_few`, son de una persona que todavía no reúne las respuestas que hacen falta: ni promedio ni desglose."""

    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    too_few = serializers.BooleanField()
    mean = serializers.FloatField(allow_null=True)
    satisfied_percent = serializers.FloatField(allow_null=True)
    response_percent = serializers.FloatField(allow_null=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text="Cuántos dieron de 1 a 5."
    )

    @staticmethod
    def of(figures: Figures) -> dict[str, Any]:
        return {
            "asked": figures.asked,
            "answered": figures.answered,
            "too_few": figures.is_short,
            "mean": _number(figures.mean),
            "satisfied_percent": _number(figures.satisfied),
            "response_percent": _number(figures.rate),
            "counts": None if figures.is_short else {str(grade): times for grade, times in figures.counts.items()},
        }


class PartShape(FiguresShape):
    """Una parte: persona, grupo o compañía con su identificador; línea con su código; mes como `2026-03`."""

    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()


PARAMETERS_OF_RESULTS = [
    OpenApiParameter("by", str, enum=list(DIMENSIONS), default="month", description="Cómo se parten."),
    OpenApiParameter("since", OpenApiTypes.DATE, description="Día de la mesa en que se cerró el ticket, incluido."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="Incluido."),
    OpenApiParameter("service_line", str, enum=ServiceLine.values),
    *(OpenApiParameter(name, OpenApiTypes.INT64) for name in IDS),
]


class Results(ApiView):
    read_scope = Scope.REPORTS_READ
    accepts = {"GET": {parameter.name for parameter in PARAMETERS_OF_RESULTS}}

    @extend_schema(
        operation_id="surveys_results",
        parameters=PARAMETERS_OF_RESULTS,
        responses=inline_serializer(
            "SurveyResults",
            {
                "by": serializers.ChoiceField(choices=list(DIMENSIONS)),
                "least_answers": serializers.IntegerField(),
                "total": FiguresShape(),
                "parts": PartShape(many=True),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Promedio, distribución y tasa de respuesta de lo que la persona puede ver: un agente, lo suyo."""
        verdict = queries.permitted(self.actor)
        if not verdict:
            raise Refused(verdict.reason)
        dimension, narrow = _asked(request)
        return answer(
            {
                "by": dimension,
                "least_answers": queries.limits().least_answers,
                "total": FiguresShape.of(queries.results(self.actor, narrow)),
                "parts": [_part(part) for part in queries.by(dimension, self.actor, narrow)],
            }
        )


def _asked(request: Request) -> tuple[str, Narrow]:
    """Raises InvalidInput with all that is wrong."""
    errors: dict[str, str] = {}
    given = {name: request.query_params.get(name, "").strip() for name in Results.accepts["GET"]}
    dimension = given["by"] or "month"
    if dimension not in DIMENSIONS:
        errors["by"] = f"Debe ser uno de: {', '.join(DIMENSIONS)}."
    if given["service_line"] not in ("", *ServiceLine.values):
        errors["service_line"] = f"Debe ser uno de: {', '.join(ServiceLine.values)}."
    since, until = (_day(given[name], name, errors) for name in ("since", "until"))
    company, group, agent = (_id(given[name], name, errors) for name in IDS)
    if errors:
        raise InvalidInput(errors)
    line = given["service_line"]
    return dimension, Narrow(since=since, until=until, line=line, company=company, group=group, agent=agent)


def _day(text: str, name: str, errors: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year < 2200:
        errors[name] = "Use una fecha ISO 8601, como 2026-03-31."
        return None
    return found


def _id(text: str, name: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    try:
        return identifier(text, name)
    except InvalidInput as error:
        errors |= error.errors
        return None


def _part(part: Part) -> dict[str, Any]:
    key = f"{part.key:%Y-%m}" if isinstance(part.key, date) else part.key
    return {"key": None if key is None else str(key), "name": part.name, **FiguresShape.of(part.figures)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


# -- what is asked -----------------------------------------------------------------------------------------------------


class QuestionShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    kind = Coded(QuestionKind)
    kind_label = Label()
    text = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()


class QuestionnaireShape(serializers.Serializer[Any]):
    """Una versión. `service_line` nulo: todas las líneas que no tienen cuestionario propio."""

    id = serializers.IntegerField()
    service_line = Coded(ServiceLine, null=True)
    service_line_label = Label(null=True)
    version = serializers.IntegerField()
    title = serializers.CharField()
    intro = serializers.CharField(allow_blank=True)
    thanks = serializers.CharField(allow_blank=True)
    sample_percent = serializers.IntegerField()
    low_score = serializers.IntegerField()
    expires_days = serializers.IntegerField()
    remind_days = serializers.IntegerField()
    reminders = serializers.IntegerField()
    published_at = Moment()
    published_by = Ref(allow_null=True)
    questions = QuestionShape(many=True)

    @staticmethod
    def of(row: Questionnaire) -> dict[str, Any]:
        by = row.published_by
        plain = ("version", "title", "intro", "thanks", "sample_percent", "low_score", "expires_days")
        return {
            "id": row.pk,
            "service_line": row.service_line or None,
            "service_line_label": _LINE.get(row.service_line),
            **{name: getattr(row, name) for name in (*plain, "remind_days", "reminders")},
            "published_at": moment(row.published_at),
            "published_by": {"id": by.pk, "name": by.full_name} if by else None,
            "questions": [
                {
                    "id": one.pk,
                    "position": one.position,
                    "kind": one.kind,
                    "kind_label": _KIND[one.kind],
                    "text": one.text,
                    "options": one.choices,
                    "is_required": one.is_required,
                }
                for one in sorted(row.questions.all(), key=lambda one: (one.position, one.pk))
            ],
        }


class QuestionnaireView(ApiView):
    def rows(self) -> Any:
        """Raises Refused for whoever does not read questionnaires."""
        if not role_has_perm(self.actor.role, "surveys.view_questionnaire"):
            raise Refused("Los cuestionarios los consulta la supervisión de la Mesa de Servicio.")
        return Questionnaire.objects.select_related("published_by").prefetch_related("questions")


class QuestionnaireList(QuestionnaireView):
    accepts = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="survey_questionnaires_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("QuestionnairePage", QuestionnaireShape),
    )
    def get(self, request: Request) -> Response:
        """Las versiones de los cuestionarios, borradores incluidos, de la más nueva a la más antigua."""
        ordering = Ordering("-id", "pk", descending=True)
        found = paginate(self.rows(), request, lambda rows: [QuestionnaireShape.of(row) for row in rows], ordering)
        return answer(found)


class QuestionnaireDetail(QuestionnaireView):
    @extend_schema(operation_id="survey_questionnaires_retrieve", parameters=[ID], responses=QuestionnaireShape)
    def get(self, request: Request, pk: int) -> Response:
        """Una versión de un cuestionario."""
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise NotVisible(NOT_FOUND)
        return answer(QuestionnaireShape.of(row))
