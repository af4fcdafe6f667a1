"""Whom to call, and the levels of escalation (guide 3.3, 3.5.2, 3.13.1)."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import Role
from core import clock
from portal import contact, matrices, page
from portal.access import customer, who

DESK, TECHNICAL, COMPLAINTS = "mesa", "tecnicas", "quejas"
LABELS = {DESK: "Mesa de Servicio", TECHNICAL: "Fallas técnicas", COMPLAINTS: "Quejas y sugerencias"}
LIST_COLUMNS = ("Nivel y rol", "A quién dirigirse", "Tiempos")
COMPLAINTS_COLUMNS = ("Área, nivel y rol", "A quién dirigirse")


@require_safe
def contact_page(request: HttpRequest) -> HttpResponse:
    """The desk's own contact for everybody; the levels above it, with their people, only for customers who are signed in."""
    if not request.user.is_authenticated:
        return render(request, "portal/contact.html", {**page.foot(), "desk": contact.desk()})
    return _lists(request)


@customer
def _lists(request: HttpRequest) -> HttpResponse:
    """One list at a time, each with its address. The technical ones are the representative's."""
    user, at = who(request), clock.now()
    offered = [key for key in LABELS if key != TECHNICAL or user.role == Role.REPRESENTATIVE]
    asked = request.GET.get("lista", "")
    shown = asked if asked in offered else DESK
    tabs = [{"label": LABELS[key], "href": f"?lista={key}", "current": key == shown} for key in offered]
    return page.show(request, "portal/contact.html", tabs=tabs, shown=shown, **_told(shown, user, at))


def _told(shown: str, user: User, at: datetime) -> dict[str, Any]:
    if shown == TECHNICAL:
        columns = [{"label": label} for label in LIST_COLUMNS]
        return {"contracts": matrices.technical(user, at), "columns": columns, "is_technical": True}
    if shown == COMPLAINTS:
        columns = [{"label": label} for label in COMPLAINTS_COLUMNS]
        listing, directions = matrices.complaints(at)
        return {"listing": listing, "directions": directions, "columns": columns}
    listing = matrices.desk(at)
    if user.role == Role.REPRESENTATIVE:
        return {"listing": listing, "technical_href": f"?lista={TECHNICAL}"}
    return {"listing": listing, "representatives": matrices.representatives(user)}
