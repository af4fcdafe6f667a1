"""The answers to the yearly question and why; the detractors, with what is done about each (guide 3.14).

Queries of a list, however many rows: the person and session, the sidebar, six for what there is to choose from, the page, two for its actions.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from console import keyset, nps
from console.nps_forms import AnswersForm, LoopForm
from console.views.pages import draw
from core import clock, tables
from core.errors import DomainError, InvalidInput
from core.text import is_number
from improvements import days
from improvements.models import CorrectiveAction
from improvements.vocabulary import PENDING
from surveys import nps_policy, nps_queries, nps_results
from surveys.models import NpsInvitation
from surveys.models.nps import NpsQuerySet
from surveys.services import nps as service
from surveys.vocabulary import Loyalty, loyalty

FORMS = ("csv", "xlsx")
HEAD = ("Año", "Compañía", "Servicio", "Persona", "Calificación", "Clase", "Por qué", "Contestada", "Cambiada",
        "Se habló", "Quién habló", "Qué se habló")  # fmt: skip
VIEWS = {"hablados": "Ya se habló", "todos": "Todos"}
"""Besides those with whom nobody has talked yet."""
GRADES = {Loyalty.DETRACTOR: (0, 6), Loyalty.PASSIVE: (7, 8), Loyalty.PROMOTER: (9, 10)}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    actor = nps.reader(request)
    form = _form(request, actor)
    page = keyset.page_of(_narrowed(form, actor), "nps_recent", request.GET.get("p", ""))
    base = reverse("admin:nps_answers_export") + _address(form)
    return draw(
        request,
        "nps_answers.html",
        title="Respuestas de NPS",
        crumbs=nps.crumbs("Respuestas"),
        tabs=nps.tabs(actor, "nps_answers"),
        form=form,
        rows=[_row(row) for row in page.rows],
        previous=_page(form, page.previous),
        next=_page(form, page.next),
        clear_url="?",
        exports=[
            {"label": name, "href": f"{base}&formato={kind}"} for kind, name in (("xlsx", "Excel"), ("csv", "CSV"))
        ],
        now=clock.now(),
    )


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows under the same filters, whole."""
    actor = nps.reader(request)
    rows = _narrowed(_form(request, actor), actor).order_by("-answered_at", "-pk")
    kind = request.GET.get("formato", "")
    cells = (_cells(row) for row in rows.iterator(chunk_size=1000))
    zone = ZoneInfo(actor.time_zone)
    return tables.download("nps-respuestas", HEAD, cells, form=kind if kind in FORMS else FORMS[0], zone=zone)


