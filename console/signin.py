"""Sign-in of the desk's people: allauth's own, so its limits and the second factor apply; customers are shown the way to the portal."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

NOT_DESK = "Esta entrada es para el personal de la Mesa de Servicio. Sus tickets están en el portal."


class ConsoleLogin(LoginView):
    template_name = "admin/login.html"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["login"].label = "Correo"
        form.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        form.fields["password"].label = "Contraseña"
        form.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        form.fields["password"].help_text = ""
        return form

    def form_valid(self, form: Any) -> HttpResponseBase:
        if not form.user.is_staff:
            form.add_error(None, NOT_DESK)
            return self.form_invalid(form)
        response: HttpResponseBase = super().form_valid(form)
        return response

    def get_success_url(self) -> str:
        return wanted(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": "Entrar",
            "next": wanted(self.request),
            "forgotten_url": reverse("account_reset_password"),
        }


def wanted(request: HttpRequest) -> str:
    """Where the person was going, when that is a page of ours; else the queue."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("admin:index")


def sign_in(request: HttpRequest, *, site: AdminSite) -> HttpResponseBase:
    if site.has_permission(request):
        return redirect(wanted(request))
    if request.user.is_authenticated:
        context = {**site.each_context(request), "title": "Mesa de Servicio", "text": NOT_DESK}
        response: HttpResponse = TemplateResponse(request, "admin/console/not_desk.html", context, status=403)
        return response
    view: HttpResponseBase = ConsoleLogin.as_view()(request)
    return view
