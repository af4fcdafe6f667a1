"""The terms of service: what hangs from them (hours, targets, warnings, matrix) is edited on one page, until they are in force.

Terms in force are never edited: what was promised can always be shown. «Nueva versión» copies them with a later date.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from console.terms_forms import (
    CELLS,
    GUIDE,
    DayFormSet,
    GridForm,
    RuleForm,
    RuleFormSet,
    TargetFormSet,
    WarningFormSet,
    WindowFormSet,
    cell_name,
)
from console.views import effect
from core import clock
from core.admin import ConfigurationAdmin, Rows
from core.caching import forget_all
from core.text import is_number
from customers.forms import WindowForm
from customers.models import ExtensionWindow, ServiceTerms, TermsClosedDay
from escalation.models import EscalationRule
from sla.models import Target, WarningLevel
from tickets.vocabulary import PRIORITY_ORDER, Impact, Urgency

HANGING = ("extension_windows", "closed_days", "targets", "warning_levels", "priority_rules", "escalation_rules")
"""What a new version copies."""


def editable(terms: ServiceTerms | None) -> bool:
    """Only terms whose validity has not begun."""
    return terms is None or terms.valid_from > clock.now()


class Hanging(Rows):
    """Rows of the terms: they change with them, and stop changing with them. `unsaid` is what a choice left empty means."""

    unsaid: Mapping[str, str] = MappingProxyType({})

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.unsaid:
            kwargs["choices"] = db_field.get_choices(blank_choice=[("", self.unsaid[db_field.name])])
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(editable(obj) and super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(editable(obj) and super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(editable(obj) and super().has_delete_permission(request, obj))


class Extension(Hanging):
    model = ExtensionWindow
    form = WindowForm
    formset = WindowFormSet
    fields = ("weekday", "opens", "closes", "includes_second_level", "works_on_holidays")
    readonly_fields = ("hours",)

    def get_fields(self, request: HttpRequest, obj: ServiceTerms | None = None) -> Any:
        """Hours as on a clock, also where they are only shown."""
        return self.fields if editable(obj) else ("weekday", "hours", *self.fields[3:])

    @admin.display(description="horario")
    def hours(self, row: ExtensionWindow) -> str:
        return row.words


class OwnClosedDays(Hanging):
    model = TermsClosedDay
    formset = DayFormSet
    fields = ("date", "name")


class Targets(Hanging):
    """The guide's order: critical first."""

    model = Target
    formset = TargetFormSet
    unsaid = MappingProxyType(
        {"service_line": "Cualquiera", "reaction_clock": "De la guía", "attention_clock": "De la guía"}
    )
    fields = ("priority", "service_line", "reaction_minutes", "reaction_clock", "attention_minutes", "attention_clock")

    def get_queryset(self, request: HttpRequest) -> Any:
        rank = Case(*(When(priority=value, then=place) for value, place in PRIORITY_ORDER.items()), default=9)
        return super().get_queryset(request).order_by(rank, "service_line")


class Warnings(Hanging):
    model = WarningLevel
    formset = WarningFormSet
    fields = ("percent",)


class Escalations(Hanging):
    """When a ticket goes up by itself; without rows, the guide's rules."""

    model = EscalationRule
    form = RuleForm
    formset = RuleFormSet
    unsaid = MappingProxyType({"priority": "Cualquiera"})
    fields = ("clock", "priority", "percent", "delay_minutes", "level")


