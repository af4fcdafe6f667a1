"""The ways on from a questionnaire in the console: its new version as a copy, and the page that shows it as customers will see it and
publishes it for good."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from channels.messages import surveys as mails
from core import clock
from core.admin import ConfigurationAdmin
from core.errors import InvalidInput, Refused
from surveys import questionnaires
from surveys.forms import SurveyForm
from surveys.models import Questionnaire
from surveys.services import questionnaires as drafts


class PublishingAdmin(ConfigurationAdmin):
    """Two addresses beside the theme's own. Who may read questionnaires sees them; the services ask who may publish."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:pk>/nueva-version/",
                view(require_POST(self.new_version)),
                name="surveys_questionnaire_new_version",
            ),
            path(
                "<int:pk>/vista/",
                view(require_http_methods(["GET", "HEAD", "POST"])(self.publish)),
                name="surveys_questionnaire_publish",
            ),
        ]
        return [*own, *super().get_urls()]

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft with the same questions; where there is one already, that one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Questionnaire, pk=pk)
        copied = drafts.begin(row.service_line, by=request.user)  # type: ignore[arg-type]
        messages.success(request, f"Este es el borrador de la versión {copied.version}: ajústelo y publíquelo.")
        return redirect("admin:surveys_questionnaire_change", copied.pk)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows the version as customers see it and what it lacks; POST publishes it for good."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Questionnaire, pk=pk)
        lacking: list[str] = []
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            try:
                published = drafts.publish(row, by=request.user)  # type: ignore[arg-type]
            except InvalidInput as invalid:
                lacking = list(invalid.errors.values())
            except Refused as refusal:
                messages.warning(request, refusal.message)
                return redirect("admin:surveys_questionnaire_change", pk)
            else:
                self.log_change(request, published, "Publicada.")
                messages.success(
                    request,
                    f"La versión {published.version} está publicada: pregunta desde los tickets que se cierren ahora.",
                )
                return redirect("admin:surveys_questionnaire_change", pk)
        context = self.reviewed(request, row, lacking)
        return TemplateResponse(request, "admin/console/questionnaire_publish.html", context)

    def reviewed(self, request: HttpRequest, row: Questionnaire, lacking: list[str]) -> dict[str, Any]:
        assert isinstance(request.user, User)
        form, at = SurveyForm(row), clock.now()
        is_draft = row.published_at is None
        name = f"{row.get_service_line_display() or 'Todas las líneas'}, versión {row.version}"
        return {
            **self.admin_site.each_context(request),
            "title": f"Publicar la versión {row.version}" if is_draft else f"Versión {row.version}",
            "desk_crumbs": [
                {"label": "Cuestionarios", "href": reverse("admin:surveys_questionnaire_changelist")},
                {"label": name, "href": reverse("admin:surveys_questionnaire_change", args=[row.pk])},
                {"label": "Publicar" if is_draft else "Vista previa"},
            ],
            "questionnaire": row,
            "name": name,
            "is_draft": is_draft,
            "can_publish": is_draft and self.has_change_permission(request),
            "lacking": lacking or (list(questionnaires.faults(row)) if is_draft else []),
            "refused": bool(lacking),
            "current": questionnaires.current(row.service_line) if is_draft else None,
            "form": form,
            "asked": form.asked,
            "mail": mails.sample(row, reader=request.user, at=at),
            "number": str(row.version),
            "now": at,
        }