@require_safe
def detractors(request: HttpRequest) -> HttpResponse:
    actor = nps.reader(request)
    chosen = request.GET.get("ver", "")
    chosen = chosen if chosen in VIEWS else ""
    rows: NpsQuerySet = nps_queries.answers(actor).filter(score__lte=6)
    if chosen != "todos":
        rows = rows.filter(looped_at__isnull=not chosen)
    page = keyset.page_of(rows, "nps_recent", request.GET.get("p", ""))
    actions = nps_queries.actions_of(page.rows, actor)
    now = clock.now()
    return draw(
        request,
        "nps_detractors.html",
        title="Detractores",
        crumbs=nps.crumbs("Detractores"),
        tabs=nps.tabs(actor, "nps_detractors"),
        views=[
            {"label": label, "href": "?" if name == chosen else f"?ver={name}", "current": name == chosen}
            for name, label in VIEWS.items()
        ],
        chosen=chosen,
        rows=[
            {
                **_row(row),
                "action": actions.get(row.pk),
                "action_url": _action_url(actions.get(row.pk)),
                "is_late": _is_late(actions.get(row.pk), now),
                "may_close": bool(nps_policy.may_close_loop(actor, row)),
            }
            for row in page.rows
        ],
        previous=f"?{urlencode({'ver': chosen, 'p': page.previous})}" if page.previous else "",
        next=f"?{urlencode({'ver': chosen, 'p': page.next})}" if page.next else "",
        now=now,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """One answer; POST writes down the conversation with who gave it."""
    actor = nps.reader(request)
    row = _found(invitation_id, actor)
    form = LoopForm(request.POST or None, auto_id="conversacion-%s")
    problem, status = "", 200
    if request.method == "POST":
        try:
            service.close_loop(row, by=actor, note=form.raw("note")["note"])
        except DomainError as error:
            problem = " ".join(form.refuse(error))
            status = 422 if isinstance(error, InvalidInput) else 409
        else:
            messages.success(request, "La conversación quedó registrada.")
            return redirect("admin:nps_answer", row.pk)
        row = _found(invitation_id, actor)
    action = nps_queries.actions_of([row], actor).get(row.pk)
    return draw(
        request,
        "nps_answer.html",
        title=f"{row.person.full_name}: {row.score} de 10",
        crumbs=[
            *nps.crumbs(),
            {"label": "Respuestas", "href": reverse("admin:nps_answers")},
            {"label": row.person.full_name},
        ],
        status=status,
        problem=problem,
        form=form,
        item={**_row(row), "action": action, "action_url": _action_url(action)},
        may_close=nps_policy.may_close_loop(actor, row),
        now=clock.now(),
    )


def _found(pk: int, actor: User) -> NpsInvitation:
    rows = nps_queries.answers(actor).filter(pk=pk) if is_number(str(pk)) else None
    row = rows.first() if rows is not None else None
    if row is None:
        raise Http404
    found: NpsInvitation = row
    return found


def _form(request: HttpRequest, actor: User) -> AnswersForm:
    return AnswersForm(request.GET, years=nps_results.years(actor), names=nps_results.names(actor))


def _narrowed(form: AnswersForm, actor: User) -> NpsQuerySet:
    rows = nps_queries.with_search(nps_queries.answers(actor), form.search)
    for name, field in (("ano", "year"), ("compania", "company")):
        if (value := form.number(name)) is not None:
            rows = rows.filter(**{field: value})
    if (chosen := form.number("servicio")) is not None:
        rows = rows.filter(service=chosen) if chosen else rows.filter(service=None)
    if kind := form.chosen("clase"):
        low, high = GRADES[Loyalty(kind)]
        rows = rows.filter(score__gte=low, score__lte=high)
    if reason := form.chosen("razon"):
        rows = rows.exclude(why="") if reason == "si" else rows.filter(why="")
    return rows


def _address(form: AnswersForm) -> str:
    kept = {name: form.search if name == "q" else form.chosen(name) for name in form.fields}
    return f"?{urlencode({name: value for name, value in kept.items() if value})}"


def _page(form: AnswersForm, cursor: str) -> str:
    return f"{_address(form)}&{urlencode({'p': cursor})}" if cursor else ""


def _row(row: NpsInvitation) -> dict[str, Any]:
    kind = loyalty(row.score or 0)
    return {
        "row": row,
        "kind": str(kind.label),
        "tone": nps.TAGS[kind],
        "url": reverse("admin:nps_answer", args=[row.pk]),
    }


def _action_url(action: CorrectiveAction | None) -> str:
    return reverse("admin:improvements_correctiveaction_change", args=[action.pk]) if action is not None else ""


def _is_late(action: CorrectiveAction | None, now: datetime) -> bool:
    return action is not None and action.state in PENDING and action.due_on < days.of(now)


def _cells(row: NpsInvitation) -> tuple[Any, ...]:
    return (
        row.year,
        row.company.name,
        row.service.name if row.service else "",
        row.person.full_name,
        row.score,
        str(loyalty(row.score or 0).label),
        row.why,
        row.answered_at,
        row.changed_at,
        row.looped_at,
        row.looped_by.full_name if row.looped_by else "",
        row.loop_note,
    )
