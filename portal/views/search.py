"""«¿En qué puedo ayudarle?»: one search over the customer's tickets and the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import page
from portal.access import customer, who
from portal.views.catalog import items, matches
from tickets.models import Ticket

FEW, MANY = 4, 20


@require_safe
@customer
def search(request: HttpRequest) -> HttpResponse:
    """A page, or while somebody types (htmx) a short fragment."""
    user, text = who(request), request.GET.get("q", "").replace("\x00", "")[:100].strip()
    fragment = bool(request.headers.get("HX-Request"))
    most = FEW if fragment else MANY
    rows, offered = [], []
    if text:
        found = Ticket.objects.visible_to(user).search(text).select_related("requester").order_by("-updated_at", "-id")
        rows = list(found[:most])
        offered = [item for item in items() if matches(item, text)][:most]
    context = {"text": text, "tickets": rows, "items": offered, "nothing": bool(text) and not rows and not offered}
    if fragment:
        return render(request, "portal/_search_results.html", context)
    return page.show(request, "portal/search.html", "inicio", **context)
