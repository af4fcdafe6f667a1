"""The page that a satisfaction survey's mail leads to: answered without signing in, changed until it ends (guide 3.13).

Only its button saves: GET and HEAD, which mail scanners send to every link, show the page with the chosen grade marked.
"""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from channels import compose
from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from portal import contact, limits
from surveys import forms, tokens
from surveys.answers import name_of
from surveys.models import Survey
from surveys.scoring import WORDS
from surveys.services import satisfaction
from surveys.vocabulary import InvitationState

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
OVER = {
    tokens.EXPIRED: ("El plazo para contestar terminó", "No hace falta que haga nada más."),
    tokens.CLOSED: (
        "Ya tenemos su respuesta",
        "El plazo para cambiarla terminó; no hace falta que haga nada más.",
    ),
}
"""Why a link no longer serves: heading and text."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answers in the name of whom it was sent to, whoever is signed in."""
    response = _answer(request, token)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is a key: no other site, and no other page of this one, is told it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    at = clock.now()
    try:
        survey = tokens.read_survey(token, at=at)
    except NotVisible:
        raise Http404 from None
    except tokens.Over as over:
        return _over(request, over)
    with timezone.override(compose.zone_of(survey.person)):
        if request.method == "POST":
            return _save(request, token, survey, at)
        if survey.state == InvitationState.ANSWERED and "cambiar" not in request.GET and "v" not in request.GET:
            return _thank(request, survey, at)
        return _ask(request, survey, at, forms.SurveyForm(survey.questionnaire, initial=_initial(request, survey)))


def _initial(request: HttpRequest, survey: Survey) -> dict[str, Any]:
    """What was answered so far, and the grade that the mail's link names."""
    found: dict[str, Any] = dict(forms.given(survey))
    chosen, first = request.GET.get("v", ""), survey.questionnaire.questions.order_by("position", "pk").first()
    if first is not None and chosen in map(str, WORDS):
        found[name_of(first)] = chosen
    return found


def _save(request: HttpRequest, token: str, survey: Survey, at: datetime) -> HttpResponse:
    form = forms.SurveyForm(survey.questionnaire, request.POST)
    if not limits.allows(request, token):
        return _ask(request, survey, at, form, warning=limits.TOO_OFTEN, status=TOO_MANY)
    try:
        if not form.is_valid():
            return _ask(request, survey, at, form, status=UNPROCESSABLE)
        satisfaction.answer(survey, answers=form.answers, comment=form.cleaned_data["comment"], at=at)
    except InvalidInput as error:
        form.take(error)
        return _ask(request, survey, at, form, status=UNPROCESSABLE)
    except NotVisible:
        raise Http404 from None
    except Refused:
        pass  # It ended meanwhile: the page says so.
    return redirect(request.path)


def _ask(
    request: HttpRequest, survey: Survey, at: datetime, form: forms.SurveyForm, *, warning: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "asked": form.asked, "warning": warning}
    return _page(request, "portal/survey.html", survey, at, status=status, **context)


def _thank(request: HttpRequest, survey: Survey, at: datetime) -> HttpResponse:
    return _page(request, "portal/survey_thanks.html", survey, at, grade=WORDS[survey.score or 1])


def _over(request: HttpRequest, over: tokens.Over) -> HttpResponse:
    heading, text = OVER[over.code]
    context = {"desk_line": contact.desk_line(), "width": "read", "heading": heading, "text": text}
    status = 200 if over.code == tokens.CLOSED else GONE
    return render(request, "portal/survey_over.html", context, status=status)


def _page(
    request: HttpRequest, template: str, survey: Survey, at: datetime, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "desk_line": contact.desk_line(),
        "width": "read",
        "now": at,
        "survey": survey,
        "is_answered": survey.state == InvitationState.ANSWERED,
        **more,
    }
    return render(request, template, context, status=status)
