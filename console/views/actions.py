"""The register of corrective actions: its list and files, each one's working page, and opening one by hand (guide 2.2, 3.13, 3.14).

GET only shows; each act is a POST to a service. A form sent from a page that is no longer true comes back with what was typed.
Queries of the list, however many rows: the person and session, the people to choose from, the page, the sidebar's counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import SUPERVISING
from console import companies, improving, keyset
from console.action_filters import ActionFilters
from console.views.pages import draw, person
from console.views.ticket import STATUS, seen
from core import clock, tables
from core.errors import DomainError, NotVisible
from improvements import acts, policy, queries
from improvements.models import ActionEntry, CorrectiveAction, Evidence
from improvements.models.actions import ActionQuerySet, pk_of
from improvements.services import register
from improvements.services.perform import perform
from improvements.vocabulary import ActionState, Origin
from tickets.models import Ticket
from tickets.transitions import Transition

FORMS = ("csv", "xlsx")
HEAD = (
    *("Número", "Situación", "Tipo", "Origen", "Acción", "Qué pasó", "Compañía", "Responsable", "Fecha compromiso"),
    *(
        "Abierta",
        "Implementada",
        "Verificar el",
        "Terminada",
        "Causa",
        "Qué se hará",
        "Evidencia",
        "Efecto",
        "Referencias",
    ),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the person is doing on the page."""

    name: str
    form: improving.ActionActForm
    spec: Transition


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    filters = ActionFilters(request.GET, actor, now)
    if pk_of(filters.search) is not None:
        found = CorrectiveAction.objects.visible_to(actor).by_number(filters.search).first()
        if found is not None:
            return redirect("admin:improvements_correctiveaction_change", found.pk)
    shown = filters.view
    request._action_view = shown.key if not filters.search else ""  # type: ignore[attr-defined]
    rows = queries.with_people(queries.listed(actor, filters.narrow, at=now))
    page = keyset.page_of(rows, shown.order, request.GET.get("p", ""))
    address = reverse("admin:improvements_correctiveaction_export") + filters.address()
    return draw(
        request,
        "actions.html",
        title=f"Búsqueda: {filters.search}" if filters.search else shown.label,
        crumbs=[{"label": "Mejora continua"}, {"label": "Acciones correctivas"}],
        view=shown,
        order_words=keyset.ORDER_WORDS[shown.order],
        filters=filters,
        rows=[_row(row, now) for row in page.rows],
        previous=f"{filters.address()}&p={page.previous}" if page.previous else "",
        next=f"{filters.address()}&p={page.next}" if page.next else "",
        keep=[{"name": "vista", "value": shown.key}],
        clear_url=f"?vista={shown.key}",
        can_open=bool(policy.may_open(actor)),
        exports=[
            {"label": "Excel", "href": f"{address}&formato=xlsx"},
            {"label": "CSV", "href": f"{address}&formato=csv"},
        ],
        now=now,
    )


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows under the same filters, whole, as CSV or Excel."""
    actor, now = person(request), clock.now()
    filters = ActionFilters(request.GET, actor, now)
    form = request.GET.get("formato", "")
    rows = queries.listed(actor, filters.narrow, at=now).select_related("owner", "company").prefetch_related("sources")
    return tables.download(
        "acciones-correctivas",
        HEAD,
        _lines(rows.order_by("-pk")),
        form=form if form in FORMS else FORMS[0],
        zone=ZoneInfo(actor.time_zone),
    )


def _lines(rows: ActionQuerySet) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=500):
        yield [
            *(row.number, row.get_state_display(), row.get_kind_display(), row.get_origin_display()),
            *(row.title, row.problem, row.company.name if row.company else "", row.owner.full_name, row.due_on),
            *(row.created_at, row.implemented_at, row.verify_on, row.closed_at),
            *(row.cause, row.plan, row.evidence, row.verification),
            "; ".join(source.label for source in row.sources.all()),
        ]


def _row(row: CorrectiveAction, now: datetime) -> dict[str, Any]:
    return {
        "action": row,
        "tone": improving.tone(row),
        "state": improving.short_state(row),
        "late": improving.is_overdue(row, now),
        "due": improving.due(row, now),
    }


def find(request: HttpRequest, pk: int) -> CorrectiveAction:
    """The one that the address names, or 404: absent and not visible look the same."""
    rows = CorrectiveAction.objects.visible_to(person(request))
    parts = ("owner", "company", "opened_by", "implemented_by", "verified_by")
    found: CorrectiveAction | None = rows.filter(pk=pk).select_related(*parts).first() if pk < 2**63 else None
    if found is None:
        raise Http404("La acción no existe.")
    return found


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _draw(request, find(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """GET opens the act's form on the page; POST does it."""
    action = find(request, pk)
    spec = acts.ACTS.get(act)
    if spec is None:
        raise Http404("No existe ese paso.")
    given = (request.POST,) if request.method == "POST" else ()
    opened = Opened(act, improving.ActionActForm(*given, act=spec, action=action), spec)
    if request.method == "POST":
        return _send(request, action, opened)
    verdict = policy.can(acts.RULED_BY.get(act, act), person(request), action)
    if not verdict:
        return _draw(request, action, problem=verdict.reason, status=409)
    return _draw(request, action, opened=opened)


