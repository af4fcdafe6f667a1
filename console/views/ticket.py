"""The ticket's working page and everything that is done on it. GET only shows; each act is a POST to a service.

A form sent from a page that is no longer true comes back with what was typed and with what happened meanwhile.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from console import clocks, escalating, forms, trail
from console.views.pages import person
from console.views.working_page import Act, draw_ticket
from core import clock
from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, Refused, StaleVersion
from core.verdict import ALLOW, Verdict
from escalation import standing
from tickets import policy, transitions
from tickets.models import Ticket
from tickets.services import conversation, perform, triage
from tickets.vocabulary import State

STATUS: Mapping[type[DomainError], int] = {InvalidInput: 422, Refused: 403, IllegalTransition: 409, StaleVersion: 409}
PARTS = ("company", "requester", "group", "assignee", "terms", "contract", "service", "environment", "catalog_item")


def find(request: HttpRequest, number: str) -> Ticket:
    """The ticket that the address names, or 404: absent and not visible look the same."""
    found: Ticket | None = Ticket.objects.visible_to(person(request)).by_number(number).select_related(*PARTS).first()
    if found is None:
        raise Http404("El ticket no existe.")
    return found


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    return draw_ticket(request, find(request, number))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """GET opens the act's form on the ticket's page; POST does it."""
    ticket = find(request, number)
    if act == "message":
        return _send(request, ticket, _message, Act("message", forms.MessageForm(request.POST, auto_id="mensaje-%s")))
    if act == "take":
        return _send(request, ticket, _take, Act("take", forms.PlainForm(request.POST)))
    if act == "reclassify":
        return _open_or_send(request, ticket, _reclassify, _reclassification(request, ticket))
    if act in escalating.ACTS:
        return _escalate(request, ticket, act)
    spec = transitions.spec_of(act)
    if spec is None:
        raise Http404("No existe ese paso.")
    given = (request.POST,) if request.method == "POST" else ()
    form = forms.for_transition(spec, ticket, person(request), *given)
    return _open_or_send(request, ticket, _transition, Act(act, form, spec))


@require_safe
def reclassify_preview(request: HttpRequest, number: str) -> TemplateResponse:
    """Priority and deadlines of the classification being chosen, before anything is changed."""
    ticket = find(request, number)
    found = clocks.reclassified(ticket, request.GET, person(request), now=clock.now())
    return TemplateResponse(request, "admin/console/_preview.html", {"preview": found})


def _escalate(request: HttpRequest, ticket: Ticket, name: str) -> HttpResponse:
    spec, actor = escalating.ACTS[name], person(request)
    given = (request.POST,) if request.method == "POST" else ()
    opened = Act(name, forms.for_transition(spec, ticket, actor, *given), spec)
    may = escalating.may(name, standing.of(ticket, actor, at=clock.now())) if request.method != "POST" else ALLOW

    def do(request: HttpRequest, ticket: Ticket, opened: Act, version: int) -> str:
        form: Any = opened.form
        return escalating.do(ticket, name, form, version, actor)

    return _open_or_send(request, ticket, do, opened, may)


def _open_or_send(
    request: HttpRequest, ticket: Ticket, do: Any, opened: Act, verdict: Verdict | None = None
) -> HttpResponse:
    if request.method == "POST":
        return _send(request, ticket, do, opened)
    verdict = policy.can(opened.name, person(request), ticket) if verdict is None else verdict
    if not verdict:
        return draw_ticket(request, ticket, problem=verdict.reason, status=409)
    return draw_ticket(request, ticket, opened=opened)


def _send(request: HttpRequest, ticket: Ticket, do: Any, opened: Act) -> HttpResponse:
    if request.method != "POST":
        return redirect(trail.page_of(ticket, request))
    version = seen(request)
    try:
        done: str = do(request, ticket, opened, version)
    except NotVisible as error:
        raise Http404(error.message) from error
    except DomainError as error:
        loose = opened.form.refuse(error)
        opened.form.remind_of_files(request.FILES.getlist("files"))
        fresh = find(request, ticket.number)
        return draw_ticket(
            request,
            fresh,
            opened=opened,
            problem=" ".join(loose),
            since=version if version != fresh.version else None,
            status=STATUS.get(type(error), 409),
        )
    messages.success(request, done)
    return redirect(trail.page_of(ticket, request))


def seen(request: HttpRequest) -> int:
    """The version of the ticket that the person had before them; one that never was, when the form does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _transition(request: HttpRequest, ticket: Ticket, opened: Act, version: int) -> str:
    form: Any = opened.form
    row = perform.perform(
        ticket,
        opened.name,
        by=person(request),
        data=form.raw(*form.names),
        files=request.FILES.getlist("files"),
        version=version,
    )
    return f"{row.number} quedó en «{State(row.state).label}»."


def _take(request: HttpRequest, ticket: Ticket, opened: Act, version: int) -> str:
    row = triage.take(ticket, by=person(request), version=version)
    return f"{row.number} está a su nombre."


def _reclassification(request: HttpRequest, ticket: Ticket) -> Act:
    if request.method == "POST":
        return Act("reclassify", forms.ReclassifyForm(request.POST, auto_id="acto-%s"))
    initial = {name: getattr(ticket, name) for name in (*forms.ReclassifyForm.CHANGES, "version")}
    return Act("reclassify", forms.ReclassifyForm(initial=initial, auto_id="acto-%s"))


def _reclassify(request: HttpRequest, ticket: Ticket, opened: Act, version: int) -> str:
    form: Any = opened.form
    reason = request.POST.get("reason", "")
    row = triage.reclassify(ticket, by=person(request), reason=reason, changes=form.changes(), version=version)
    return f"{row.number} quedó con prioridad {row.get_priority_display().lower()}."


def _message(request: HttpRequest, ticket: Ticket, opened: Act, version: int) -> str:
    """A note only adds, so nothing makes it stale. An answer may: the customer may have written meanwhile."""
    files, text = request.FILES.getlist("files"), request.POST.get("message", "")
    if request.POST.get("mode") == "note":
        conversation.note(ticket, by=person(request), message=text, files=files)
        return "La nota interna quedó guardada; el cliente no la ve."
    if request.POST.get("mode") != "public":
        raise InvalidInput({"message": "Elija quién lo ve: nota interna o respuesta al cliente."})
    promised = forms.moment(request.POST.get("committed_for", ""), person(request))
    conversation.reply(
        ticket,
        by=person(request),
        message=text,
        files=files,
        committed_for=promised,
        commitment_reason=request.POST.get("commitment_reason", ""),
        version=version,
    )
    return "La respuesta salió al cliente."
