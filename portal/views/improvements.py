"""«Mejoras»: what the provider does so that what went wrong for a company does not happen again, for who represents it (guide 3.13, 3.14)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from improvements.models import CorrectiveAction
from portal import improvements, page
from portal.access import customer, who

TITLE = "Mejoras para su compañía"


@require_safe
@customer
def listing(request: HttpRequest) -> HttpResponse:
    user, now = who(request), clock.now()
    if not improvements.reads(user):
        raise Http404
    found = improvements.page_of(user, request.GET, now=now)
    return page.show(request, "portal/improvements.html", title=TITLE, found=found)


@require_safe
@customer
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Absent, foreign and without a summary are the same 404."""
    user, now = who(request), clock.now()
    row = CorrectiveAction.objects.visible_to(user).by_number(number).first()
    if row is None:
        raise Http404
    crumbs = [{"label": TITLE, "href": reverse("portal:improvements")}, {"label": row.number}]
    return page.show(
        request,
        "portal/improvement.html",
        told=improvements.tell(row, user, now=now),
        summary=row.summary,
        crumbs=crumbs,
    )
