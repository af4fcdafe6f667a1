"""The board of service levels: how the open tickets stand, what falls due next, and what was kept lately. It changes nothing.

Queries, whatever the number of tickets: the person and session, the sidebar, the chosen company and the names to choose from, three for the
present, three for the past, and two for each of its two lists. The sums of a large desk are kept for a minute.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import role_has_perm
from console import clocks, companies, levels
from console.views.pages import draw, person
from core import clock
from sla import board, record
from tickets.querysets import TicketQuerySet

LISTED = 6


def may_see(actor: User) -> bool:
    """Whose role sees the clocks' tables: not consultants, whose queues are their own, nor BPO."""
    return actor.is_desk and role_has_perm(actor.role, "sla.view_clock")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    if not may_see(actor):
        raise PermissionDenied
    form = levels.LevelsForm(request.GET, actor=actor)
    return draw(
        request,
        "levels.html",
        title="Tablero de niveles de servicio",
        crumbs=[{"label": "Niveles de servicio"}, {"label": "Tablero"}],
        form=form,
        names=companies.company_names(actor),
        now=now,
        simulator_url=reverse("admin:sla_simulator"),
        clear_url=form.address(compania="", linea="", grupo=""),
        # Without the company that was meant, any number would be of other tickets than those.
        **({} if form.errors else _numbers(actor, form, now)),
    )


def _numbers(actor: User, form: levels.LevelsForm, now: Any) -> dict[str, Any]:
    links = levels.Links(form)
    present = board.present(actor, form.narrow, at=now, hours=form.hours)
    past = record.record(actor, form.narrow, at=now, days=form.days)
    charts = [
        ("Por prioridad", levels.chart("Abiertos por prioridad", "Prioridad", present.priorities, links, "prioridad")),
        ("Por línea de servicio", levels.chart("Abiertos por línea", "Línea", present.lines, links, "linea")),
        ("Por grupo", levels.chart("Abiertos por grupo", "Grupo", present.groups, links, "grupo")),
    ]
    if form.company is None:
        rows = levels.with_others(present)
        charts.append(("Por compañía", levels.chart("Abiertos por compañía", "Compañía", rows, links, "compania")))
    return {
        "present": present,
        "stats": levels.stats(present, links),
        "soonest": _rows(board.soonest(actor, form.narrow, at=now), actor, now),
        "worst": _rows(board.worst(actor, form.narrow, at=now), actor, now),
        "charts": charts,
        "past": past,
        "since": levels.since_words(past),
        "compliance": levels.compliance(past),
    }


def _rows(tickets: TicketQuerySet, actor: User, now: Any) -> list[dict[str, Any]]:
    """The first of them, with their nearest clock. Two queries."""
    found = clocks.with_clocks(tickets.with_people())[:LISTED]
    return [{"ticket": row, "due": clocks.nearest(row, actor, now=now)} for row in found]
