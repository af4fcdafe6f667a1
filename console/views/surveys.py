"""«Encuestas»: what the satisfaction surveys say, their answers one by one, and the follow-up of low grades (guide 3.13).

Everything is narrowed to what the person may see: an agent or consultant what was said of their own work. GET changes nothing.
"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import role_has_perm
from console import companies, keyset, survey_forms, surveys
from console.views.pages import draw, person
from core import clock, tables
from core.errors import DomainError
from improvements import policy as improvements_policy
from surveys import satisfaction_queries as queries
from surveys.models import Survey
from surveys.scoring import WORDS
from surveys.services import follow_up
from surveys.vocabulary import InvitationState
from tickets import policy

ANSWERS_HEAD = (
    *("Ticket", "Cerrado", "Compañía", "Línea", "Grupo", "Atendió", "Persona", "Situación"),
    *("Enviada", "Contestada", "Cambiada", "Calificación", "Comentario"),
)
CHUNK = 500


def may_see(actor: User) -> bool:
    """Whose role sees answers: the desk's heads all of them, agents and consultants their own."""
    return bool(queries.permitted(actor))


def _open(request: HttpRequest) -> tuple[User, survey_forms.ResultsForm]:
    actor = person(request)
    if not may_see(actor):
        raise PermissionDenied
    return actor, survey_forms.ResultsForm(request.GET, actor=actor, at=clock.now())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    actor, form = _open(request)
    return draw(
        request,
        "surveys.html",
        title="Encuestas de satisfacción",
        crumbs=[{"label": "Encuestas"}, {"label": "Resultados"}],
        form=form,
        names=companies.company_names(actor),
        now=clock.now(),
        clear_url="?",
        tabs=_tabs(form, "resultados"),
        questionnaires_url=_questionnaires(actor),
        # With a filter that says nothing, any number would be of other surveys than those that were meant.
        **({} if form.errors else _numbers(actor, form)),
    )


def _questionnaires(actor: User) -> str:
    allowed = role_has_perm(actor.role, "surveys.view_questionnaire")
    return reverse("admin:surveys_questionnaire_changelist") if allowed else ""


def _numbers(actor: User, form: survey_forms.ResultsForm) -> dict[str, Any]:
    narrow = form.narrow
    total, is_ones = queries.results(actor, narrow), form.is_own or narrow.agent is not None
    charts = []
    for word, (dimension, title, _) in surveys.DIMENSIONS.items():
        if (dimension == "agent" and form.is_own) or (dimension == "company" and form.company):
            continue
        parts = queries.by(dimension, actor, narrow)
        if is_ones and all(part.figures.mean is None for part in parts):
            continue  # Cut so small that no part has a result.
        drawn = surveys.drawn(word, parts)
        charts.append(
            {
                "title": title,
                "props": surveys.chart(word, parts),
                "left": len(parts) - len(drawn),
                "csv": _export(form, word, "csv"),
                "xlsx": _export(form, word, "xlsx"),
            }
        )
    answers = reverse("admin:surveys_survey_changelist")
    low_url, answers_url = f"{answers}?{form.query(nota='bajas')}", f"{answers}?{form.query()}"
    return {
        "total": total,
        "stats": surveys.stats(total, low_url=low_url, answers_url=answers_url),
        "spread": surveys.spread(total),
        "charts": charts if total.asked else [],
        "left_out": [{"term": why, "text": surveys.count(times)} for why, times in queries.left_out(actor, narrow)],
        "least": queries.limits().least_answers,
    }


def _export(form: survey_forms.ResultsForm, table: str, kind: str) -> str:
    return f"{reverse('admin:surveys_export')}?{form.query(tabla=table, formato=kind)}"


def _tabs(form: survey_forms.ResultsForm, current: str) -> list[dict[str, Any]]:
    results, answers = reverse("admin:surveys_results"), reverse("admin:surveys_survey_changelist")
    told = (
        ("resultados", "Resultados", f"{results}?{form.query()}"),
        ("respuestas", "Respuestas", f"{answers}?{form.query()}"),
        ("comentarios", "Con comentario", f"{answers}?{form.query(comentario='si')}"),
        ("bajas", "Calificaciones bajas", f"{answers}?{form.query(nota='bajas')}"),
    )
    return [{"label": label, "href": href, "current": key == current} for key, label, href in told]


