"""The «Registro de Quejas»: complaints and suggestions by queues and filters, and the same as a file (guide 2.2).

Queries, however many rows: the person and session, the page, its levels told, the sidebar's counts; one more when a text is searched.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from console import keyset, voice_queues, voice_tables, voices
from console.views.pages import draw, person
from console.voice_filters import VoiceFilters, jump
from console.voice_queues import VoiceQueue
from core import clock, tables
from surveys import policy, steps, voice_register
from surveys.models import Voice
from surveys.models.voices import VoiceQuerySet

FORMS = ("csv", "xlsx")


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    filters = VoiceFilters(request.GET, now)
    if (found := jump(filters, actor)) is not None:
        return redirect("admin:surveys_voice_change", found.pk)
    shown, listed = _listed(filters, actor)
    request._voice_queue = shown.key if not filters.search else ""  # type: ignore[attr-defined]
    page = keyset.page_of(voice_register.for_list(listed), shown.order, request.GET.get("p", ""))
    rows = [_row(voice, actor, now) for voice in page.rows]
    return draw(
        request,
        "voices.html",
        title=_title(filters, shown),
        crumbs=[
            {"label": "Registro de Quejas", "href": reverse("admin:surveys_voice_changelist")},
            {"label": shown.label},
        ],
        queue=shown,
        order_words=keyset.ORDER_WORDS[shown.order],
        filters=filters,
        rows=rows,
        previous=_page(filters, page.previous),
        next=_page(filters, page.next),
        keep=[{"name": "cola", "value": shown.key}],
        clear_url=f"?cola={shown.key}",
        can_register=bool(policy.may_record(actor)),
        exports=_exports(filters),
        now=now,
    )


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows under the same filters, whole, as CSV or Excel: a row for each, or with `con=historial` one for each change."""
    actor = person(request)
    filters = VoiceFilters(request.GET, clock.now())
    _, listed = _listed(filters, actor)
    form = request.GET.get("formato", "")
    form = form if form in FORMS else FORMS[0]
    zone = ZoneInfo(actor.time_zone)
    if request.GET.get("con") == "historial":
        head, rows = voice_tables.HISTORY, voice_tables.history(listed, actor)
        return tables.download("registro-de-quejas-historial", head, rows, form=form, zone=zone)
    return tables.download("registro-de-quejas", voice_tables.HEAD, voice_tables.register(listed), form=form, zone=zone)


def _listed(filters: VoiceFilters, actor: User) -> tuple[VoiceQueue, VoiceQuerySet]:
    """The queue that is shown, all of them while something is searched, and its rows."""
    chosen = voice_queues.QUEUES.get(filters.values.get("cola", ""), voice_queues.FIRST)
    shown = voice_queues.FIRST if filters.search else chosen
    rows: VoiceQuerySet = voice_queues.voices_of(shown, actor, filters.now).filter(filters.condition(actor))
    return shown, rows


def _title(filters: VoiceFilters, shown: VoiceQueue) -> str:
    if filters.search:
        return f"Búsqueda: {filters.search}"
    return "Registro de Quejas" if shown is voice_queues.FIRST else f"Registro de Quejas: {shown.label.lower()}"


def _row(voice: Voice, actor: User, now: datetime) -> dict[str, Any]:
    return {
        "voice": voice,
        "tone": voices.tone(voice),
        "late": voice_register.is_late(voice, now),
        "due": voices.due(voice, actor, now=now),
        "step": steps.last(voice),
    }


def _page(filters: VoiceFilters, cursor: str) -> str:
    return f"{filters.address()}&p={cursor}" if cursor else ""


def _exports(filters: VoiceFilters) -> list[dict[str, str]]:
    """The four files of what is listed, as the component `menu` takes them."""
    base = reverse("admin:surveys_voice_export") + filters.address()
    return [
        {"label": "Excel, una por renglón", "href": f"{base}&formato=xlsx"},
        {"label": "CSV, una por renglón", "href": f"{base}&formato=csv"},
        {"label": "Excel, con el historial completo", "href": f"{base}&formato=xlsx&con=historial"},
        {"label": "CSV, con el historial completo", "href": f"{base}&formato=csv&con=historial"},
    ]
