"""Mis asuntos: the customer's tickets, by tab, with filters (guide 4.1)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import Role
from core import clock
from customers.models import Service
from portal import clocks, escalation, listing, page
from portal.access import customer, who
from portal.listing import Asked
from tickets.vocabulary import State

COLUMNS = [
    {"label": "Asunto"},
    {"label": "Estado"},
    {"label": "Prioridad"},
    {"label": "Actualizado", "direction": "descending"},
    {"label": "Vence"},
]


@require_safe
@customer
def tickets(request: HttpRequest) -> HttpResponse:
    user, now = who(request), clock.now()
    asked = listing.read(request.GET, user)
    found = listing.page_of(user, asked)
    marks = escalation.marks(found.rows, user)
    return page.show(
        request,
        "portal/tickets.html",
        "asuntos",
        asked=asked,
        found=found,
        rows=[
            {
                "ticket": row,
                "due": {**clocks.nearest(row, user, now=now), "percent": None},
                "mark": marks.get(row.pk, ""),
            }
            for row in found.rows
        ],
        tabs=_tabs(user, asked),
        chips=_chips(user, asked),
        hidden=_kept(asked),
        filtered=bool(asked.text or asked.state or asked.service),
        caption=listing.VIEWS[asked.view],
        columns=COLUMNS,
        clear=f"?vista={asked.view}",
    )


def _tabs(user: User, asked: Asked) -> list[dict[str, Any]]:
    base = reverse("portal:tickets")
    views = [view for view in listing.VIEWS if view != "compania" or user.role == Role.REPRESENTATIVE]
    tabs = []
    for view in views:
        number = listing.count(user, view) if view != "cerrados" else None
        shown = f"{listing.COUNT_UP_TO}+" if number is not None and number > listing.COUNT_UP_TO else number
        tabs.append(
            {
                "label": listing.VIEWS[view],
                "href": f"{base}?vista={view}",
                "current": view == asked.view,
                "count": shown,
                "tone": "act" if view == "pendientes" and number else "",
            }
        )
    return tabs


def _chips(user: User, asked: Asked) -> list[dict[str, Any]]:
    chips: list[dict[str, Any]] = []
    if asked.text:
        chips.append({"label": f"«{asked.text}»", "href": asked.query(text=""), "current": True})
    states = listing.STATES[asked.view]
    if asked.state:
        chips.append({"label": State(asked.state).label, "href": asked.query(state=""), "current": True})
    elif len(states) > 1:
        options = [{"label": state.label, "href": asked.query(state=state.value)} for state in states]
        chips.append({"label": "Estado", "id": "filtro-estado", "options": options})
    services = list(Service.objects.filter(contract__company__valid_users__user=user).distinct().order_by("name"))
    chosen = next((service for service in services if service.pk == asked.service), None)
    if asked.service is not None:
        label = chosen.name if chosen else "Servicio"
        chips.append({"label": label, "href": asked.query(service=None), "current": True})
    elif services:
        options = [{"label": service.name, "href": asked.query(service=service.pk)} for service in services]
        chips.append({"label": "Servicio", "id": "filtro-servicio", "options": options})
    return chips


def _kept(asked: Asked) -> list[dict[str, Any]]:
    pairs = {"vista": asked.view, "estado": asked.state, "servicio": asked.service}
    return [{"name": name, "value": value} for name, value in pairs.items() if value]
