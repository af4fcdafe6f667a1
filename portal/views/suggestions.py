"""The board of suggestions: what other users of the service propose, and one's vote for it (guide 3.13)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from core.errors import DomainError, NotVisible
from portal import board_listing, page, voice_page
from portal.access import customer, who
from portal.board_listing import ORDERS, Asked
from portal.views.voices import tabs
from portal.voice_listing import is_company_wide
from surveys import voice_queries
from surveys.models import Voice
from surveys.services import suggestions
from surveys.voice_queries import Card

TEASER = 280
"""Letters of a suggestion that the list shows; the rest is one click away."""


@require_safe
@customer
def listing(request: HttpRequest) -> HttpResponse:
    user = who(request)
    asked = board_listing.read(request.GET)
    found = board_listing.page_of(user, asked)
    cards = voice_queries.cards(found.rows, user)
    return page.show(
        request,
        "portal/suggestions.html",
        "quejas",
        asked=asked,
        found=found,
        cards=[_drawn(card, user, asked.address()) for card in cards],
        orders=_orders(asked),
        tabs=tabs(user, "votar"),
        caption=ORDERS[asked.order],
    )


def _orders(asked: Asked) -> list[dict[str, Any]]:
    """The other orders than by votes; leaving the chosen one leads back to that."""
    others = [(key, label) for key, label in ORDERS.items() if key != Asked().order]
    return [
        {"label": label, "href": asked.query(order=Asked().order if is_chosen else key), "current": is_chosen}
        for key, label in others
        for is_chosen in (key == asked.order,)
    ]


def _drawn(card: Card, user: User, back: str) -> dict[str, Any]:
    """A suggestion on the board. Of another company's there is nothing but the words written for everybody and what was decided."""
    row, text = card.voice, " ".join(card.body.split())
    is_mine = row.author_id == user.pk
    return {
        "number": card.number,
        "subject": card.subject,
        "body": card.body,
        "teaser": f"{text[:TEASER].rstrip()}…" if len(text) > TEASER else "",
        "answer": row.answer_text if card.is_own_company else "",
        "author": "De usted" if is_mine else row.author.full_name if card.is_own_company else "De otra compañía",
        "at": row.created_at if card.is_own_company else None,
        "opens": is_mine or (card.is_own_company and is_company_wide(user)),
        "decision": voice_page.decision(row),
        "votes": row.votes_count,
        "is_voted": card.voted,
        "may_vote": bool(card.may_vote),
        "back": back,
    }


@require_POST
@customer
def vote(request: HttpRequest, number: str) -> HttpResponse:
    user = who(request)
    row = _find(user, number)
    try:
        suggestions.vote(row, by=user)
    except NotVisible:
        raise
    except DomainError as refusal:
        return _said(request, user, row, refusal.message, refused=True)
    return _said(request, user, row, "Contamos su voto.")


@require_POST
@customer
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    user = who(request)
    row = _find(user, number)
    try:
        suggestions.take_back(row, by=user)
    except NotVisible:
        raise
    except DomainError as refusal:
        return _said(request, user, row, refusal.message, refused=True)
    return _said(request, user, row, "Quitamos su voto.")


def _find(user: User, number: str) -> Voice:
    """Absent ones and those that the person may not read are the same 404."""
    found: Voice | None = board_listing.readable(user).by_number(number).first()
    if found is None:
        raise Http404
    return found


def _said(request: HttpRequest, user: User, row: Voice, text: str, *, refused: bool = False) -> HttpResponse:
    """The votes as they are now in place of the button; without scripts, the page that the person came from."""
    asked = board_listing.read(QueryDict(request.POST.get("back", "")[:200].removeprefix("?")))
    if request.headers.get("HX-Request"):
        [card] = voice_queries.cards([_find(user, row.number)], user)
        return render(request, "portal/_vote.html", {"card": _drawn(card, user, asked.address()), "said": text})
    (messages.warning if refused else messages.success)(request, text)
    return redirect(f"{reverse('portal:suggestion-board')}{asked.address()}#{row.number}")
