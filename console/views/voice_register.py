"""«Registrar queja o sugerencia»: the desk writes down what a valid user said by telephone, mail, WhatsApp or in person (guide 3.13)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import Role
from console import context, registering, voice_forms
from console.views.pages import draw, person
from core import clock
from core.errors import DomainError, InvalidInput, Refused
from customers.models import ValidUser
from surveys import policy, routing
from surveys.models import Voice
from surveys.services import hearing
from tickets.models import Ticket

CRUMBS = [{"label": "Registro de Quejas", "href": "/admin/surveys/voice/"}, {"label": "Registrar"}]
SUGGESTED = 10
"""Tickets that the input offers; any other of the company may be typed."""
NO_TICKET = "No existe ese ticket entre los de quien la presenta. Revise el número, o déjelo vacío."


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """First the valid user, then the form. POST registers."""
    _only_the_desk(request)
    chosen = _chosen(request)
    return _choose(request) if chosen is None else _fill(request, chosen)


@require_safe
def found(request: HttpRequest) -> TemplateResponse:
    """The matches alone, for the search while typing."""
    _only_the_desk(request)
    text = request.GET.get("q", "")
    rows = registering.valid_users(text, person(request))
    return TemplateResponse(
        request, "admin/console/_valid_users.html", {"rows": rows, "text": text, "who_url": _who_url()}
    )


def _only_the_desk(request: HttpRequest) -> None:
    if not (verdict := policy.may_record(person(request))):
        raise PermissionDenied(verdict.reason)


def _who_url() -> str:
    return reverse("admin:surveys_voice_add")


def _chosen(request: HttpRequest) -> ValidUser | None:
    pk = request.GET.get("solicitante", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return None
    rows = ValidUser.objects.visible_to(person(request)).select_related("user", "company")
    found: ValidUser | None = rows.filter(user_id=int(pk)).first()
    return found


def _choose(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")
    return draw(
        request,
        "voice_register_who.html",
        title="Registrar queja o sugerencia",
        crumbs=CRUMBS,
        text=text,
        rows=registering.valid_users(text, person(request)),
        who_url=_who_url(),
    )


def _fill(request: HttpRequest, chosen: ValidUser) -> HttpResponse:
    actor, now = person(request), clock.now()
    standing = context.standing_of(chosen.user_id, chosen.company_id, actor, now)
    about = _ticket(request.GET.get("ticket", ""), chosen, actor)
    posted = request.method == "POST"
    form = voice_forms.RegisterVoiceForm(request.POST if posted else None, initial=voice_forms.first_values(about, {}))
    problems: list[str] = []
    status = 200
    if posted:
        try:
            row = _register(request, form, chosen)
        except DomainError as error:
            problems, status = form.refuse(error), 403 if isinstance(error, Refused) else 422
            form.remind_of_files(request.FILES.getlist("files"))
        else:
            return _done(request, row)
    return draw(
        request,
        "voice_register.html",
        title="Registrar queja o sugerencia",
        crumbs=CRUMBS,
        status=status,
        form=form,
        kinds=voice_forms.KINDS,
        problems=problems,
        chosen=chosen,
        standing=standing,
        about=about,
        theirs=_theirs(chosen, actor),
        has_matrix=bool(routing.areas()),
        now=now,
        allowed=not standing.problem,
        who_url=_who_url(),
    )


def _register(request: HttpRequest, form: voice_forms.RegisterVoiceForm, chosen: ValidUser) -> Voice:
    """Raises what the service refuses; a ticket that is not there together with its other faults."""
    actor, number = person(request), request.POST.get("ticket", "").strip()
    ticket = _ticket(number, chosen, actor)
    draft = form.draft(chosen.user, ticket, request.FILES.getlist("files"))
    if number and ticket is None:
        raise InvalidInput({"ticket": NO_TICKET})
    return hearing.receive(draft, by=actor, channel=request.POST.get("channel", ""))


def _done(request: HttpRequest, row: Voice) -> HttpResponse:
    what = "La queja" if row.is_complaint else "La sugerencia"
    messages.success(request, f"{what} quedó registrada con el número {row.number}. Dé ese número a quien la presentó.")
    if not Voice.objects.visible_to(person(request)).filter(pk=row.pk).exists():
        return redirect("admin:surveys_voice_changelist")
    return redirect("admin:surveys_voice_change", row.pk)


def _ticket(number: str, chosen: ValidUser, actor: User) -> Ticket | None:
    rows = Ticket.objects.visible_to(actor).by_number(number.strip())
    found: Ticket | None = rows.filter(company=chosen.company_id).select_related("service", "group").first()
    return found


def _theirs(chosen: ValidUser, actor: User) -> list[Ticket]:
    """What they probably speak of: their latest tickets, and for a representative the company's."""
    rows = Ticket.objects.visible_to(actor).filter(company=chosen.company_id)
    if chosen.user.role != Role.REPRESENTATIVE:
        rows = rows.filter(requester=chosen.user_id)
    found: list[Any] = list(rows.order_by("-id")[:SUGGESTED])
    return found
