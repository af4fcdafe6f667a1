"""`/nps/`: the yearly Net Promoter Score: campaigns, results and answers (guide 3.14). Customers read their own answers and nothing else."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.pagination import PARAMETERS, Ordering, ordering_of, paginate
from api.scopes import Scope
from api.v1.docs import PAGE_PARAMETERS, page_of
from api.v1.filters import identifier, moment_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, named, person
from api.views import ApiView, answer
from core.errors import InvalidInput, Refused
from core.text import is_number
from customers.models import Service
from surveys import nps_policy, nps_queries, nps_results
from surveys.models import Campaign, NpsInvitation
from surveys.models.nps import NpsQuerySet
from surveys.nps_queries import Progress
from surveys.nps_results import By, Narrow, Result
from surveys.nps_scoring import Counts
from surveys.vocabulary import Audience, CampaignState, Loyalty, loyalty

NEWEST_FIRST = Ordering("-id", "pk", descending=True)
ORDERINGS = {
    f"{sign}answered_at": Ordering(f"{sign}answered_at", "answered_at", descending=bool(sign)) for sign in ("", "-")
}
MOMENTS = {"answered_after": "answered_at__gt", "answered_before": "answered_at__lt"}
GRADES = {Loyalty.DETRACTOR: (0, 6), Loyalty.PASSIVE: (7, 8), Loyalty.PROMOTER: (9, 10)}
NONE = "none"
"""Where a service is meant: without one."""
_STATE, _AUDIENCE, _CLASS = labels(CampaignState), labels(Audience), labels(Loyalty)


class NpsCountsShape(serializers.Serializer[Any]):
    """`nps` es el entero que se muestra; `nps_exact`, sin redondear; `low` y `high`, su intervalo de 95 %. Nulos sin respuestas.
    `invited` y `response_rate` (porcentaje) son nulos donde no se sabe a cuántos se preguntó."""

    nps = serializers.IntegerField(allow_null=True, min_value=-100, max_value=100)
    nps_exact = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    answered = serializers.IntegerField()
    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()
    invited = serializers.IntegerField(allow_null=True)
    response_rate = serializers.FloatField(allow_null=True)

    @staticmethod
    def of(counts: Counts) -> dict[str, Any]:
        low, high = counts.interval or (None, None)
        return {
            "nps": counts.score,
            "nps_exact": None if counts.exact is None else float(counts.exact),
            "low": low,
            "high": high,
            "answered": counts.answered,
            "promoters": counts.promoters,
            "passives": counts.passives,
            "detractors": counts.detractors,
            "invited": counts.invited,
            "response_rate": None if counts.rate is None else float(counts.rate),
        }


class NpsCampaignShape(NpsCountsShape):
    """`opens_on` y `closes_on` son días de la mesa, ambos incluidos. `people` son los elegidos; `planned`, los que esperan su oleada."""

    id = serializers.IntegerField()
    year = serializers.IntegerField()
    name = serializers.CharField()
    state = Coded(CampaignState)
    state_label = Label()
    audience = Coded(Audience)
    audience_label = Label()
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()
    waves = serializers.IntegerField()
    people = serializers.IntegerField()
    planned = serializers.IntegerField()
    left_out = serializers.IntegerField()
    started_at = Moment()
    ended_at = Moment()

    @staticmethod
    def filled(row: Campaign, progress: Progress) -> dict[str, Any]:
        return {
            "id": row.pk,
            "year": row.year,
            "name": row.name,
            "state": row.state,
            "state_label": _STATE[row.state],
            "audience": row.audience,
            "audience_label": _AUDIENCE[row.audience],
            "opens_on": row.opens_on,
            "closes_on": row.closes_on,
            "waves": row.waves,
            "people": progress.people,
            "planned": progress.planned,
            "left_out": progress.left_out,
            "started_at": moment(row.started_at),
            "ended_at": moment(row.ended_at),
            **NpsCountsShape.of(progress.counts),
        }


class NpsResultShape(NpsCountsShape):
    """De una compañía, un servicio o un año, según `by`; los otros dos son nulos. `service` también es nulo en «sin servicio»."""

    company = Ref(allow_null=True)
    service = Ref(allow_null=True)
    year = serializers.IntegerField(allow_null=True)

    @staticmethod
    def filled(row: Result, by: str) -> dict[str, Any]:
        ref = {"id": row.key, "name": row.label} if row.key else None
        return {
            "company": ref if by == By.COMPANY else None,
            "service": ref if by == By.SERVICE else None,
            "year": row.key if by == By.YEAR else None,
            **NpsCountsShape.of(row.counts),
        }


class NpsAnswerShape(serializers.Serializer[Any]):
    """`spoken_at`, `spoken_by` y `spoken_note` (cuándo y qué se habló con la persona) sólo los lee la mesa."""

    id = serializers.IntegerField()
    campaign = serializers.IntegerField()
    year = serializers.IntegerField()
    person = Ref()
    company = Ref()
    service = Ref(allow_null=True)
    score = serializers.IntegerField(min_value=0, max_value=10)
    loyalty = Coded(Loyalty)
    loyalty_label = Label()
    why = serializers.CharField(allow_null=True)
    answered_at = Moment(null=False)
    changed_at = Moment()
    spoken_at = Moment()
    spoken_by = Ref(allow_null=True)
    spoken_note = serializers.CharField(allow_null=True)

    @staticmethod
    def of(row: NpsInvitation, actor: User) -> dict[str, Any]:
        kind = loyalty(row.score or 0)
        desk = actor.is_desk
        return {
            "id": row.pk,
            "campaign": row.campaign_id,
            "year": row.year,
            "person": person(row.person),
            "company": named(row.company),
            "service": service_ref(row.service),
            "score": row.score,
            "loyalty": kind.value,
            "loyalty_label": _CLASS[kind.value],
            "why": row.why or None,
            "answered_at": moment(row.answered_at),
            "changed_at": moment(row.changed_at),
            "spoken_at": moment(row.looped_at) if desk else None,
            "spoken_by": person(row.looped_by) if desk else None,
            "spoken_note": (row.loop_note or None) if desk else None,
        }


def service_ref(service: Service | None) -> dict[str, Any] | None:
    return None if service is None else {"id": service.pk, "name": service.name}


YEAR = OpenApiParameter("year", int)
COMPANY = OpenApiParameter("company", OpenApiTypes.INT64)
SERVICE = OpenApiParameter("service", str, description=f"El identificador de un servicio, o `{NONE}`: sin servicio.")


class NpsReports(ApiView):
    """Base: for the desk's heads, service delivery and BPO."""

    read_scope = Scope.REPORTS_READ

    def check(self) -> None:
        if not (verdict := nps_policy.may_read(self.actor)):
            raise Refused(verdict.reason)


