"""The page that an escalation's mail leads to: acknowledge and answer without signing in (guide 3.5.2). Only its buttons act."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from channels import compose, links
from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from escalation.models import EscalationStep
from escalation.services import answering
from portal import contact, limits
from portal.forms.escalation import AnswerForm

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
OVER = {
    "done": ("La respuesta quedó registrada", 200),
    "ended": ("Ya no hace falta su respuesta", 200),
    "superseded": ("El ticket ya subió de nivel", GONE),
    "expired": ("Este enlace ya venció", GONE),
    "moved": ("Este enlace ya no sirve", GONE),
}
"""How the page of a link that no longer serves is headed, by the reason."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """Acts in the contact's name, whoever is signed in; except a customer, to whom a forwarded link says nothing."""
    if request.user.is_authenticated and getattr(request.user, "is_customer", False):
        raise Http404
    response = _respond(request, token)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is a key: no other site, and no other page of this one, is told it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _respond(request: HttpRequest, token: str) -> HttpResponse:
    at = clock.now()
    try:
        step = links.read_escalation(token, at=at)
    except NotVisible:
        raise Http404 from None
    except links.Over as over:
        return _say(request, over)
    with timezone.override(_zone(step)):
        return _act(request, token, step, at) if request.method == "POST" else _ask(request, step, at)


def _act(request: HttpRequest, token: str, step: EscalationStep, at: datetime) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not limits.allows(request, token):
        return _ask(request, step, at, _kept(request), warning=limits.TOO_OFTEN, status=TOO_MANY)
    try:
        if request.POST.get("act") == "acknowledge":
            answering.acknowledge(step, by=None, name=step.name, at=at)
        elif form.is_valid():
            answering.answer(step, by=None, name=step.name, text=form.cleaned_data["text"], at=at)
        else:
            return _ask(request, step, at, form, status=UNPROCESSABLE)
    except InvalidInput as error:
        form.take(error)
        return _ask(request, step, at, form, status=UNPROCESSABLE)
    except NotVisible:
        raise Http404 from None
    except Refused:
        pass  # Pressed twice, or somebody was faster: the page says what there is now.
    return _again(request, token, at)


def _again(request: HttpRequest, token: str, at: datetime) -> HttpResponse:
    """What there is now, told by a page that may be reloaded; what was typed and not sent stays."""
    try:
        step = links.read_escalation(token, at=at)
    except links.Over as over:
        return redirect(request.path) if _is_sent(request, over.step) else _say(request, over)
    return _ask(request, step, at, _kept(request)) if _typed(request) else redirect(request.path)


def _ask(
    request: HttpRequest,
    step: EscalationStep,
    at: datetime,
    form: AnswerForm | None = None,
    *,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk_line": contact.desk_line(),
        "now": at,
        "ticket": step.escalation.ticket,
        "step": step,
        "origin": links.origin_of(step),
        "is_late": step.answer_by is not None and step.answer_by < at,
        "form": form or AnswerForm(),
        "answering": bool(form is not None and (form.errors or _typed(request))),
        "warning": warning,
        "width": "read",
    }
    return render(request, "portal/escalation.html", context, status=status)


def _say(request: HttpRequest, over: links.Over) -> HttpResponse:
    heading, status = OVER[over.code]
    unsent = "" if _is_sent(request, over.step) else _typed(request)
    said = over.step.answer if over.code == "done" else ""
    told = {"heading": heading, "text": over.message, "said": said, "unsent": unsent}
    context = {"desk_line": contact.desk_line(), "width": "read", **told}
    return render(request, "portal/escalation_over.html", context, status=status)


def _kept(request: HttpRequest) -> AnswerForm:
    """A form without faults, with what was typed."""
    return AnswerForm(initial={"text": request.POST.get("text", "")})


def _typed(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").strip()


def _is_sent(request: HttpRequest, step: EscalationStep) -> bool:
    """Whether nothing was typed, or it is what was recorded."""
    return _typed(request) in ("", step.answer)


def _zone(step: EscalationStep) -> ZoneInfo:
    user = step.contact.user if step.contact else None
    return compose.zone_of(compose.Mailbox(step.name, step.email, user))