@admin.register(ServiceTerms)
class ServiceTermsAdmin(ConfigurationAdmin):
    form = GridForm
    change_form_template = "admin/console/terms_form.html"
    list_display = ("name", "contract", "valid_from", "calendar")
    list_select_related = ("contract__company", "calendar")
    search_fields = ("name", "contract__number", "contract__company__name")
    autocomplete_fields = ("contract", "calendar")
    inlines = (Extension, OwnClosedDays, Targets, Warnings, Escalations)
    fieldsets = (
        (None, {"fields": ("contract", "name", "valid_from")}),
        (
            "Horario y plazos",
            {"fields": (("calendar", "time_zone"), "validation_hours", ("pauses_for_user", "pauses_for_vendor"))},
        ),
        (
            "Matriz de prioridades (urgencia × impacto)",
            {"fields": [tuple(cell_name(urgency, impact) for impact in Impact) for urgency in Urgency]},
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: ServiceTerms | None = None) -> bool:
        return bool(super().has_change_permission(request, obj) and editable(obj))

    def has_delete_permission(self, request: HttpRequest, obj: ServiceTerms | None = None) -> bool:
        return bool(super().has_delete_permission(request, obj) and obj is not None and editable(obj))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From tomorrow: terms that began already would be refused."""
        tomorrow = _free_moment(ServiceTerms.objects.none())
        return {"valid_from": tomorrow, **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceTerms | None = None) -> Any:
        return [cell_name(*cell) for cell in CELLS] if obj is not None and not editable(obj) else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_matrix()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:pk>/nueva-version/",
                view(require_POST(self.new_version)),
                name="customers_serviceterms_new_version",
            ),
            path(
                "<int:pk>/efecto/",
                view(require_http_methods(["GET", "HEAD", "POST"])(self.effect)),
                name="customers_serviceterms_effect",
            ),
        ]
        return [*own, *super().get_urls()]

    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What these terms would do, for who may see them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("contract__company", "calendar")
        return effect.page(request, get_object_or_404(rows, pk=pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "can_copy": self.has_add_permission(request),
            "copy_url": _address("new_version", object_id),
            "effect_url": _address("effect", object_id),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A copy with everything that hangs from it, valid from tomorrow; it is edited before that."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        versions = self.get_queryset(request)
        terms: ServiceTerms = get_object_or_404(versions, pk=pk)
        copied = copy_terms(terms, valid_from=_free_moment(versions.filter(contract=terms.contract_id)))
        self.log_addition(request, copied, [{"added": {"name": "versión", "object": str(copied)}}])
        messages.success(request, "Esta es la nueva versión. Ajústela antes de que entre en vigor.")
        return redirect("admin:customers_serviceterms_change", copied.pk)


def _address(name: str, object_id: str) -> str:
    return reverse(f"admin:customers_serviceterms_{name}", args=[object_id]) if is_number(object_id) else ""


def _free_moment(versions: Any) -> datetime:
    """The first midnight ahead at which no other version of the same terms begins."""
    day = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = set(versions.values_list("valid_from", flat=True))
    moment = day + timedelta(days=1)
    while moment in taken:
        moment += timedelta(days=1)
    return moment


def copy_terms(terms: ServiceTerms, *, valid_from: datetime) -> ServiceTerms:
    """A new row with the same values and the same hanging rows, in one transaction."""
    with transaction.atomic():
        copied = copy(terms)
        copied._state = copy(terms._state)
        copied.pk, copied.valid_from = None, valid_from
        copied._state.adding = True
        copied.save(force_insert=True)
        for name in HANGING:
            rows = list(getattr(terms, name).all())
            for row in rows:
                row.pk, row.terms = None, copied
            getattr(terms, name).model.objects.bulk_create(rows)
        transaction.on_commit(forget_all)
    return copied


def view_only_cell(urgency: str, impact: str) -> Any:
    """How the cell reads on terms in force."""

    @admin.display(description=f"{Urgency(urgency).label} × {Impact(impact).label}")
    def said(self: Any, terms: ServiceTerms) -> str:
        rule = next((r for r in terms.priority_rules.all() if (r.urgency, r.impact) == (urgency, impact)), None)
        return str(rule.get_priority_display()) if rule else GUIDE[1]

    return said


for _urgency, _impact in CELLS:
    setattr(ServiceTermsAdmin, cell_name(_urgency, _impact), view_only_cell(_urgency, _impact))
