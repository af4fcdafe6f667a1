"""`/tickets/` and `/tickets/{number}/`."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.idempotency import idempotent
from api.pagination import PARAMETERS, ordering_of, paginate
from api.v1 import filters
from api.v1.docs import IDEMPOTENCY_KEY, IF_MATCH, NUMBER, PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, TicketShape
from api.v1.shapes import tickets as present
from api.views import ApiView, Strict, answer, if_match, read
from core.errors import InvalidInput
from customers.models import Company, Environment, ValidUser
from tickets.models import CatalogItem, Ticket
from tickets.services import intake, triage
from tickets.vocabulary import Channel, Impact, Kind, ServiceLine, Urgency

LARGEST_ID = filters.LARGEST_ID


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "format": "email"}]})
class Person(serializers.Field[Any, Any, Any, Any]):
    """A person by id or by e-mail."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, (int, str)):
            raise serializers.ValidationError("Dé su identificador o su correo.", code="invalid")
        if isinstance(data, int):
            if not 0 < data <= LARGEST_ID:
                raise serializers.ValidationError("Esa persona no existe.", code="not_found")
            return data
        if "\x00" in data or len(data) > 254:
            raise serializers.ValidationError("Esa persona no existe.", code="not_found")
        return data.strip()

    def to_representation(self, value: Any) -> Any:
        return value


class NewTicket(Strict):
    """With `catalog_item`, kind, service_line, impact and urgency may be left to the catalogue."""

    kind = Coded(Kind, required=False)
    service_line = Coded(ServiceLine, required=False)
    impact = Coded(Impact, required=False)
    urgency = Coded(Urgency, required=False)
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=50_000)
    catalog_item = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    fields = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)  # type: ignore[assignment]
    requester = Person(required=False, allow_null=True)
    company = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    environment = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    external_reference = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=100)


class Classification(Strict):
    reason = serializers.CharField(max_length=2000)
    kind = Coded(Kind, required=False)
    service_line = Coded(ServiceLine, required=False)
    impact = Coded(Impact, required=False)
    urgency = Coded(Urgency, required=False)
    title = serializers.CharField(required=False, max_length=200)


class TicketList(ApiView):
    accepts = {"GET": PARAMETERS | set(filters.FILTERS) | {"ordering"}}

    @extend_schema(
        operation_id="tickets_list",
        parameters=[
            *(spec.parameter for spec in filters.FILTERS.values()),
            filters.ORDERING_PARAMETER,
            *PAGE_PARAMETERS,
        ],
        responses=page_of("TicketPage", TicketShape),
    )
    def get(self, request: Request) -> Response:
        """Los tickets que la persona puede ver."""
        ordering = ordering_of(request, filters.ORDERINGS, filters.DEFAULT_ORDERING)
        rows = filters.narrow(Ticket.objects.visible_to(self.actor), request)
        return answer(paginate(rows.with_people(), request, present, ordering))

    @extend_schema(
        operation_id="tickets_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewTicket,
        responses={201: TicketShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Levanta un ticket: el cliente a su nombre, la mesa a nombre de `requester`."""
        given = read(NewTicket, request)
        row = intake.receive(
            _report(given, self.actor),
            by=self.actor,
            requester=_requester(given, self.actor),
            channel=Channel.API,
        )
        return answer(
            TicketShape.of(row), row, status=201, location=reverse("api:ticket", kwargs={"number": row.number})
        )


class TicketDetail(ApiView):
    @extend_schema(operation_id="tickets_retrieve", parameters=[NUMBER], responses={200: OpenApiResponse(TicketShape)})
    def get(self, request: Request, number: str) -> Response:
        """Un ticket. Su versión está en `ETag`."""
        row = self.ticket(number)
        return answer(TicketShape.of(row), row)

    @extend_schema(
        operation_id="tickets_classify",
        parameters=[NUMBER, IF_MATCH],
        request=Classification,
        responses=TicketShape,
    )
    def patch(self, request: Request, number: str) -> Response:
        """Reclasifica. La prioridad resulta; los relojes se vuelven a calcular."""
        row = self.ticket(number)
        given = read(Classification, request)
        reason = given.pop("reason")
        row = triage.reclassify(row, by=self.actor, reason=reason, changes=given, version=if_match(request, row))
        return answer(TicketShape.of(fresh(row)), row)


def fresh(row: Ticket) -> Ticket:
    """A row just changed, with what its shape needs."""
    prefetch_related_objects([row], "requester", "assignee")
    return row


def _report(given: dict[str, Any], actor: User) -> intake.Report:
    """What was sent as a report. What is not there, or not for the actor, is an InvalidInput on its field."""
    item = environment = None
    if given.get("catalog_item") is not None:
        item = CatalogItem.objects.filter(pk=given["catalog_item"], is_active=True).first()
        if item is None:
            raise InvalidInput({"catalog_item": "Ese servicio no está en el catálogo."}, code="not_found")
    if given.get("environment") is not None:
        environment = (
            Environment.objects.visible_to(actor).select_related("service").filter(pk=given["environment"]).first()
        )
        if environment is None:
            raise InvalidInput({"environment": "Ese ambiente no existe."}, code="not_found")
    coded = {name: given.get(name, "") for name in ("kind", "service_line", "impact", "urgency")}
    return intake.Report(
        title=given["title"],
        description=given["description"],
        catalog_item=item,
        fields=given.get("fields"),
        environment=environment,
        external_reference=given.get("external_reference") or "",
        **coded,
    )


def _requester(given: dict[str, Any], actor: User) -> User:
    """Whose ticket it is: the actor's own, or that of a valid user whom the actor can see, of the company if one is named."""
    wanted, company = given.get("requester"), given.get("company")
    if wanted is None and actor.is_desk:
        raise InvalidInput({"requester": "Diga de quién es el ticket: su identificador o su correo."}, code="required")
    if wanted is None and company is None:
        return actor
    found = ValidUser.objects.visible_to(actor).select_related("user")
    if wanted is None:
        found = found.filter(user=actor)
    else:
        found = found.filter(user=wanted) if isinstance(wanted, int) else found.filter(user__email__iexact=wanted)
    row = found.first()
    if row is None:
        raise InvalidInput({"requester": "Esa persona no existe."}, code="not_found")
    if company is not None and row.company_id != company:
        seen = Company.objects.visible_to(actor).filter(pk=company).exists()
        text = "La persona no es de esa compañía." if seen else "Esa compañía no existe."
        raise InvalidInput({"company": text}, code="not_found")
    person: User = row.user
    return person
