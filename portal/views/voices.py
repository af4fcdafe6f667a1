"""Quejas y sugerencias: what the customer presented, and how each stands (guide 2.2, 3.13)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from core import clock
from portal import complaining, page, voice_listing, voice_page, voices
from portal.access import customer, who

TABS = {"quejas": "Quejas", "sugerencias": "Sugerencias"}
BOARD = "Ideas para votar"


@require_safe
@customer
def mine(request: HttpRequest) -> HttpResponse:
    user, now = who(request), clock.now()
    asked = voice_listing.read(request.GET)
    found = voice_listing.page_of(user, asked)
    wide = voice_listing.is_company_wide(user)
    rows = [
        {
            "voice": row,
            "standing": voices.standing(row, user, now=now),
            "decision": voice_page.decision(row),
            "author": row.author.full_name if row.author_id != user.pk else "",
        }
        for row in found.rows
    ]
    return page.show(
        request,
        "portal/voices.html",
        "quejas",
        asked=asked,
        found=found,
        rows=rows,
        tabs=tabs(user, asked.view),
        caption=TABS[asked.view],
        times={} if rows else complaining.times(now),
        lead="Lo que su compañía nos ha dicho del servicio, y en qué va."
        if wide
        else "Lo que usted nos ha dicho del servicio, y en qué va.",
    )


def tabs(user: User, current: str) -> list[dict[str, Any]]:
    """The three pages of complaints and suggestions, with how many are open. Two queries."""
    base = reverse("portal:voices")
    own = [
        {
            "label": label,
            "href": f"{base}?vista={view}",
            "current": view == current,
            "count": voice_listing.count_open(user, view),
        }
        for view, label in TABS.items()
    ]
    return [*own, {"label": BOARD, "href": reverse("portal:suggestion-board"), "current": current == "votar"}]
