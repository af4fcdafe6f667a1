"""The page that the yearly question's mail leads to: answered without signing in (guide 3.14). Only its button saves.

It shows the question and the person's own answer, and nothing else; whoever is signed in makes no difference.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from channels import compose, nps_words
from core import clock, words
from core.errors import InvalidInput, NotVisible, Refused
from portal import contact, limits
from portal.forms.nps import GRADES, NpsForm
from surveys import tokens
from surveys.models import NpsInvitation
from surveys.services import nps
from surveys.vocabulary import NPS_ENDS, InvitationState, Loyalty, loyalty

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
THANKS = {
    Loyalty.PROMOTER: (
        "Gracias por recomendarnos",
        "Se lo haremos saber a quienes le atienden. Lo que nos cuente nos ayuda a que siga siendo así.",
    ),
    Loyalty.PASSIVE: (
        "Gracias por su respuesta",
        "La leeremos con atención: queremos darle más motivos para recomendarnos.",
    ),
    Loyalty.DETRACTOR: (
        "Gracias por decírnoslo",
        "Lamentamos no haber estado a la altura. Una persona de nuestro equipo se comunicará con usted para escucharle y decirle qué haremos.",
    ),
}
"""What is said to each class: its heading and its text."""
OVER = {
    tokens.EXPIRED: ("El plazo para contestar terminó", "No hace falta que haga nada más."),
    tokens.CLOSED: (
        "Gracias, ya tenemos su respuesta",
        "El plazo para cambiarla terminó; no hace falta que haga nada más.",
    ),
}
"""Why a link no longer serves: heading and text."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    response = _respond(request, token)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is a key: no other site, and no other page of this one, is told it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _respond(request: HttpRequest, token: str) -> HttpResponse:
    try:
        row = tokens.read_nps(token, at=clock.now())
    except NotVisible:
        raise Http404 from None
    except tokens.Over as over:
        heading, text = OVER[over.code]
        return _say(request, heading, text, status=200 if over.code == tokens.CLOSED else GONE)
    with timezone.override(ZoneInfo(str(compose.zone_of(row.person)))):
        return _save(request, row, token) if request.method == "POST" else _show(request, row)


def _show(request: HttpRequest, row: NpsInvitation) -> HttpResponse:
    """The question with what was given or is meant; or the thanks, once it was answered and nobody asks to change it."""
    meant = request.GET.get("v", "")
    is_meant = meant in dict(GRADES)
    if row.state == InvitationState.ANSWERED and not is_meant and "cambiar" not in request.GET:
        heading, text = THANKS[loyalty(row.score or 0)]
        return _draw(request, "portal/nps_thanks.html", row, heading=heading, text=text)
    score = meant if is_meant else "" if row.score is None else str(row.score)
    return _ask(request, row, NpsForm(initial={"score": score, "why": row.why}))


def _save(request: HttpRequest, row: NpsInvitation, token: str) -> HttpResponse:
    form = NpsForm(request.POST)
    if not limits.allows(request, token):
        form.add_error(None, limits.TOO_OFTEN)
        return _ask(request, row, form, status=TOO_MANY)
    if not form.is_valid():
        return _ask(request, row, form, status=UNPROCESSABLE)
    try:
        nps.answer(row, score=int(form.cleaned_data["score"]), why=form.cleaned_data["why"])
    except InvalidInput as error:
        form.take(error)
        return _ask(request, row, form, status=UNPROCESSABLE)
    except Refused as refusal:
        return _say(request, "El plazo para contestar terminó", refusal.message, status=GONE)
    return redirect(request.path)


def _ask(request: HttpRequest, row: NpsInvitation, form: NpsForm, status: int = 200) -> HttpResponse:
    verb = "Enviar mi respuesta" if row.score is None else "Guardar el cambio"
    return _draw(request, "portal/nps.html", row, form=form, verb=verb, status=status)


def _draw(request: HttpRequest, template: str, row: NpsInvitation, *, status: int = 200, **told: Any) -> HttpResponse:
    context = {
        "desk_line": contact.desk_line(),
        "width": "read",
        "question": nps_words.question(),
        "low": NPS_ENDS[0],
        "high": NPS_ENDS[1],
        "row": row,
        "closes": words.long_date(row.campaign.closes_on),
        **told,
    }
    return render(request, template, context, status=status)


def _say(request: HttpRequest, heading: str, text: str, status: int) -> HttpResponse:
    context = {"desk_line": contact.desk_line(), "width": "read", "heading": heading, "text": text}
    return render(request, "portal/validated.html", context, status=status)
