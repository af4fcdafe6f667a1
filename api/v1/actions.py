"""`/corrective-actions/`: what is done so that something does not happen again (guide 2.2, 3.13, 3.14). The desk reads and works on all of
them; who represents a company reads the summary of those that were written for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import NOT_FOUND
from api.idempotency import idempotent
from api.pagination import PARAMETERS, Ordering, ordering_of, paginate
from api.v1.docs import IDEMPOTENCY_KEY, PAGE_PARAMETERS, page_of
from api.v1.filters import LARGEST_ID, LONGEST_SEARCH, MANY, identifier, moment_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, named, person
from api.views import ApiView, Strict, answer, read
from core import clock
from core.errors import InvalidInput, NotVisible
from customers.models import Company
from improvements import days, queries
from improvements.models import CorrectiveAction
from improvements.models.actions import ActionQuerySet
from improvements.queries import Narrow
from improvements.services import register
from improvements.services.perform import day
from improvements.vocabulary import PENDING, ActionKind, ActionState, Origin
from tickets.models import Ticket

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="El número público, como AC000012.")
_STATE, _KIND, _ORIGIN = labels(ActionState), labels(ActionKind), labels(Origin)
CODED: dict[str, Any] = {"state": ActionState, "kind": ActionKind, "origin": Origin}
MOMENTS = {"created_after": "created_at__gt", "created_before": "created_at__lt", "updated_after": "updated_at__gt"}
FOR_ALL = frozenset({"state", "overdue", "created_after", "created_before", "due_before", "q"})
FILTERS = FOR_ALL | {"kind", "origin", "owner", "company", "ticket", "updated_after"}
"""Of what a representative does not read, they may not ask either."""
ORDERINGS = {
    f"{sign}{name}": Ordering(f"{sign}{name}", name, descending=bool(sign))
    for name in ("created_at", "due_on")
    for sign in ("", "-")
}
DEFAULT_ORDERING = "-created_at"
DESK_ONLY = "Sólo para la mesa."


class SourceShape(serializers.Serializer[Any]):
    """A qué responde. `source_id` es el registro en su propio recurso; nulo para lo que sólo se nombra."""

    origin = Coded(Origin)
    origin_label = Label()
    source_id = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]
    ticket = serializers.CharField(allow_null=True)
    at = Moment(null=False)


class ActionShape(serializers.Serializer[Any]):
    """`due_on` y `verify_on` son días de la mesa. Quien representa a la compañía lee desde `number` hasta `closed_at`; lo demás es de la
    mesa."""

    number = serializers.CharField()
    state = Coded(ActionState)
    state_label = Label()
    is_overdue = serializers.BooleanField()
    summary = serializers.CharField(allow_blank=True, help_text="Lo que lee el cliente.")
    company = Ref(allow_null=True)
    due_on = serializers.DateField()
    created_at = Moment(null=False)
    implemented_at = Moment()
    closed_at = Moment()
    kind = Coded(ActionKind, required=False)
    kind_label = Label(required=False)
    origin = Coded(Origin, required=False)
    origin_label = Label(required=False)
    title = serializers.CharField(required=False)
    problem = serializers.CharField(required=False)
    cause = serializers.CharField(required=False, allow_blank=True)
    plan = serializers.CharField(required=False, allow_blank=True)
    owner = Ref(required=False)
    opened_by = Ref(required=False)
    evidence = serializers.CharField(required=False, allow_blank=True)
    implemented_by = Ref(required=False, allow_null=True)
    verify_on = serializers.DateField(required=False, allow_null=True)
    verified_at = Moment(required=False)
    verified_by = Ref(required=False, allow_null=True)
    verification = serializers.CharField(required=False, allow_blank=True)
    told_level = serializers.IntegerField(required=False, help_text="1 supervisión, 2 gerencia, 3 dirección.")
    sources = SourceShape(many=True, required=False)
    updated_at = Moment(null=False, required=False)
    version = serializers.IntegerField(required=False)

    @staticmethod
    def of(row: CorrectiveAction, actor: User, *, at: datetime) -> dict[str, Any]:
        """The row needs what `full` gives it, or each costs a few queries."""
        shown = {
            "number": row.number,
            "state": row.state,
            "state_label": _STATE[row.state],
            "is_overdue": row.state in PENDING and row.due_on < days.of(at),
            "summary": row.summary,
            "company": named(row.company),
            "due_on": row.due_on,
            "created_at": moment(row.created_at),
            "implemented_at": moment(row.implemented_at),
            "closed_at": moment(row.closed_at),
        }
        return shown if actor.is_customer else {**shown, **_inner(row)}


def _inner(row: CorrectiveAction) -> dict[str, Any]:
    """What only the desk reads."""
    return {
        "kind": row.kind,
        "kind_label": _KIND[row.kind],
        "origin": row.origin,
        "origin_label": _ORIGIN[row.origin],
        "title": row.title,
        "problem": row.problem,
        "cause": row.cause,
        "plan": row.plan,
        "owner": person(row.owner),
        "opened_by": person(row.opened_by),
        "evidence": row.evidence,
        "implemented_by": person(row.implemented_by),
        "verify_on": row.verify_on,
        "verified_at": moment(row.verified_at),
        "verified_by": person(row.verified_by),
        "verification": row.verification,
        "told_level": row.told_level,
        "sources": [
            {
                "origin": source.origin,
                "origin_label": _ORIGIN[source.origin],
                "source_id": source.source_id,
                "label": source.label,
                "ticket": source.ticket.number if source.ticket else None,
                "at": moment(source.at),
            }
            for source in row.sources.all()
        ],
        "updated_at": moment(row.updated_at),
        "version": row.version,
    }


class NewAction(Strict):
    """Sin `owner`, quien indica la regla de su origen; sin `due_on`, los días que ella da. Con `ticket`, su compañía."""

    origin = Coded(Origin)
    kind = Coded(ActionKind, default=ActionKind.CORRECTIVE.value)
    title = serializers.CharField(max_length=200)
    problem = serializers.CharField(max_length=50_000)
    label = serializers.CharField(max_length=200, required=False, allow_blank=True)  # type: ignore[assignment]
    company = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    ticket = serializers.CharField(max_length=20, required=False, allow_null=True)
    owner = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    due_on = serializers.DateField(required=False, allow_null=True)


class ActionView(ApiView):
    """Base: the action that the address names."""

    def one(self, number: str) -> CorrectiveAction:
        """If the caller may see it. Another's, an absent one and one that is kept from the caller are the same NotVisible."""
        rows = CorrectiveAction.objects.visible_to(self.actor).by_number(number)
        found: CorrectiveAction | None = full(rows).first()
        if found is None:
            raise NotVisible(NOT_FOUND)
        return found


