"""The queue: the tickets of a standard view in the guide's precedence, filtered, by pages that cost the same wherever they are.

Queries, however many rows: the person and session, their groups, the sidebar's counts, the page of tickets, its clocks; two more when
something is searched.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from console import clocks, forms, keyset, trail
from console.filters import Filters, jump
from console.views.bulk import OUTCOMES
from console.views.pages import draw, person
from core import clock
from tickets import policy
from tickets.vocabulary import Channel

CHANNEL_NAMES: dict[str, str] = {Channel.WHATSAPP: "WhatsApp", Channel.API: "API"}


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    listing = trail.listing_of(request.GET, actor)
    filters, chosen, shown = listing.filters, listing.chosen, listing.shown
    if (found := jump(filters, actor)) is not None:
        return redirect("admin:tickets_ticket_change", found.number)
    searching = bool(filters.search)
    request._queue = chosen.key if shown is chosen else ""  # type: ignore[attr-defined]
    tickets = listing.tickets(actor, now).with_people()
    page = keyset.page_of(clocks.with_clocks(tickets), shown.order, request.GET.get("p", ""))
    rows = [
        {
            "ticket": row,
            "due": clocks.nearest(row, actor, now=now),
            "href": trail.row_address(row, listing),
            "channel": CHANNEL_NAMES.get(row.channel) or row.get_channel_display().lower(),
        }
        for row in page.rows
    ]
    return draw(
        request,
        "queue.html",
        title=f"Búsqueda: {filters.search}" if searching else shown.label,
        crumbs=[{"label": "Tickets", "href": reverse("admin:tickets_ticket_changelist")}, {"label": shown.label}],
        queue=shown,
        order_words=keyset.ORDER_WORDS[shown.order],
        filters=filters,
        rows=rows,
        page=page,
        previous=_page(filters, page.previous),
        next=_page(filters, page.next),
        keep=[{"name": "cola", "value": chosen.key}],
        clear_url=f"?cola={chosen.key}",
        now=now,
        **_bulk(request, page.rows),
    )


def _page(filters: Filters, cursor: str) -> str:
    return f"{filters.address()}&p={cursor}" if cursor else ""


def _bulk(request: HttpRequest, rows: Any) -> dict[str, Any]:
    """What may be done with a selection, and what came of the last one."""
    actor = person(request)
    return {
        "can_register": actor.role in forms.REGISTRARS,
        "can_open": any(policy.can("open", actor, row) for row in rows),
        "can_assign": any(policy.can("assign", actor, row) for row in rows),
        "bulk_form": forms.BulkForm(actor=actor),
        "outcomes": request.session.pop(OUTCOMES, None),
        "back": request.get_full_path(),
    }
