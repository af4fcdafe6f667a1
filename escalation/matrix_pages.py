"""The ways on from a matrix in the console: its new version as a copy, and the page on which a draft is published for good."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, words
from core.admin import ConfigurationAdmin
from core.errors import InvalidInput, Refused
from escalation import matrices
from escalation.completeness import faults
from escalation.models import Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import MatrixKind

COLUMNS = ("Nivel y rol", "Contacto", "Acusa recibo en", "Responde en")
COMPLAINTS_COLUMNS = ("Nivel, área, dirección y rol", "Contacto")


class PublishingAdmin(ConfigurationAdmin):
    """Two addresses beside the theme's own. Who may change matrices may use them; the services ask again."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:pk>/nueva-version/",
                view(require_POST(self.new_version)),
                name="escalation_matrix_new_version",
            ),
            path(
                "<int:pk>/publicar/",
                view(require_http_methods(["GET", "HEAD", "POST"])(self.publish)),
                name="escalation_matrix_publish",
            ),
        ]
        return [*own, *super().get_urls()]

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft with the same rows; where there is one already, that one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        matrix = get_object_or_404(Matrix, pk=pk)
        try:
            copied = publishing.new_version(matrix, by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            messages.warning(request, refusal.message)
            return redirect("admin:escalation_matrix_change", (publishing.draft_of(matrix) or matrix).pk)
        self.log_addition(request, copied, [{"added": {"name": "versión", "object": str(copied)}}])
        messages.success(request, "Este es el borrador de la nueva versión: ajústelo y publíquelo.")
        return redirect("admin:escalation_matrix_change", copied.pk)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows the version as it will be and what it lacks; POST publishes it for good."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        matrix = get_object_or_404(self.get_queryset(request).select_related("contract__company", "service"), pk=pk)
        if matrix.is_published:
            return redirect("admin:escalation_matrix_change", pk)
        lacking: list[str] = []
        if request.method == "POST":
            try:
                row = publishing.publish(matrix, by=request.user)  # type: ignore[arg-type]
            except InvalidInput as invalid:
                lacking = list(invalid.errors.values())
            except Refused as refusal:
                lacking = [refusal.message]
            else:
                self.log_change(request, row, "Publicada.")
                messages.success(
                    request, f"La versión {row.version} está publicada y rige desde {moment(row.valid_from)}."
                )
                return redirect("admin:escalation_matrix_change", pk)
        return TemplateResponse(request, "admin/console/matrix_publish.html", self.reviewed(request, matrix, lacking))

    def reviewed(self, request: HttpRequest, matrix: Matrix, lacking: list[str]) -> dict[str, Any]:
        at = clock.now()
        starts, complaints = max(matrix.valid_from, at), matrix.kind == MatrixKind.COMPLAINTS
        current = current_of(matrix)
        return {
            **self.admin_site.each_context(request),
            "title": f"Publicar la versión {matrix.version}",
            "desk_crumbs": [
                {"label": "Matrices de escalamiento", "href": reverse("admin:escalation_matrix_changelist")},
                {
                    "label": f"Versión {matrix.version}",
                    "href": reverse("admin:escalation_matrix_change", args=[matrix.pk]),
                },
                {"label": "Publicar"},
            ],
            "matrix": matrix,
            "name": matrix.name,
            "lacking": lacking or faults(matrix, matrices.day_of(starts)),
            "refused": bool(lacking),
            "rows": [
                (row, _meanwhile(row, starts)) for row in matrices.in_order(matrix.levels.select_related("contact"))
            ],
            "is_complaints": complaints,
            "starts": "en cuanto la publique" if starts == at else f"desde {moment(starts)}",
            "columns": [{"label": label} for label in (COMPLAINTS_COLUMNS if complaints else COLUMNS)],
            "number": str(matrix.version),
            "current": current,
            "current_begins_later": current is not None and current.valid_from > starts,
            "now": at,
        }


def _meanwhile(level: Level, starts: datetime) -> str:
    """What the page says of a contact who is away as the version begins; empty for who is there."""
    away = matrices.away(matrices.day_of(starts)).get(level.contact_id or 0)
    if away is None or away.until is None:
        return ""
    until = words.long_date(away.until, year=away.until.year != starts.year)
    return f"Ausente hasta el {until}; {f'suple {away.reach.contact.name}' if away.reach else 'sin suplente'}"


def current_of(matrix: Matrix) -> Matrix | None:
    """The version of the same matrix that a draft would replace."""
    rows: Any = publishing.versions_of(matrix)
    found: Matrix | None = rows.in_use(clock.now()).order_by("-version").first()
    return found


def moment(at: datetime) -> str:
    """«el 10 de marzo de 2026, 10:00»: a date that will be read years later."""
    return "el " + date_format(timezone.localtime(at), "j \\d\\e F \\d\\e Y, G:i").lower()
