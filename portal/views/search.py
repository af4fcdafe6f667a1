"""«¿En qué puedo ayudarle?»: one search over the customer's tickets, the catalogue, and complaints by their number."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal import page
from portal.access import customer, who
from portal.views.catalog import items, matches
from surveys.models import Voice
from tickets.models import Ticket

MOST = 20


@require_safe
@customer
def search(request: HttpRequest) -> HttpResponse:
    user, text = who(request), request.GET.get("q", "").replace("\x00", "")[:100].strip()
    rows, offered, said = [], [], []
    if text:
        found = Ticket.objects.visible_to(user).search(text).select_related("requester").order_by("-updated_at", "-id")
        rows = list(found[:MOST])
        offered = [item for item in items() if matches(item, text)][:MOST]
        said = list(Voice.objects.visible_to(user).by_number(text))
    nothing = bool(text) and not rows and not offered and not said
    return page.show(
        request, "portal/search.html", "inicio", text=text, tickets=rows, items=offered, voices=said, nothing=nothing
    )
