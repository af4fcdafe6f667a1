"""The console: Django's admin, in its theme, with the desk's sign-in, queues and language."""

from typing import Any

from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

OWN_APPS = (
    "core", "accounts", "customers", "tickets", "sla", "escalation", "improvements", "surveys", "channels", "portal", "console", "api",
)  # fmt: skip


class DeskSite(UnfoldAdminSite):
    site_header = "Mesa de Servicio"
    site_title = "Mesa de Servicio"
    index_title = "Configuración"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only our own tables: libraries would open theirs too, second-factor secrets and Django's unused groups among them."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        own = [model for model in models if model._meta.app_label in OWN_APPS]
        if own:
            super().register(own, admin_class, **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page has, and the alarms that wait for this person."""
        from console.alarm_admin import waiting

        return {**super().each_context(request), "desk_alarms": waiting(request)}

    def extra_urls(self) -> list[URLPattern]:
        from console import action_urls, nps_urls, survey_urls, ticket_urls, voice_urls
        from console.views import levels, what_if

        return [
            path("configuracion/", self.admin_view(self.configuration), name="configuration"),
            path("niveles/", self.admin_view(levels.page), name="sla_board"),
            path("niveles/simulador/", self.admin_view(what_if.page), name="sla_simulator"),
            *nps_urls.of(self),
            *ticket_urls.of(self),
            *action_urls.of(self),
            *voice_urls.of(self),
            *survey_urls.of(self),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The desk begins its day at the queue."""
        return redirect("admin:tickets_ticket_changelist")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sidebar's search has one page; the theme breaks on any other."""
        if "page" in request.GET:
            raise Http404
        response: HttpResponse = super().search(request, extra_context)
        return response

    def configuration(self, request: HttpRequest) -> TemplateResponse:
        """Everything that this person may see or change besides the tickets, by section."""
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "app_list": self.get_app_list(request),
            "index": True,
        }
        return TemplateResponse(request, "admin/index.html", context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        from console.signin import sign_in

        return sign_in(request, site=self)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Only by POST: a link cannot sign anybody out."""
        return LogoutView.as_view(next_page=reverse("admin:login"))(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One place to change a password, with its own limits: the account's."""
        return redirect("account_change_password")
