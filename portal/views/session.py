"""Coming in and going out. allauth checks the password, counts the failures and keeps to addresses of this site."""

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import contact, page
from portal.forms.account import SignInForm


class SignIn(LoginView):
    template_name = "portal/sign_in.html"
    form_class = SignInForm

    def get_form_class(self) -> type[SignInForm]:
        return self.form_class

    def get_authenticated_redirect_url(self) -> str:
        """Somebody who is already in goes on to where they were going; the desk's people to the console."""
        user = self.request.user
        return str(super().get_authenticated_redirect_url()) if user.is_customer else reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **page.foot(), "phone": contact.phone_of(contact.desk())}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST ends the session; GET only asks."""
    if request.method != "POST" and request.user.is_authenticated:
        return render(request, "portal/sign_out.html", page.foot())
    logout(request, show_message=False)
    return redirect("portal:sign-in")