class Campaigns(NpsReports):
    accepts = {"GET": PARAMETERS | {"year", "state"}}

    @extend_schema(
        operation_id="nps_campaigns",
        parameters=[
            YEAR,
            OpenApiParameter("state", str, many=True, explode=False, enum=CampaignState.values),
            *PAGE_PARAMETERS,
        ],
        responses=page_of("NpsCampaignPage", NpsCampaignShape),
    )
    def get(self, request: Request) -> Response:
        """Las campañas, de la más nueva a la más antigua, y cómo va cada una."""
        self.check()
        rows = nps_queries.campaigns(self.actor)
        if (year := _year(request)) is not None:
            rows = rows.filter(year=year)
        states = [part.strip() for given in request.query_params.getlist("state") for part in given.split(",")]
        if set(states) - set(CampaignState.values):
            listed = ", ".join(CampaignState.values)
            raise InvalidInput({"state": f"Use uno o varios, separados por comas: {listed}."}, code="invalid_filter")
        if states:
            rows = rows.filter(state__in=states)

        def present(found: list[Campaign]) -> list[dict[str, Any]]:
            progress = nps_queries.progress(found, self.actor)
            return [NpsCampaignShape.filled(row, progress.get(row.pk, Progress())) for row in found]

        return answer(paginate(rows, request, present, NEWEST_FIRST))


