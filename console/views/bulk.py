"""The same act on several tickets: each passes through its service by itself, and each has its own outcome."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from console import keyset
from console.views.pages import person
from core.errors import DomainError
from tickets import transitions
from tickets.models import Ticket
from tickets.services import perform

OUTCOMES = "console_outcomes"
ACTS = ("open", "assign")
DONE = {"open": "abierto", "assign": "asignado"}


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Open or assign the chosen tickets. Nothing is all or nothing: what could not be done says why."""
    actor, name = person(request), request.POST.get("act", "")
    if name in ACTS:
        chosen = _chosen(request.POST.getlist("ticket"))
        data = {field: request.POST.get(field, "") for field in _fields(name)}
        tickets = {row.pk: row for row in Ticket.objects.visible_to(actor).filter(pk__in=chosen)}
        request.session[OUTCOMES] = [
            _outcome(tickets.get(pk), name, by=actor, data=data, version=version) for pk, version in chosen.items()
        ]
    return redirect(_back(request))


def _chosen(values: list[str]) -> dict[int, int]:
    """Ticket id -> the version that the person saw. At most a page of them."""
    pairs = [value.partition(":") for value in values[: keyset.PAGE]]
    return {int(pk): int(version) for pk, _, version in pairs if _small(pk) and _small(version)}


def _small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _fields(name: str) -> list[str]:
    spec = transitions.TRANSITIONS[name]
    return [field.name for field in spec.fields]


def _outcome(ticket: Ticket | None, name: str, *, by: User, data: dict[str, Any], version: int) -> dict[str, Any]:
    if ticket is None:
        return {"number": "", "text": "El ticket no existe.", "ok": False}
    try:
        perform.perform(ticket, name, by=by, data=data, version=version)
    except DomainError as error:
        return {"number": ticket.number, "text": error.message, "ok": False}
    return {"number": ticket.number, "text": DONE[name], "ok": True}


def _back(request: HttpRequest) -> str:
    target = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("admin:tickets_ticket_changelist")
