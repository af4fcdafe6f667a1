"""«Registrar ticket»: an agent writes down what a valid user told them by telephone, chat, e-mail or WhatsApp (guide 3.3, 3.4)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console import clocks, context, registering
from console.forms import REGISTRARS
from console.views.pages import draw, person
from core import clock
from core.errors import DomainError, Refused
from customers.models import Environment, Service, ValidUser
from tickets.models import Ticket
from tickets.services import intake
from tickets.vocabulary import ALIVE, Channel

CRUMBS = [{"label": "Tickets", "href": "/admin/tickets/ticket/"}, {"label": "Registrar"}]
OWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """First the valid user, then the form. POST registers."""
    _only_registrars(request)
    chosen = _chosen(request)
    if chosen is None:
        return _choose(request)
    return _fill(request, chosen)


@require_safe
def found(request: HttpRequest) -> TemplateResponse:
    """The matches alone, for the search while typing."""
    _only_registrars(request)
    rows = registering.valid_users(request.GET.get("q", ""), person(request))
    return TemplateResponse(
        request, "admin/console/_valid_users.html", {"rows": rows, "text": request.GET.get("q", "")}
    )


@require_safe
def preview(request: HttpRequest) -> TemplateResponse:
    """Priority and deadlines of what is being typed."""
    _only_registrars(request)
    chosen = _chosen(request)
    context = {"preview": _preview(chosen, request.GET, person(request))} if chosen else {}
    return TemplateResponse(request, "admin/console/_preview.html", context)


def _only_registrars(request: HttpRequest) -> None:
    if person(request).role not in REGISTRARS:
        raise PermissionDenied("Registra tickets de un usuario un agente de la Mesa de Servicio.")


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
        "register_who.html",
        title="Registrar ticket",
        crumbs=CRUMBS,
        text=text,
        rows=registering.valid_users(text, person(request)),
    )


def _fill(request: HttpRequest, chosen: ValidUser) -> HttpResponse:
    actor, now = person(request), clock.now()
    item = registering.item_of(request.GET)
    standing = context.standing_of(chosen.user_id, chosen.company_id, actor, now)
    services = list(Service.objects.filter(contract=standing.contract)) if standing.contract else []
    environments = list(
        Environment.objects.visible_to(actor).filter(company=chosen.company_id).select_related("service")
    )
    given = (request.POST,) if request.method == "POST" else ()
    form = registering.RegisterForm(*given, services=services, environments=environments, item=item)
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            row = intake.register(
                form.report(request.FILES.getlist("files")),
                by=actor,
                requester=chosen.user,
                channel=_channel(request),
            )
        except DomainError as error:
            problems, status = form.refuse(error), 403 if isinstance(error, Refused) else 422
            form.remind_of_files(request.FILES.getlist("files"))
        else:
            messages.success(request, _done(row))
            return redirect("admin:tickets_ticket_change", row.number)
    values = request.POST if request.method == "POST" else form.initial
    return draw(
        request,
        "register.html",
        title="Registrar ticket",
        crumbs=CRUMBS,
        status=status,
        form=form,
        problems=problems,
        chosen=chosen,
        standing=standing,
        item=item,
        templates=registering.template_choices(),
        chosen_template=str(item.pk) if item else "",
        own=_own(chosen, actor),
        by_phone=registering.BY_PHONE,
        preview=_preview(chosen, values, actor),
        preview_url=f"{reverse('admin:tickets_preview')}?solicitante={chosen.user_id}",
        now=now,
        allowed=not standing.problem,
    )


def _channel(request: HttpRequest) -> str:
    given = request.POST.get("channel", "")
    return given if given in dict(registering.CHANNELS) else Channel.PHONE


def _done(row: Ticket) -> str:
    return (
        f"Quedó registrado como {row.number}, prioridad {row.get_priority_display().lower()}. Dé ese número al usuario."
    )


def _own(chosen: ValidUser, actor: Any) -> list[Ticket]:
    """The user's open tickets: what they usually call about."""
    rows = Ticket.objects.visible_to(actor).filter(requester=chosen.user_id, state__in=ALIVE)
    return list(rows.order_by("-updated_at", "-id")[:OWN])


def _preview(chosen: ValidUser, values: Any, actor: Any) -> Any:
    return clocks.preview(chosen, values, actor, now=clock.now())