class Results(NpsReports):
    accepts = {"GET": {"by", "year", "company", "service"}}

    @extend_schema(
        operation_id="nps_results",
        parameters=[
            OpenApiParameter("by", str, enum=By.values, default=By.YEAR.value),
            YEAR,
            COMPANY,
            SERVICE,
        ],
        responses=inline_serializer(
            "NpsResults",
            {"by": Coded(By), "total": NpsCountsShape(), "results": NpsResultShape(many=True)},
        ),
    )
    def get(self, request: Request) -> Response:
        """El NPS por compañía, servicio o año, con su intervalo de 95 %: las campañas y los años importados, juntos."""
        self.check()
        by = request.query_params.get("by", By.YEAR.value)
        if by not in By.values:
            raise InvalidInput({"by": f"Use uno de: {', '.join(By.values)}."}, code="invalid_filter")
        narrow = Narrow(year=_year(request), company=_id(request, "company"), service=_service(request))
        rows = nps_results.results(by, narrow, self.actor)
        return answer(
            {
                "by": by,
                "total": NpsCountsShape.of(nps_results.total(narrow, self.actor)),
                "results": [NpsResultShape.filled(row, by) for row in rows],
            }
        )


class Answers(ApiView):
    accepts = {"GET": PARAMETERS | {"year", "company", "service", "campaign", "loyalty", "ordering", *MOMENTS}}

    @extend_schema(
        operation_id="nps_answers",
        parameters=[
            YEAR,
            COMPANY,
            SERVICE,
            OpenApiParameter("campaign", OpenApiTypes.INT64),
            OpenApiParameter("loyalty", str, enum=Loyalty.values),
            *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in MOMENTS),
            OpenApiParameter("ordering", str, enum=list(ORDERINGS), default="-answered_at"),
            *PAGE_PARAMETERS,
        ],
        responses=page_of("NpsAnswerPage", NpsAnswerShape),
    )
    def get(self, request: Request) -> Response:
        """Las respuestas que la persona puede leer: el cliente, las suyas; quienes dirigen el servicio, todas; los demás, ninguna."""
        rows = narrowed(nps_queries.answers(self.actor), request)

        def present(found: Iterable[NpsInvitation]) -> list[dict[str, Any]]:
            return [NpsAnswerShape.of(row, self.actor) for row in found]

        return answer(paginate(rows, request, present, ordering_of(request, ORDERINGS, "-answered_at")))


def narrowed(rows: NpsQuerySet, request: Request) -> NpsQuerySet:
    """Within every filter of the request. Raises InvalidInput."""
    if (year := _year(request)) is not None:
        rows = rows.filter(year=year)
    for name in ("company", "campaign"):
        if (pk := _id(request, name)) is not None:
            rows = rows.filter(**{name: pk})
    if (service := _service(request)) is not None:
        rows = rows.filter(service=service or None)
    kind = request.query_params.get("loyalty")
    if kind is not None:
        if kind not in Loyalty.values:
            raise InvalidInput({"loyalty": f"Use uno de: {', '.join(Loyalty.values)}."}, code="invalid_filter")
        low, high = GRADES[Loyalty(kind)]
        rows = rows.filter(score__gte=low, score__lte=high)
    for name, lookup in MOMENTS.items():
        if (text := request.query_params.get(name)) is not None:
            rows = rows.filter(**{lookup: moment_of(text, name)})
    return rows


def _year(request: Request) -> int | None:
    text = request.query_params.get("year")
    if text is None:
        return None
    if not is_number(text) or not 2000 <= int(text) <= 2100:
        raise InvalidInput({"year": "Use un año de cuatro cifras."}, code="invalid_filter")
    return int(text)


def _id(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    return None if text is None else identifier(text, name)


def _service(request: Request) -> int | None:
    text = request.query_params.get("service")
    if text is None:
        return None
    return nps_results.WITHOUT_SERVICE if text == NONE else identifier(text, "service")
