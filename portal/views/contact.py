"""Whom to call, and the levels of escalation (guide 3.3, 3.5.2)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import contact, page
from portal.access import customer


@require_safe
def contact_page(request: HttpRequest) -> HttpResponse:
    """The desk's own contact for everybody; the levels above it, with their people, only for customers who are signed in."""
    if not request.user.is_authenticated:
        return render(request, "portal/contact.html", {**page.foot(), "desk": contact.desk()})
    return _levels(request)


@customer
def _levels(request: HttpRequest) -> HttpResponse:
    return page.show(request, "portal/contact.html", desk=contact.desk(), levels=contact.levels())
