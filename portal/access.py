"""Who may come in, and how the portal finds what they ask for: what is not theirs does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.errors import NotVisible
from tickets.models import Ticket

View = Callable[..., HttpResponse]


def customer(view: View) -> View:
    """A page for signed-in customers, in their own time zone. The desk's people are shown the way to the console."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        user = who(request)
        if not user.is_customer:
            return render(request, "portal/not_customer.html", status=403)
        with timezone.override(ZoneInfo(user.time_zone)):
            try:
                response = view(request, *args, **kwargs)
            except NotVisible:
                raise Http404 from None
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return inner


def who(request: HttpRequest) -> User:
    """The signed-in person."""
    user = request.user
    if not isinstance(user, User):
        raise NotVisible("El ticket no existe.")
    return user


def find_ticket(actor: User, number: str) -> Ticket:
    """The ticket of that public number, with what its page shows. Absent and foreign ones raise the same 404."""
    rows = Ticket.objects.visible_to(actor).by_number(number)
    found: Ticket | None = rows.select_related(
        "company",
        "requester",
        "terms",
        "service",
        "environment__service",
        "group",
        "assignee",
        "catalog_item",
        "follow_up_of",
    ).first()
    if found is None:
        raise Http404
    return found


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("portal:sign-in")})
    target = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect_to_login(target, reverse("portal:sign-in"))