def _send(request: HttpRequest, action: CorrectiveAction, opened: Opened) -> HttpResponse:
    version, form = seen(request), opened.form
    try:
        row = perform(
            action,
            opened.name,
            by=person(request),
            data=form.raw(*form.names),
            files=request.FILES.getlist("files"),
            version=version,
        )
    except NotVisible as error:
        raise Http404(error.message) from error
    except DomainError as error:
        loose = form.refuse(error)
        form.remind_of_files(request.FILES.getlist("files"))
        fresh = find(request, action.pk)
        return _draw(
            request,
            fresh,
            opened=opened,
            problem=" ".join(loose),
            since=version if version != fresh.version else None,
            status=STATUS.get(type(error), 409),
        )
    messages.success(request, f"{row.number}: listo. Está en «{row.get_state_display()}».")
    if not CorrectiveAction.objects.visible_to(person(request)).filter(pk=row.pk).exists():
        return redirect("admin:improvements_correctiveaction_changelist")
    return redirect("admin:improvements_correctiveaction_change", row.pk)


def _draw(
    request: HttpRequest,
    action: CorrectiveAction,
    *,
    opened: Opened | None = None,
    problem: str = "",
    since: int | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The page. `problem` is why the last act was not done; `since` is the version that the person had seen, to show what came after."""
    actor, now = person(request), clock.now()
    files = list(Evidence.objects.visible_to(actor).filter(row=action))
    history = list(
        ActionEntry.objects.visible_to(actor).filter(row=action).select_related("actor").order_by("sequence")
    )
    told = improving.entries(history, files, actor, now=now)
    is_new = [since is not None and row.sequence > since for row in history]
    return draw(
        request,
        "action.html",
        title=f"{action.number} {action.title}",
        crumbs=[
            {"label": "Acciones correctivas", "href": reverse("admin:improvements_correctiveaction_changelist")},
            {"label": action.number},
        ],
        page_url=reverse("admin:improvements_correctiveaction_change", args=[action.pk]),
        status=status,
        action=action,
        version=action.version,
        now=now,
        tone=improving.tone(action),
        is_overdue=improving.is_overdue(action, now),
        due=improving.due(action, now),
        sources=improving.sources(list(action.sources.select_related("ticket")), actor, action),
        files=[improving.file_line(file) for file in files],
        entries=told,
        news=[entry for entry, new in zip(told, is_new, strict=True) if new],
        stale=since is not None,
        problem=problem,
        opened=opened,
        kept_from=[row.full_name for row in action.kept_from.all()] if actor.role in SUPERVISING else [],
        awaits_verdict=_awaits_verdict(action, actor) if not opened else "",
        draft=f"{action.number}-{actor.pk}",
        **_acts(action, actor, opened),
    )


def _awaits_verdict(action: CorrectiveAction, actor: User) -> str:
    """Who is to verify its effect, said to this person; empty where nobody is."""
    if action.state != ActionState.IMPLEMENTED:
        return ""
    return policy.RULES["verify"](actor, action).reason or "Compruebe si lo que pasó dejó de ocurrir."


def _acts(action: CorrectiveAction, actor: User, opened: Opened | None) -> dict[str, Any]:
    def address(name: str) -> str:
        return reverse("admin:improvements_correctiveaction_act", args=[action.pk, name])

    drawn = [
        {
            "name": spec.name,
            "label": spec.label,
            "icon": spec.icon,
            "href": f"{address(spec.name)}#acto",
            "danger": spec.danger,
            "current": opened is not None and opened.name == spec.name,
        }
        for spec in acts.available(action, actor)
    ]
    return {
        "acts": [item for item in drawn if not item["danger"]],
        "dangerous": [item for item in drawn if item["danger"]],
        "act_url": address(opened.name) if opened else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """«Nueva acción correctiva»; `?ticket=` and `?origen=` fill the form in. POST opens it."""
    actor = person(request)
    if not (verdict := policy.may_open(actor)):
        raise PermissionDenied(verdict.reason)
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        form = improving.NewActionForm(request.POST, actor=actor)
        try:
            row = register.propose(form.draft(), by=actor)
        except DomainError as error:
            problems, status = form.refuse(error), STATUS.get(type(error), 409)
        else:
            messages.success(request, f"Quedó abierta como {row.number}, a cargo de {row.owner.full_name}.")
            return redirect("admin:improvements_correctiveaction_change", row.pk)
    else:
        form = improving.NewActionForm(actor=actor, initial=_given(request))
    return draw(
        request,
        "action_new.html",
        title="Nueva acción correctiva",
        crumbs=[
            {"label": "Acciones correctivas", "href": reverse("admin:improvements_correctiveaction_changelist")},
            {"label": "Nueva"},
        ],
        status=status,
        form=form,
        problems=problems,
        names=companies.company_names(actor),
    )


def _given(request: HttpRequest) -> dict[str, str]:
    """What a link to the form already says."""
    actor, found = person(request), {"origin": Origin.RCA.value}
    if request.GET.get("origen") in Origin.values:
        found["origin"] = request.GET["origen"]
    number = request.GET.get("ticket", "")[:20]
    ticket = Ticket.objects.visible_to(actor).by_number(number).select_related("company").first() if number else None
    if ticket is not None:
        found |= {
            "ticket": ticket.number,
            "company": ticket.company.name,
            "problem": f"{ticket.number}: {ticket.title}",
        }
    return found


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """A file to who may see it, never to be run by the browser."""
    row = get_object_or_404(Evidence.objects.visible_to(person(request)), pk=min(pk, 2**63 - 1))
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("El archivo ya no está guardado.") from error
    response = FileResponse(content, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response
