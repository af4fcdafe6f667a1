"""The daily audits of the clocks, read only; and «Volver a calcular» on what they found."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html

from console.forms import PlainForm
from console.views.pages import draw, person
from core import clock
from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from core.text import is_number
from sla.models import ClockAudit, ClockDifference
from sla.services import mending

OF_AUDIT = "audit__id__exact"


@admin.register(ClockAudit)
class ClockAuditAdmin(ReadOnlyAdmin):
    list_display = ("day", "standing", "looked_at", "found_link")
    list_filter = ("state",)
    fields = ("day", "standing", "looked_at", "found_link", ("created_at", "done_at"), "last_error")
    readonly_fields = ("standing", "looked_at", "found_link")

    @admin.display(description="estado")
    def standing(self, row: ClockAudit) -> str:
        """«Hecho», or how far it is."""
        return (
            f"{row.get_state_display()}, {row.percent} %" if row.total and not row.done_at else row.get_state_display()
        )

    @admin.display(description="revisados")
    def looked_at(self, row: ClockAudit) -> str:
        return f"{row.done:,}" if row.total is None else f"{row.done:,} de {max(row.total, row.done):,}"

    @admin.display(description="diferencias")
    def found_link(self, row: ClockAudit) -> str:
        if not row.differences:
            return "Ninguna"
        address = reverse("admin:sla_clockdifference_changelist")
        return format_html('<a href="{}?{}={}">{}</a>', address, OF_AUDIT, row.pk, row.differences)


@admin.register(ClockDifference)
class ClockDifferenceAdmin(ReadOnlyAdmin):
    list_display = ("text", "ticket_link", "kind", "audit", "found_at")
    list_display_links = ("text",)
    list_filter = ("kind",)
    list_select_related = ("ticket", "audit")
    search_fields = ("text",)
    ordering = ("-id",)
    actions = ("mend",)

    @admin.display(description="ticket")
    def ticket_link(self, row: ClockDifference) -> str:
        address = reverse("admin:tickets_ticket_change", args=[row.ticket.number])
        return format_html('<a href="{}">{}</a>', address, row.ticket)

    def get_queryset(self, request: HttpRequest) -> Any:
        return ClockDifference.objects.visible_to(request.user).order_by("-id")  # type: ignore[arg-type]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """An audit's page narrows the list to what it found."""
        return lookup == OF_AUDIT or bool(super().lookup_allowed(lookup, value, request))

    def has_mend_permission(self, request: HttpRequest) -> bool:
        return bool(mending.may(person(request)))

    @admin.action(description="Volver a calcular los tiempos de sus tickets", permissions=["mend"])
    def mend(self, request: HttpRequest, chosen: QuerySet[ClockDifference]) -> None:
        """Each ticket by itself: what could not be done says why."""
        tickets = {row.ticket_id: row for row in chosen.select_related("ticket", "audit")}
        for row in tickets.values():
            try:
                _mend(request, row, _reason(row))
            except DomainError as error:
                messages.error(request, f"{row.ticket.number}: {error.message}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was found, how the ticket stands now, and the form that works its times out again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("ticket__company", "audit")
        row: ClockDifference = get_object_or_404(rows, pk=object_id if is_number(object_id) else 0)
        form = MendForm(request.POST if request.method == "POST" else None, initial={"reason": _reason(row)})
        if request.method == "POST":
            try:
                _mend(request, row, form.raw("reason")["reason"])
                return redirect("admin:sla_clockdifference_change", row.pk)
            except DomainError as error:
                loose = form.refuse(error)
                return self._draw(request, row, form, problem=" ".join(loose), status=422)
        return self._draw(request, row, form)

    def _draw(
        self, request: HttpRequest, row: ClockDifference, form: "MendForm", *, problem: str = "", status: int = 200
    ) -> HttpResponse:
        now = clock.now()
        stands = [] if row.ticket.is_terminal else [one.spanish for one in mending.standing(row.ticket, at=now)]
        audits, found = reverse("admin:sla_clockaudit_changelist"), reverse("admin:sla_clockdifference_changelist")
        crumbs = [
            {"label": "Revisiones de relojes", "href": audits},
            {"label": f"{row.audit}", "href": f"{found}?{OF_AUDIT}={row.audit_id}"},
        ]
        verdict = mending.may(person(request))
        context = {
            "row": row,
            "stands": stands,
            "now": now,
            "form": form,
            "problem": problem,
            "why_not": verdict.reason,
        }
        title = f"Diferencia en {row.ticket.number}"
        return draw(request, "difference.html", title=title, crumbs=crumbs, status=status, **context)


class MendForm(PlainForm):
    reason = forms.CharField(
        label="Motivo", widget=forms.Textarea, help_text="Queda en el historial del ticket; el cliente no lo ve."
    )


def _reason(row: ClockDifference) -> str:
    return f"La revisión del {row.audit} encontró: {row.text}"


def _mend(request: HttpRequest, row: ClockDifference, reason: str) -> None:
    """Do it and say how it went. Raises what the service refuses."""
    left = mending.mend(row.ticket, by=person(request), reason=reason)
    number = row.ticket.number
    if left:
        told = " ".join(one.spanish for one in left)
        messages.warning(request, f"{number}: se volvió a calcular y todavía difiere. {told} Revise el ticket.")
    else:
        messages.success(
            request, f"{number}: sus tiempos coinciden con los que resultan de contarlos desde el principio."
        )
