"""Companies, contracts and valid users. The terms of service and the calendars are in the console, with what follows from them."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.admin import ConfigurationAdmin, Rows
from customers.forms import NewValidUserForm
from customers.models import Company, Contract, Environment, Service, ValidUser

FIXED = (
    "Los plazos de sus tickets ya se cuentan en su zona horaria, y por eso no se cambia aquí. Para contarlos en otra, agregue a su contrato "
    "condiciones de servicio con esa zona, y aplíquelas a los tickets abiertos desde «Efecto»."
)


class Environments(Rows):
    model = Environment
    fields = ("service", "name", "kind", "sla_committed")


class ValidUsers(Rows):
    """To read and to reach: each is entered and changed on its own page."""

    model = ValidUser
    fields = ("user", "position", "status", "confirmed_at")
    readonly_fields = fields
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user", "company")


@admin.register(Company)
class CompanyAdmin(ConfigurationAdmin):
    list_display = ("name", "time_zone", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    inlines = (Environments, ValidUsers)

    def get_fieldsets(self, request: HttpRequest, obj: Company | None = None) -> Any:
        fixed = {"description": FIXED} if _counts(obj) else {}
        return [(None, {"fields": ("name", "time_zone", "is_active"), **fixed})]

    def get_readonly_fields(self, request: HttpRequest, obj: Company | None = None) -> Any:
        return ("time_zone",) if _counts(obj) else ()


def _counts(company: Company | None) -> bool:
    """Whether deadlines may have been counted in its zone: a contract has begun."""
    if company is None:
        return False
    today = clock.now().astimezone(ZoneInfo(company.time_zone)).date()
    return bool(company.contracts.filter(starts_on__lte=today).exists())


@admin.register(Service)
class ServiceAdmin(ConfigurationAdmin):
    list_display = ("name", "description", "is_active")
    search_fields = ("name",)


@admin.register(Contract)
class ContractAdmin(ConfigurationAdmin):
    list_display = ("number", "company", "starts_on", "ends_on", "account_manager")
    list_select_related = ("company", "account_manager")
    search_fields = ("number", "company__name")
    autocomplete_fields = ("company", "services")
    readonly_fields = ("own_terms",)
    fieldsets = (
        (None, {"fields": ("company", "number", ("starts_on", "ends_on"), "account_manager")}),
        ("Qué incluye", {"fields": ("services", "has_drp", "whatsapp_authorised")}),
        ("Condiciones de servicio", {"fields": ("own_terms",)}),
    )

    @admin.display(description="condiciones propias")
    def own_terms(self, contract: Contract) -> str:
        """The contract's own terms, each with its address; without any, the guide's bind."""
        if contract._state.adding:
            return "Guarde el contrato para agregarle condiciones."
        links = [
            format_html(
                '<a href="{}">{} (vigentes desde {})</a>',
                reverse("admin:customers_serviceterms_change", args=[row.pk]),
                row.name,
                row.valid_from.strftime("%d/%m/%Y"),
            )
            for row in contract.terms.order_by("-valid_from")
        ]
        add = format_html(
            '<a href="{}?contract={}">Agregar condiciones propias</a>',
            reverse("admin:customers_serviceterms_add"),
            contract.pk,
        )
        said = format_html("<br>".join(["{}"] * len(links)), *links) if links else "Rigen las de la guía."
        return format_html("{}<br>{}", said, add)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "account_manager":
            kwargs["queryset"] = User.objects.desk().filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ValidUser)
class ValidUserAdmin(ConfigurationAdmin):
    list_display = ("person", "company", "email", "status", "confirmed_at")
    list_filter = ("status",)
    list_select_related = ("user", "company")
    search_fields = ("user__full_name", "user__email", "company__name")
    autocomplete_fields = ("company",)
    fieldsets = (
        (None, {"fields": ("user", "company", "status", "confirmed_at")}),
        ("Autorización", {"fields": ("position", "immediate_superior", "authorised_by")}),
        ("WhatsApp", {"fields": ("whatsapp_phone",)}),
    )
    add_fieldsets = (
        (None, {"fields": ("company", "full_name", "email", "phone", "role")}),
        ("Autorización", {"fields": ("position", "immediate_superior", "authorised_by", "confirmed_at")}),
        ("WhatsApp", {"fields": ("whatsapp_phone",)}),
    )

    @admin.display(description="nombre", ordering="user__full_name")
    def person(self, row: ValidUser) -> str:
        return row.user.full_name

    @admin.display(description="correo", ordering="user__email")
    def email(self, row: ValidUser) -> str:
        return row.user.email

    def get_form(self, request: HttpRequest, obj: ValidUser | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewValidUserForm
            kwargs["fields"] = NewValidUserForm.Meta.fields
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ValidUser | None = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: ValidUser | None = None) -> Any:
        """A person does not change company by a correction: their tickets would stay with the other one."""
        if obj is None:
            return ()
        return ("user",) if getattr(request.user, "role", None) == Role.ADMIN else ("user", "company")

    def has_delete_permission(self, request: HttpRequest, obj: ValidUser | None = None) -> bool:
        """They are suspended: their tickets stay theirs."""
        return False
