"""One complaint or suggestion: where it is, what was answered, and what the customer may do with it now (guide 2.2, 3.13)."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from core import clock
from core.errors import DomainError, IllegalTransition, InvalidInput, NotVisible, StaleVersion
from portal import page, voice_page
from portal.access import customer, who
from portal.forms.base import PortalForm
from portal.forms.ticket import KEPT, VersionForm
from portal.forms.voices import AppealForm, VoiceCommentForm, WithdrawForm
from portal.once import key_of, once
from surveys.models import Voice
from surveys.services import voices

Act = Callable[[Voice, User, Mapping[str, Any]], Voice]


@require_safe
@customer
def voice(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, _find(who(request), number))


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def comment(request: HttpRequest, number: str) -> HttpResponse:
    def act(row: Voice, user: User, clean: Mapping[str, Any]) -> Voice:
        key = key_of(request)
        return once(key, user, lambda: voices.comment(row, by=user, text=clean["text"], files=clean["files"]))[0]

    return _step(request, number, "comment", VoiceCommentForm, act, "Enviamos su comentario.")


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def agree(request: HttpRequest, number: str) -> HttpResponse:
    def act(row: Voice, user: User, clean: Mapping[str, Any]) -> Voice:
        return voices.agree(row, by=user, version=clean["version"])

    return _step(request, number, "agree", VersionForm, act, "Gracias por decírnoslo. Quedó cerrada.")


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def appeal(request: HttpRequest, number: str) -> HttpResponse:
    def act(row: Voice, user: User, clean: Mapping[str, Any]) -> Voice:
        return voices.appeal(row, by=user, reason=clean["reason"], version=clean["version"])

    return _step(request, number, "appeal", AppealForm, act, "Avisamos a quien la revisa ahora; le responderá aquí.")


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    def act(row: Voice, user: User, clean: Mapping[str, Any]) -> Voice:
        return voices.withdraw(row, by=user, reason=clean["reason"], version=clean["version"])

    return _step(request, number, "withdraw", WithdrawForm, act, "Quedó retirada.")


def _find(user: User, number: str) -> Voice:
    """Absent and foreign ones are the same 404."""
    rows = Voice.objects.visible_to(user).by_number(number).select_related("company", "author", "ticket")
    found: Voice | None = rows.prefetch_related("steps").first()
    if found is None:
        raise Http404
    return found


def _step(
    request: HttpRequest, number: str, name: str, form_class: type[PortalForm], act: Act, done: str
) -> HttpResponse:
    """One act by its form. What is missing comes back beside its field; what changed meanwhile, as a 409 with the text kept."""
    user = who(request)
    row = _find(user, number)
    if request.method != "POST":
        return redirect("portal:voice", number=row.number)
    form = form_class(request.POST, request.FILES, auto_id=f"{name}_%s")
    if not form.is_valid():
        form.remind_of_files()
        return show(request, row, forms={name: form}, status=422)
    try:
        act(row, user, form.cleaned_data)
    except InvalidInput as error:
        form.take(error)
        return show(request, row, forms={name: form}, status=422)
    except NotVisible:
        raise
    except DomainError as refusal:
        status = 409 if isinstance(refusal, StaleVersion | IllegalTransition) else 403
        return _refused(request, number, name, form, refusal.message, status)
    messages.success(request, done)
    return redirect("portal:voice", number=row.number)


def _refused(request: HttpRequest, number: str, name: str, form: PortalForm, message: str, status: int) -> HttpResponse:
    """The page as it is now, with what was typed where it can still be sent, or else to be copied."""
    fresh = _find(who(request), number)
    typed = str(form.data.get("text") or form.data.get("reason") or "")
    return show(request, fresh, warning=message, typed={name: typed} if typed else {}, status=status)


def show(
    request: HttpRequest,
    row: Voice,
    *,
    forms: Mapping[str, PortalForm] | None = None,
    warning: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, given = who(request), forms or {}
    version = {"version": row.version}
    shown = voice_page.of(row, user, now=clock.now())
    place, text = _still_sent(typed or {}, shown.may)
    return page.show(
        request,
        "portal/voice.html",
        "quejas",
        voice=row,
        crumbs=[{"label": "Quejas y sugerencias", "href": _listed(row)}, {"label": row.number}],
        shown=shown,
        comment_form=given.get("comment")
        or VoiceCommentForm(
            initial={"key": uuid.uuid4(), "text": text if place == "comment" else ""}, auto_id="comment_%s"
        ),
        agree_form=VersionForm(initial=version, auto_id="agree_%s"),
        appeal_form=given.get("appeal")
        or AppealForm(initial={**version, "reason": text if place == "appeal" else ""}, auto_id="appeal_%s"),
        withdraw_form=given.get("withdraw") or WithdrawForm(initial=version, auto_id="withdraw_%s"),
        draft=f"{user.pk}-{row.number}",
        warning=warning,
        kept=KEPT if place else "",
        unsent="" if place else text,
        status=status,
    )


def _still_sent(typed: Mapping[str, str], may: Sequence[str]) -> tuple[str, str]:
    """In which form the words may be sent now, their own or the comment's; empty when in none. And the words."""
    name, text = next(iter(typed.items()), ("", ""))
    return next((place for place in (name, "comment") if text and place in may), ""), text


def _listed(row: Voice) -> str:
    base = reverse("portal:voices")
    return base if row.is_complaint else f"{base}?vista=sugerencias"
