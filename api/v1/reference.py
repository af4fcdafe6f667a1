"""Reference data, read-only and by role: companies, contracts, users, groups, the catalogue; and `/me/`."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SupportGroup, User
from accounts.roles import DESK_ROLES, Role
from api.errors import NOT_FOUND
from api.pagination import PARAMETERS, paginate
from api.scopes import Scope, token_of
from api.v1.docs import ID, PAGE_PARAMETERS, page_of
from api.v1.shapes import Coded, Label, Moment, Ref, labels, moment, named
from api.views import ApiView, answer
from core.errors import NotVisible
from customers.models import Company, Contract, ValidUser
from tickets.models import CatalogItem
from tickets.vocabulary import Impact, Kind, ServiceLine, Urgency

_ROLE, _KIND, _LINE = labels(Role), labels(Kind), labels(ServiceLine)
_IMPACT, _URGENCY = labels(Impact), labels(Urgency)


class CompanyShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    is_active = serializers.BooleanField()

    @staticmethod
    def of(row: Company) -> dict[str, Any]:
        return {"id": row.pk, "name": row.name, "time_zone": row.time_zone, "is_active": row.is_active}


class ContractShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    company = Ref()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    has_drp = serializers.BooleanField()
    services = Ref(many=True)

    @staticmethod
    def of(row: Contract) -> dict[str, Any]:
        return {
            "id": row.pk,
            "number": row.number,
            "company": named(row.company),
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "has_drp": row.has_drp,
            "services": [{"id": service.pk, "name": service.name} for service in row.services.all()],
        }


class UserShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    role = Coded(Role)
    role_label = Label()
    company = Ref(allow_null=True)
    is_active = serializers.BooleanField()

    @staticmethod
    def of(row: User) -> dict[str, Any]:
        valid_user = getattr(row, "valid_user", None)
        return {
            "id": row.pk,
            "name": row.full_name,
            "email": row.email,
            "role": row.role,
            "role_label": _ROLE[row.role],
            "company": named(valid_user.company) if valid_user else None,
            "is_active": row.is_active,
        }


class GroupShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    level = serializers.IntegerField()
    level_label = Label()
    is_active = serializers.BooleanField()

    @staticmethod
    def of(row: SupportGroup) -> dict[str, Any]:
        level = str(SupportGroup.Level(row.level).label)
        return {"id": row.pk, "name": row.name, "level": row.level, "level_label": level, "is_active": row.is_active}


class CatalogShape(serializers.Serializer[Any]):
    """`fields` son las preguntas que se contestan en `fields` al levantar el ticket."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    category = Ref()
    kind = Coded(Kind)
    kind_label = Label()
    service_line = Coded(ServiceLine)
    service_line_label = Label()
    default_impact = Coded(Impact)
    default_impact_label = Label()
    default_urgency = Coded(Urgency)
    default_urgency_label = Label()
    fields = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]

    @staticmethod
    def of(row: CatalogItem) -> dict[str, Any]:
        return {
            "id": row.pk,
            "name": row.name,
            "description": row.description,
            "category": {"id": row.category.pk, "name": row.category.name},
            "kind": row.kind,
            "kind_label": _KIND[row.kind],
            "service_line": row.service_line,
            "service_line_label": _LINE[row.service_line],
            "default_impact": row.default_impact,
            "default_impact_label": _IMPACT[row.default_impact],
            "default_urgency": row.default_urgency,
            "default_urgency_label": _URGENCY[row.default_urgency],
            "fields": row.fields,
        }


def companies(actor: User) -> QuerySet[Any]:
    return Company.objects.visible_to(actor)


def contracts(actor: User) -> QuerySet[Any]:
    """For whoever handles contracts at the desk, and for the company's representative."""
    rows = Contract.objects.visible_to(actor).select_related("company").prefetch_related("services")
    return rows if actor.role == Role.REPRESENTATIVE or actor.has_perm("customers.view_contract") else rows.none()


def users(actor: User) -> QuerySet[Any]:
    """A requester sees themselves; a representative their company's; the desk each other and, by role, the customers' people."""
    rows = User.objects.select_related("valid_user__company")
    if actor.has_perm("customers.view_validuser"):
        return rows.exclude(role=Role.SYSTEM)
    if actor.is_desk:
        return rows.filter(role__in=DESK_ROLES)
    if actor.role == Role.REPRESENTATIVE:
        return rows.filter(valid_user__in=ValidUser.objects.visible_to(actor))
    return rows.filter(pk=actor.pk)


def groups(actor: User) -> QuerySet[Any]:
    """The desk's own."""
    return SupportGroup.objects.order_by() if actor.is_desk else SupportGroup.objects.none()


def catalog(actor: User) -> QuerySet[Any]:
    return CatalogItem.objects.filter(is_active=True).select_related("category")


def resource(
    name: str, one: str, rows: Callable[[User], QuerySet[Any]], shape: Any, about: str
) -> tuple[type[ApiView], type[ApiView]]:
    """The list and the detail of one kind of reference data."""

    class ResourceList(ApiView):
        accepts = {"GET": PARAMETERS}

        @extend_schema(
            operation_id=f"{name}_list",
            description=about,
            parameters=PAGE_PARAMETERS,
            responses=page_of(f"{one}Page", shape),
        )
        def get(self, request: Request) -> Response:
            return answer(paginate(rows(self.actor), request, lambda found: [shape.of(row) for row in found]))

    class ResourceDetail(ApiView):
        @extend_schema(operation_id=f"{name}_retrieve", description=about, parameters=[ID], responses=shape)
        def get(self, request: Request, pk: int) -> Response:
            row = rows(self.actor).filter(pk=pk).first()
            if row is None:
                raise NotVisible(NOT_FOUND)
            return answer(shape.of(row))

    return ResourceList, ResourceDetail


RESOURCES = {
    "companies": resource("companies", "Company", companies, CompanyShape, "Las compañías que la persona puede ver."),
    "contracts": resource("contracts", "Contract", contracts, ContractShape, "Los contratos que la persona puede ver."),
    "users": resource("users", "User", users, UserShape, "Las personas que la persona puede ver."),
    "groups": resource("groups", "Group", groups, GroupShape, "Los grupos resolutores, para la mesa."),
    "catalog": resource("catalog", "Catalog", catalog, CatalogShape, "Los servicios que se pueden pedir o reportar."),
}


class MeShape(UserShape):
    time_zone = serializers.CharField()
    groups = Ref(many=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), allow_null=True)
    expires_at = Moment(help_text="Cuándo vence la llave; nulo en una sesión.")


class Me(ApiView):
    read_scope = None

    @extend_schema(operation_id="me", responses=MeShape)
    def get(self, request: Request) -> Response:
        """Por quién actúa la llave, y con qué alcances (nulo: los de la persona)."""
        user = User.objects.select_related("valid_user__company").get(pk=self.actor.pk)
        token = token_of(request)
        return answer(
            {
                **UserShape.of(user),
                "time_zone": user.time_zone,
                "groups": [named(group) for group in user.support_groups.all()],
                "scopes": sorted(token.scope_set) if token is not None else None,
                "expires_at": moment(token.expiry) if token is not None else None,
            }
        )