class ActionList(ApiView):
    accepts = {"GET": PARAMETERS | FILTERS | {"ordering"}}

    @extend_schema(
        operation_id="corrective_actions_list",
        parameters=[
            *(
                OpenApiParameter(name, str, many=True, explode=False, style="form", enum=choices.values)
                for name, choices in CODED.items()
            ),
            OpenApiParameter("owner", OpenApiTypes.INT64, description=DESK_ONLY),
            OpenApiParameter("company", OpenApiTypes.INT64, description=DESK_ONLY),
            OpenApiParameter("ticket", str, description=f"El número de un ticket del que salieron. {DESK_ONLY}"),
            OpenApiParameter("overdue", bool),
            OpenApiParameter("due_before", OpenApiTypes.DATE),
            *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in MOMENTS),
            OpenApiParameter("q", str, description="Número, palabras de la acción, responsable o compañía."),
            OpenApiParameter("ordering", str, enum=list(ORDERINGS), default=DEFAULT_ORDERING),
            *PAGE_PARAMETERS,
        ],
        responses=page_of("CorrectiveActionPage", ActionShape),
    )
    def get(self, request: Request) -> Response:
        """Las acciones que la persona puede ver."""
        at, ordering = clock.now(), ordering_of(request, ORDERINGS, DEFAULT_ORDERING)
        rows = full(narrowed(self.actor, request, at=at))

        def present(found: Iterable[CorrectiveAction]) -> list[dict[str, Any]]:
            return [ActionShape.of(row, self.actor, at=at) for row in found]

        return answer(paginate(rows, request, present, ordering))

    @extend_schema(
        operation_id="corrective_actions_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewAction,
        responses={201: ActionShape},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Abre una acción a mano. Para la mesa."""
        row = fresh(register.propose(_draft(read(NewAction, request), self.actor), by=self.actor))
        place = reverse("api:corrective-action", kwargs={"number": row.number})
        return answer(ActionShape.of(row, self.actor, at=clock.now()), row, status=201, location=place)


class ActionDetail(ActionView):
    @extend_schema(operation_id="corrective_actions_retrieve", parameters=[NUMBER], responses=ActionShape)
    def get(self, request: Request, number: str) -> Response:
        """Una acción. Su versión está en `ETag`."""
        row = self.one(number)
        return answer(ActionShape.of(row, self.actor, at=clock.now()), row)


def full(rows: ActionQuerySet) -> ActionQuerySet:
    """With everything that a shape shows, in the same few queries."""
    people = ("company", "owner", "opened_by", "implemented_by", "verified_by")
    return rows.select_related(*people).prefetch_related("sources__ticket")


def fresh(row: CorrectiveAction) -> CorrectiveAction:
    """A row just changed, with what its shape needs."""
    row.__dict__.pop("_prefetched_objects_cache", None)
    prefetch_related_objects([row], "company", "owner", "opened_by", "implemented_by", "verified_by", "sources__ticket")
    return row


def narrowed(actor: User, request: Request, *, at: datetime) -> ActionQuerySet:
    """The actor's actions within every filter of the request. Raises InvalidInput with all that is wrong."""
    wanted: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in FILTERS:
        if not (values := request.query_params.getlist(name)):
            continue
        try:
            if actor.is_customer and name not in FOR_ALL:
                raise InvalidInput({name: DESK_ONLY})
            wanted[name] = _filter(name, values, actor)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors, code="invalid_filter")
    rows = queries.listed(actor, Narrow(text=wanted.get("q", "")), at=at)
    rows = rows.filter(**{f"{name}__in": wanted[name] for name in CODED if name in wanted})
    rows = rows.filter(**{f"{name}__in": wanted[name] for name in ("owner", "company") if name in wanted})
    rows = rows.filter(**{lookup: wanted[name] for name, lookup in MOMENTS.items() if name in wanted})
    if "due_before" in wanted:
        rows = rows.filter(due_on__lt=wanted["due_before"])
    if "ticket" in wanted:
        rows = rows.filter(pk__in=[row.pk for row in queries.of_ticket(wanted["ticket"], actor)])
    if "overdue" in wanted:
        late = rows.overdue(days.of(at))
        rows = late if wanted["overdue"] else rows.exclude(pk__in=late.values("pk"))
    return rows


