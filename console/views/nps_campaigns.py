"""The campaigns of the yearly NPS in the console: drafts, how they go, and their ends (guide 3.14). Every change is a POST with its version.

Queries of the list, however many campaigns: the person and session, the sidebar, the campaigns and the sums of their answers.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from console import nps, nps_campaign_page
from console.nps_forms import CampaignForm, CancelForm, ExtendForm, day
from console.views.pages import draw
from core import clock, words
from core.errors import DomainError, InvalidInput, StaleVersion
from core.text import is_number
from surveys import nps_policy, nps_queries
from surveys.models import Campaign
from surveys.services import campaigns
from surveys.services.campaigns import Draft
from surveys.vocabulary import CampaignState

CONFLICT, UNPROCESSABLE = 409, 422
LISTED = 100
"""Campaigns: one or two a year."""


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    actor = nps.reader(request)
    rows = list(nps_queries.campaigns(actor).order_by("-year", "-pk")[:LISTED])
    progress = nps_queries.progress(rows, actor)
    shown = [
        {
            "campaign": row,
            "tone": nps.STATE_TAGS.get(CampaignState(row.state), ""),
            "progress": progress.get(row.pk),
            "rate": nps.percent(progress[row.pk].counts.rate) if row.pk in progress else "",
            "score": nps.point("", progress[row.pk].counts) if row.pk in progress else None,
        }
        for row in rows
    ]
    return draw(
        request,
        "nps_campaigns.html",
        title="Campañas de NPS",
        crumbs=nps.crumbs("Campañas"),
        tabs=nps.tabs(actor, "nps_campaigns"),
        rows=shown,
        can_run=bool(nps_policy.may_run(actor)),
        now=clock.now(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = nps.runner(request)
    if request.method != "POST":
        return _form(request, actor, CampaignForm(initial=nps_campaign_page.proposed(clock.now()), actor=actor))
    form = CampaignForm(request.POST, actor=actor)
    try:
        given = form.given()
        if request.POST.get("act") == "preview":
            return _previewed(request, actor, form, given)
        row = campaigns.draft(given, by=actor)
    except DomainError as error:
        return _form(request, actor, form, problems=form.refuse(error), status=UNPROCESSABLE)
    messages.success(request, "Quedó el borrador. Revise a quién llega y cómo se verá; nada sale hasta que la inicie.")
    return redirect("admin:nps_campaign", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    actor = nps.runner(request)
    row = _found(campaign_id, actor)
    if not (verdict := nps_policy.can("edit", actor, row)):
        return _page(request, actor, row, problem=verdict.reason, status=CONFLICT)
    if request.method != "POST":
        return _form(request, actor, CampaignForm(initial=CampaignForm.initial_of(row), actor=actor, campaign=row), row)
    form = CampaignForm(request.POST, actor=actor, campaign=row)
    try:
        given = form.given()
        if request.POST.get("act") == "preview":
            return _previewed(request, actor, form, given, row)
        campaigns.edit(row, given, by=actor, version=_version(request))
    except DomainError as error:
        status = CONFLICT if isinstance(error, StaleVersion) else UNPROCESSABLE
        return _form(request, actor, form, row, problems=form.refuse(error), status=status)
    messages.success(request, "Se guardó el borrador.")
    return redirect("admin:nps_campaign", row.pk)


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    actor = nps.reader(request)
    return _page(request, actor, _found(campaign_id, actor))


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """First the numbers; POST with the same numbers starts it."""
    actor = nps.runner(request)
    row = _found(campaign_id, actor)
    if not (verdict := nps_policy.can("start", actor, row)):
        return _page(request, actor, row, problem=verdict.reason, status=CONFLICT)
    if request.method != "POST":
        return _confirm(request, row)
    found = campaigns.audience_preview(row)
    if request.POST.get("people") != str(len(found.members)):
        problem = "Mientras la revisaba cambió a cuántas personas llega. Vea los números de ahora y confírmelos."
        return _confirm(request, row, problem=problem, status=CONFLICT)
    try:
        campaigns.start(row, by=actor, version=_version(request))
    except DomainError as error:
        return _confirm(request, _found(campaign_id, actor), problem=error.message, status=CONFLICT)
    told = words.plural(len(found.members), "persona", "personas")
    messages.success(request, f"La campaña empezó: se le preguntará a {told}.")
    return redirect("admin:nps_campaign", row.pk)


@require_POST
def extend(request: HttpRequest, campaign_id: int) -> HttpResponse:
    actor, form = nps.runner(request), ExtendForm(request.POST, auto_id="extender-%s")

    def do(row: Campaign) -> str:
        closes_on = day(request.POST.get("closes_on", ""))
        if closes_on is None:
            raise InvalidInput({"closes_on": "Elija un día."})
        campaigns.extend(row, closes_on, by=actor, version=_version(request))
        return f"Ahora cierra el {words.long_date(closes_on, year=True)}."

    return _act(request, campaign_id, actor, do, extend_form=form)


@require_POST
def close(request: HttpRequest, campaign_id: int) -> HttpResponse:
    actor = nps.runner(request)

    def do(row: Campaign) -> str:
        campaigns.close(row, by=actor, version=_version(request))
        return "La campaña terminó. Sus resultados ya no cambian."

    return _act(request, campaign_id, actor, do)


@require_POST
def cancel(request: HttpRequest, campaign_id: int) -> HttpResponse:
    actor, form = nps.runner(request), CancelForm(request.POST, auto_id="cancelar-%s")

    def do(row: Campaign) -> str:
        campaigns.cancel(row, by=actor, reason=request.POST.get("reason", ""), version=_version(request))
        return "La campaña quedó cancelada: ya no se le pregunta a nadie más."

    return _act(request, campaign_id, actor, do, cancel_form=form)


def _act(request: HttpRequest, campaign_id: int, actor: User, do: Any, **form: Any) -> HttpResponse:
    row = _found(campaign_id, actor)
    try:
        messages.success(request, do(row))
    except DomainError as error:
        loose = next(iter(form.values())).refuse(error) if form else [error.message]
        status = UNPROCESSABLE if isinstance(error, InvalidInput) else CONFLICT
        return _page(request, actor, _found(campaign_id, actor), problem=" ".join(loose), status=status, **form)
    return redirect("admin:nps_campaign", row.pk)


def _found(pk: int, actor: User) -> Campaign:
    row = nps_queries.campaigns(actor).filter(pk=pk).first() if is_number(str(pk)) else None
    if row is None:
        raise Http404
    return row


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if is_number(text) else None


def _page(
    request: HttpRequest, actor: User, row: Campaign, *, problem: str = "", status: int = 200, **forms: Any
) -> HttpResponse:
    given = {
        "extend_form": ExtendForm(auto_id="extender-%s", initial={"version": row.version}),
        "cancel_form": CancelForm(auto_id="cancelar-%s", initial={"version": row.version}),
        **forms,
    }
    return draw(
        request,
        "nps_campaign.html",
        title=row.name,
        crumbs=nps_campaign_page.crumbs(row),
        status=status,
        problem=problem,
        may=dict.fromkeys(nps_policy.available(actor, row), True),
        **nps_campaign_page.shown(row, actor, at=clock.now()),
        **given,
    )


def _form(
    request: HttpRequest,
    actor: User,
    form: CampaignForm,
    row: Campaign | None = None,
    *,
    problems: list[str] | None = None,
    status: int = 200,
    **preview: Any,
) -> HttpResponse:
    title = f"Editar {row.name}" if row else "Preparar una campaña"
    return draw(
        request,
        "nps_campaign_form.html",
        title=title,
        crumbs=nps.crumbs("Campañas", title),
        form=form,
        campaign=row,
        problems=problems or [],
        back_url=reverse("admin:nps_campaign", args=[row.pk]) if row else reverse("admin:nps_campaigns"),
        status=status,
        now=clock.now(),
        **preview,
    )


def _previewed(
    request: HttpRequest, actor: User, form: CampaignForm, given: Draft, row: Campaign | None = None
) -> HttpResponse:
    """What was typed, kept, with whom it would ask. Stores nothing. Raises InvalidInput."""
    campaigns.check(given)
    given = Draft(**{**{name: getattr(given, name) for name in Draft.__slots__}, "pk": row.pk if row else None})
    found = campaigns.audience_preview(given)
    told = nps_campaign_page.audience(given, found)
    samples = nps_campaign_page.samples(given.closes_on)
    return _form(request, actor, form, row, preview=told, **samples)


def _confirm(request: HttpRequest, row: Campaign, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = campaigns.audience_preview(row)
    return draw(
        request,
        "nps_start.html",
        title=f"Iniciar {row.name}",
        crumbs=[*nps_campaign_page.crumbs(row), {"label": "Iniciar"}],
        status=status,
        problem=problem,
        campaign=row,
        found=found,
        preview=nps_campaign_page.audience(row, found),
        now=clock.now(),
    )