# -- one by one --------------------------------------------------------------------------------------------------------


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """The answers, the latest first, a page at a time."""
    actor, form = _open(request)
    grade, commented = request.GET.get("nota", ""), request.GET.get("comentario") == "si"
    # With a filter that says nothing, any answer would be of other surveys than those that were meant.
    rows = queries.answered(actor, form.narrow) if not form.errors else Survey.objects.none()
    if grade == "bajas":
        rows = queries.low(rows)
    elif grade in map(str, WORDS):
        rows = rows.filter(score=int(grade))
    if commented:
        rows = rows.exclude(comment="")
    found = keyset.page_of(rows, "survey_recent", request.GET.get("p", ""))
    kept = {"nota": grade, "comentario": "si" if commented else ""}
    here = reverse("admin:surveys_survey_changelist")
    actions = queries.actions_of(found.rows, actor)
    current = "bajas" if grade == "bajas" else "comentarios" if commented else "respuestas"
    return draw(
        request,
        "survey_answers.html",
        title="Respuestas de las encuestas",
        crumbs=[{"label": "Encuestas", "href": reverse("admin:surveys_results")}, {"label": "Respuestas"}],
        form=form,
        names=companies.company_names(actor),
        now=clock.now(),
        clear_url="?",
        kept=kept,
        tabs=_tabs(form, current),
        grades=_grades(form, here, kept),
        rows=[{"survey": row, "word": WORDS[row.score], "action": actions.get(row.pk)} for row in found.rows],
        previous=f"{here}?{form.query(**kept, p=found.previous)}" if found.previous else "",
        next=f"{here}?{form.query(**kept, p=found.next)}" if found.next else "",
        csv=_export(form, "respuestas", "csv"),
        xlsx=_export(form, "respuestas", "xlsx"),
    )


def _grades(form: survey_forms.ResultsForm, here: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """The chip that chooses a grade, and the one that asks for comments, as the component `filters` takes them."""
    grade = kept["nota"]

    def to(**changes: str) -> str:
        return f"{here}?{form.query(**{**kept, **changes})}"

    chosen = {"": "Todas", "bajas": "Bajas", **{str(value): f"{value} {word}" for value, word in WORDS.items()}}
    options = [{"label": label, "href": to(nota=value), "current": value == grade} for value, label in chosen.items()]
    comments = {"label": "Con comentario", "href": to(comentario="" if kept["comentario"] else "si")}
    return [
        {
            "label": f"Calificación: {chosen.get(grade, 'Todas').lower()}",
            "id": "nota",
            "options": options,
            "current": bool(grade),
        },
        {**comments, "current": bool(kept["comentario"])},
    ]


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One survey: what was asked, what was answered, and the action that follows it up."""
    actor = person(request)
    survey = _one(actor, pk)
    action = queries.actions_of([survey], actor).get(survey.pk)
    is_low = survey.score is not None and survey.score <= survey.questionnaire.low_score
    is_seen = bool(policy.can_see(actor, survey.ticket))
    return draw(
        request,
        "survey_detail.html",
        title=f"Encuesta de {survey.ticket.number}",
        crumbs=[
            {"label": "Encuestas", "href": reverse("admin:surveys_results")},
            {"label": "Respuestas", "href": reverse("admin:surveys_survey_changelist")},
            {"label": survey.ticket.number},
        ],
        survey=survey,
        now=clock.now(),
        word=WORDS.get(survey.score or 0, ""),
        replies=queries.replies(survey),
        is_low=is_low,
        action=action,
        can_open=is_low and action is None and bool(improvements_policy.may_open(actor)),
        ticket_url=reverse("admin:tickets_ticket_change", args=[survey.ticket.number]) if is_seen else "",
    )


@require_POST
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the action of a low grade, where it does not open by itself."""
    actor = person(request)
    survey = _one(actor, pk)
    try:
        action = follow_up.start(survey, by=actor)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:surveys_survey_change", pk)
    messages.success(request, f"La acción {action.number} está abierta. Responsable: {action.owner.full_name}.")
    return redirect("admin:surveys_survey_change", pk)


def _one(actor: User, pk: int) -> Survey:
    found = queries.one(pk, actor) if may_see(actor) else None
    if found is None:
        raise Http404
    return found


# -- files -------------------------------------------------------------------------------------------------------------


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the page shows, as CSV or Excel: the surveys that were sent, or one of the tables."""
    actor, form = _open(request)
    if form.errors:
        return redirect(f"{reverse('admin:surveys_results')}?{form.query()}")
    kind = "xlsx" if request.GET.get("formato") == "xlsx" else "csv"
    zone, word = ZoneInfo(str(timezone.get_current_timezone())), request.GET.get("tabla", "")
    if word in surveys.DIMENSIONS:
        dimension, _, heading = surveys.DIMENSIONS[word]
        rows = surveys.table(word, queries.by(dimension, actor, form.narrow))
        return tables.download(f"encuestas-por-{word}", (heading, *surveys.TABLE_HEAD), rows, form=kind, zone=zone)
    return tables.download("encuestas", ANSWERS_HEAD, _lines(actor, form), form=kind, zone=zone)


def _lines(actor: User, form: survey_forms.ResultsForm) -> Iterator[list[Any]]:
    rows = queries.sent(actor, form.narrow).select_related("ticket", "person", "company", "group", "agent")
    for row in rows.order_by("closed_at", "pk").iterator(CHUNK):
        yield [
            row.ticket.number,
            row.closed_at,
            row.company.name,
            row.get_service_line_display(),
            row.group.name if row.group else "",
            row.agent.full_name if row.agent else "",
            row.person.full_name,
            InvitationState(row.state).label,
            row.invited_at,
            row.answered_at,
            row.changed_at,
            row.score,
            row.comment,
        ]
