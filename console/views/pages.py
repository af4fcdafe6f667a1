"""What every page of the console shares."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from accounts.models import User


def person(request: HttpRequest) -> User:
    """The signed-in member of the desk: `admin_view` lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def draw(
    request: HttpRequest, template: str, *, title: str, crumbs: list[dict[str, str]], status: int = 200, **context: Any
) -> TemplateResponse:
    """A page inside the theme's frame. `crumbs` stand in the top bar: label, href?"""
    full = {
        **admin.site.each_context(request),
        "title": title,
        "desk_crumbs": crumbs,
        "is_fullwidth": "1",
        **context,
    }
    return TemplateResponse(request, f"admin/console/{template}", full, status=status)
