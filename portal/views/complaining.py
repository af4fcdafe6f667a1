"""Presenting a complaint or a suggestion (guide 2.2, 3.13, 3.13.1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from core import clock
from core.errors import DomainError, InvalidInput, NotVisible, Refused
from customers import terms as terms_of
from portal import complaining, page
from portal.access import customer, who
from portal.forms.voices import KIND_OPTIONS, VoiceForm
from portal.once import key_of, once
from surveys.models import Voice
from surveys.services import hearing
from surveys.vocabulary import VoiceKind
from tickets.vocabulary import Channel

KINDS = {"queja": VoiceKind.COMPLAINT.value, "sugerencia": VoiceKind.SUGGESTION.value}
"""What the address says in `?tipo=`."""


@require_http_methods(["GET", "HEAD", "POST"])
@customer
def present(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends. `?ticket=` and `?tipo=` are chosen beforehand; a ticket that is not theirs is as if it were not there."""
    user, at = who(request), clock.now()
    wanted = request.GET.get("ticket", "")
    if request.method != "POST":
        try:
            terms_of.standing_of(user.pk, at)
        except Refused as refusal:
            return page.show(request, "portal/cannot_complain.html", "quejas", reason=refusal.message, status=403)
        initial = {"kind": KINDS.get(request.GET.get("tipo", ""), VoiceKind.COMPLAINT.value if wanted else "")}
        return _show(request, VoiceForm(user=user, at=at, wanted=wanted, initial=initial))
    form = VoiceForm(request.POST, request.FILES, user=user, at=at)
    if "look" in request.POST:
        # The way to see the people of the ticket without scripts: the form comes back as it was, with nothing missing yet.
        typed = {name: form[name].value() for name in form.fields if name != "files"}
        return _show(request, VoiceForm(user=user, at=at, wanted=str(typed["ticket"] or ""), initial=typed))
    if not form.is_valid():
        form.remind_of_files()
        return _show(request, form, status=422)
    try:
        return _send(request, form, user)
    except InvalidInput as error:
        form.take(error)
        return _show(request, form, status=422)
    except NotVisible:
        raise
    except DomainError as refusal:
        form.add_error(None, refusal.message)
        form.remind_of_files()
        return _show(request, form, status=403)


def _send(request: HttpRequest, form: VoiceForm, user: User) -> HttpResponse:
    def act() -> Voice:
        return hearing.receive(form.draft(), by=user, channel=Channel.WEB)

    voice, fresh = once(key_of(request), user, act)
    if fresh:
        what = "queja" if voice.is_complaint else "sugerencia"
        messages.success(request, f"Recibimos su {what} {voice.number}. Le avisaremos por correo de cada paso.")
    return redirect("portal:voice", number=voice.number)


@require_safe
@customer
def people(request: HttpRequest) -> HttpResponse:
    """The fragment that depends on the kind and the ticket chosen so far: who reads it, and whom it may be about."""
    typed: dict[str, Any] = dict(request.GET.items())
    form = VoiceForm(user=who(request), at=clock.now(), wanted=str(typed.get("ticket", "")), initial=typed)
    return render(request, "portal/_voice_readers.html", {"form": form})


def _show(request: HttpRequest, form: VoiceForm, *, status: int = 200) -> HttpResponse:
    return page.show(
        request,
        "portal/complain.html",
        "quejas",
        form=form,
        kind_options=KIND_OPTIONS,
        times=complaining.times(clock.now()),
        crumbs=[{"label": "Quejas y sugerencias", "href": reverse("portal:voices")}, {"label": "Nueva"}],
        draft=f"{form.user.pk}-{form.about.number if form.about else 'general'}",
        status=status,
    )
