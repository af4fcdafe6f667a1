"""Mi actividad: what waits for the customer first, then what is open (guide 4.1)."""

from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import CUSTOMER_ROLES
from core import clock
from portal import clocks, contact, escalation, listing, page
from portal.access import customer, who
from sla.queries import prefetch_clocks
from surveys import nps_queries, satisfaction_queries, tokens
from surveys.models import Voice
from surveys.vocabulary import VoiceState
from tickets.models import CatalogItem, Message, Ticket
from tickets.vocabulary import State, Visibility

WAITING_SHOWN = 10
OPEN_SHOWN = 6
CATALOG_SHOWN = 5


@require_safe
@customer
def home(request: HttpRequest) -> HttpResponse:
    user, now = who(request), clock.now()
    waiting, answered = _waiting(user), _answered(user)
    still_open = listing.of_view(user, "abiertos").exclude(state__in=listing.WAITING)
    rows = list(prefetch_clocks(still_open).in_precedence()[: OPEN_SHOWN + 1])
    marks = escalation.marks([*waiting[:WAITING_SHOWN], *rows[:OPEN_SHOWN]], user)
    return page.show(
        request,
        "portal/home.html",
        "inicio",
        first_name=user.get_short_name(),
        waiting=[
            *(_voice_task(row) for row in answered),
            *({**_task(row), "mark": marks.get(row.pk, "")} for row in waiting[:WAITING_SHOWN]),
        ],
        waiting_more=len(waiting) > WAITING_SHOWN,
        open_rows=[
            {"ticket": row, "due": clocks.nearest(row, user, now=now), "mark": marks.get(row.pk, "")}
            for row in rows[:OPEN_SHOWN]
        ],
        open_more=len(rows) > OPEN_SHOWN,
        items=CatalogItem.objects.filter(is_active=True).order_by("category__position", "position", "name")[
            :CATALOG_SHOWN
        ],
        desk=contact.desk(),
        nps_url=_nps_url(user, now),
        survey_url=_survey_url(user, now),
    )


def _nps_url(user: User, now: datetime) -> str:
    """Where the yearly question waits for the person's answer; empty when it does not. One query."""
    row = nps_queries.pending(user, at=now)
    return reverse("portal:nps", args=[tokens.nps_token(row)]) if row is not None else ""


def _survey_url(user: User, now: datetime) -> str:
    """Where a closed ticket's survey waits for the person's answer; empty when none does. One query."""
    row = satisfaction_queries.pending(user, at=now)
    return reverse("portal:survey", args=[tokens.survey_token(row)]) if row is not None else ""


def _waiting(user: User) -> list[Ticket]:
    """Solved tickets to validate, the first to close by itself first, and questions to answer; one more than is shown."""
    asked = (
        Message.objects.visible_to(user)
        .filter(ticket=OuterRef("pk"), visibility=Visibility.PUBLIC)
        .exclude(author__role__in=CUSTOMER_ROLES)
        .order_by("-created_at", "-id")
    )
    rows = listing.of_view(user, "pendientes").annotate(
        asked_by=Subquery(asked.values("author__full_name")[:1]), question=Subquery(asked.values("body")[:1])
    )
    return list(
        rows.order_by("-state", F("validation_due_at").asc(nulls_last=True), "-updated_at", "-id")[: WAITING_SHOWN + 1]
    )


def _answered(user: User) -> list[Voice]:
    """The person's complaints and suggestions that were answered and await their word, the first to close by itself first. One query."""
    rows = Voice.objects.visible_to(user).filter(author=user, state=VoiceState.ANSWERED)
    return list(rows.order_by(F("next_at").asc(nulls_last=True), "id")[:WAITING_SHOWN])


def _voice_task(row: Voice) -> dict[str, Any]:
    what = "queja" if row.is_complaint else "sugerencia"
    return {
        "icon": "megaphone",
        "title": f"Respondimos su {what}: «{row.subject}»",
        "voice": row,
        "href": reverse("portal:voice", args=[row.number]),
        "button": "Leer la respuesta",
    }


def _task(row: Ticket) -> dict[str, Any]:
    href = reverse("portal:ticket", args=[row.number])
    if row.state == State.SOLVED:
        return {
            "icon": "check-circle",
            "title": f"Valide la solución: «{row.title}»",
            "ticket": row,
            "href": href,
            "button": "Revisar solución",
            "solved": True,
        }
    question = " ".join(str(getattr(row, "question", None) or row.title).split())
    short = question if len(question) <= 140 else f"{question[:139].rstrip()}…"
    return {
        "icon": "chat-bubble-left-right",
        "title": f"Responda a {getattr(row, 'asked_by', None) or 'la Mesa de Servicio'}: {short}",
        "ticket": row,
        "href": f"{href}#id_message",
        "button": "Responder",
        "solved": False,
    }