def _filter(name: str, values: list[str], actor: User) -> Any:
    parts = [part.strip() for value in values for part in value.split(",")]
    if name in CODED:
        choices = CODED[name].values
        if set(parts) - set(choices):
            raise InvalidInput({name: f"Use uno o varios, separados por comas: {', '.join(choices)}."})
        return parts
    if name in ("owner", "company"):
        if len(parts) > MANY:
            raise InvalidInput({name: f"Caben {MANY} identificadores."})
        return [identifier(part, name) for part in parts]
    if name in MOMENTS:
        return moment_of(values[0], name)
    if name == "due_before":
        return day(values[0], name)
    if name == "overdue":
        if values[0] not in ("true", "false"):
            raise InvalidInput({name: "Debe ser true o false."})
        return values[0] == "true"
    if name == "ticket":
        return _ticket(values[0], actor)
    text = values[0].strip()
    if not 1 <= len(text) <= LONGEST_SEARCH:
        raise InvalidInput({name: f"Escriba de 1 a {LONGEST_SEARCH} caracteres."})
    return text


def _ticket(number: str, actor: User) -> Ticket:
    found: Ticket | None = Ticket.objects.visible_to(actor).by_number(number).select_related("company").first()
    if found is None:
        raise InvalidInput({"ticket": "Ese ticket no existe."}, code="not_found")
    return found


def _draft(given: dict[str, Any], actor: User) -> register.Draft:
    """What was sent. What is not there, or not for the actor, is an InvalidInput on its field."""
    ticket = _ticket(given["ticket"], actor) if given.get("ticket") else None
    company = owner = None
    if given.get("company") is not None:
        company = Company.objects.visible_to(actor).filter(pk=given["company"]).first()
        if company is None:
            raise InvalidInput({"company": "Esa compañía no existe."}, code="not_found")
    if given.get("owner") is not None:
        owner = User.objects.desk().filter(pk=given["owner"], is_active=True).first()
        if owner is None:
            raise InvalidInput({"owner": "Esa persona no existe."}, code="not_found")
    return register.Draft(
        origin=given["origin"],
        kind=given["kind"],
        title=given["title"],
        problem=given["problem"],
        label=given.get("label", ""),
        company=company,
        ticket=ticket,
        owner=owner,
        due_on=given.get("due_on"),
    )
