"""The recalculations of open tickets: what was asked for, how far it is, and what it could not do. Read only, but to take back or retry."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from console.operation_admin import WorkAdmin
from console.views.pages import draw, person
from core import clock, events
from core.errors import DomainError
from core.leases import WorkState
from core.models import Alarm
from core.text import is_number
from sla.models import Recalculation
from sla.services import recalculation

WHERE = {"terms": "customers_serviceterms", "calendar": "customers_calendar"}


@admin.register(Recalculation)
class RecalculationAdmin(WorkAdmin):
    task = recalculation.TASK
    list_display = ("__str__", "standing", "looked_at", "changed", "requested_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("terms", "calendar", "requested_by")
    ordering = ("-id",)

    @admin.display(description="situación")
    def standing(self, row: Recalculation) -> str:
        return facts(row)["standing"]

    @admin.display(description="revisados")
    def looked_at(self, row: Recalculation) -> str:
        return f"{row.done:,}" if row.total is None else f"{row.done:,} de {max(row.total, row.done):,}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/avance/", view(require_safe(self.progress)), name="sla_recalculation_progress"),
            path("<int:pk>/retirar/", view(require_POST(self.withdraw)), name="sla_recalculation_withdraw"),
            path("<int:pk>/reintentar/", view(require_POST(self.retry)), name="sla_recalculation_retry"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self._row(request, object_id)
        crumbs = [
            {"label": "Recálculos de tickets abiertos", "href": reverse("admin:sla_recalculation_changelist")},
            {"label": f"{row}"},
        ]
        title = f"Condiciones «{row}»" if row.terms_id else f"Días inhábiles de «{row}»"
        return draw(request, "recalculation.html", title=title, crumbs=crumbs, **self._context(request, row))

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that moves."""
        context = self._context(request, self._row(request, str(pk)))
        return TemplateResponse(request, "admin/console/_recalculation.html", context)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._row(request, str(pk))
        try:
            recalculation.withdraw(row, by=person(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Quedó retirado: los tickets abiertos siguen como estaban.")
        return redirect("admin:sla_recalculation_change", pk)

    def retry(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_retry_permission(request):
            raise PermissionDenied
        self._row(request, str(pk)).replay(at=clock.now())
        events.wake(self.task)
        return redirect("admin:sla_recalculation_change", pk)

    def _row(self, request: HttpRequest, object_id: str) -> Recalculation:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Recalculation.objects.select_related("terms__contract__company", "calendar", "requested_by")
        number = object_id if is_number(object_id) else 0
        found: Recalculation = get_object_or_404(rows, pk=number)
        return found

    def _context(self, request: HttpRequest, row: Recalculation) -> dict[str, Any]:
        waits = row.state == WorkState.PENDING and row.total is None and not row.lease_token
        may_withdraw = waits and row.terms_id is not None and recalculation.is_allowed(person(request))
        now = clock.now()
        of = "terms" if row.terms_id else "calendar"
        return {
            "row": row,
            "now": now,
            "is_near": row.next_at < now + timedelta(minutes=1),
            **facts(row),
            "alarm": Alarm.objects.filter(key=recalculation.alarm_key(row)).order_by("-pk").first(),
            "is_pending": row.state == WorkState.PENDING,
            "can_withdraw": may_withdraw,
            "can_retry": row.state == WorkState.PARKED and self.has_retry_permission(request),
            "subject_url": reverse(f"admin:{WHERE[of]}_change", args=[row.terms_id or row.calendar_id]),
        }


def facts(row: Recalculation) -> dict[str, str]:
    """How it stands, in words, and the tone of that."""
    if row.state == WorkState.DONE:
        return {"standing": "Terminado", "tone": "ok", "icon": "check-circle"}
    if row.state == WorkState.PARKED:
        return {"standing": "Detenido", "tone": "bad", "icon": "exclamation-circle"}
    if row.state == WorkState.WITHDRAWN:
        return {"standing": "Retirado", "tone": "", "icon": "x-circle"}
    if row.total is None:
        return {"standing": "Por empezar", "tone": "", "icon": "clock"}
    return {"standing": f"En curso, {row.percent} %", "tone": "", "icon": "arrow-path"}
