"""What every page of the portal carries besides its own content: navigation, the person, the desk's line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core import clock
from customers.models import ValidUser
from portal import contact
from portal.access import who


def show(request: HttpRequest, template: str, active: str = "", *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page for the signed-in customer. `active` is the key of the navigation's current item."""
    return render(request, template, {**frame(request, active), **context}, status=status)


def frame(request: HttpRequest, active: str = "") -> dict[str, Any]:
    user = who(request)
    membership = ValidUser.objects.visible_to(user).filter(user=user).select_related("company").first()
    company = membership.company.name if membership else ""
    return {
        "active": active,
        "now": clock.now(),
        "nav": [
            {"key": "inicio", "label": "Mi actividad", "href": reverse("portal:home"), "icon": "home"},
            {"key": "catalogo", "label": "Catálogo", "href": reverse("portal:catalog"), "icon": "squares-2x2"},
            {"key": "asuntos", "label": "Mis asuntos", "href": reverse("portal:tickets"), "icon": "ticket"},
        ],
        "user_card": {
            "name": user.full_name,
            "initials": user.initials,
            "company": company,
            "role": "representante" if user.role == Role.REPRESENTATIVE else "",
        },
        "account": [
            {"label": "Contraseña", "href": reverse("account_change_password"), "icon": "key"},
            {"label": "Quejas y sugerencias", "href": reverse("portal:voices"), "icon": "megaphone"},
            *_improvements(user),
            {"label": "Contacto y escalamiento", "href": reverse("portal:contact"), "icon": "phone"},
        ],
        "notices": None,
        "home_url": reverse("portal:home"),
        "sign_out_url": reverse("portal:sign-out"),
        "is_suspended": membership is not None and membership.status == ValidUser.Status.SUSPENDED,
        **foot(),
    }


def _improvements(user: User) -> list[dict[str, str]]:
    """For who represents a company."""
    if user.role != Role.REPRESENTATIVE:
        return []
    return [{"label": "Mejoras para su compañía", "href": reverse("portal:improvements"), "icon": "sparkles"}]


def foot() -> dict[str, Any]:
    """The footer, for pages with and without a person."""
    return {
        "desk_line": contact.desk_line(),
        "foot_links": [
            {"label": "Quejas y sugerencias", "href": reverse("portal:voices")},
            {"label": "Contacto y escalamiento", "href": reverse("portal:contact")},
        ],
    }
