"""The page that a complaint's mail leads to: acknowledge, comment and answer without signing in (guide 3.13.1). Only its buttons act."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.services import system_actor
from channels import compose, voice_links
from core import clock, words
from core.errors import DomainError, InvalidInput, NotVisible
from portal import contact, limits
from portal.forms.base import PortalForm
from portal.forms.voice_contact import VoiceAnswerForm, VoiceNoteForm
from portal.views import files
from surveys import voice_queries
from surveys.models import VoiceFile, VoiceStep
from surveys.services import voices
from surveys.vocabulary import StepCause
from surveys.voice_queries import Line
from tickets.narrative import Entry, FileLine

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
OVER = {
    "done": ("La respuesta quedó registrada", 200),
    "ended": ("Ya no hace falta su respuesta", 200),
    "superseded": ("Ya la atiende otra persona", GONE),
    "expired": ("Este enlace ya venció", GONE),
    "moved": ("Este enlace ya no sirve", GONE),
}
"""How the page of a link that no longer serves is headed, by the reason."""
WHY: dict[str, str] = {
    StepCause.UNACKNOWLEDGED: "Subió a usted porque el nivel anterior no acusó recibo a tiempo.",
    StepCause.UNANSWERED: "Subió a usted porque el nivel anterior no respondió a tiempo.",
    StepCause.UNREACHABLE: "Llega a usted porque en el nivel anterior no hay a quién avisar.",
    StepCause.INVOLVED: "Llega a usted porque el nivel anterior no puede atenderla.",
    StepCause.APPEAL: "El cliente no quedó conforme con la respuesta que se le dio.",
    StepCause.REROUTED: "Se turnó a su área.",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """Acts in the contact's name, whoever is signed in; except a customer or whom it points at: to them a forwarded link says nothing."""
    _turn_customers_away(request)
    response = _respond(request, token)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is a key: no other site, and no other page of this one, is told it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@never_cache
@require_safe
def download(request: HttpRequest, token: str, file_id: int) -> HttpResponseBase:
    """A file of the complaint, for whoever holds the link that still serves."""
    _turn_customers_away(request)
    try:
        step = voice_links.read(token)
    except (NotVisible, voice_links.Over):
        raise Http404 from None
    _turn_away_whom_it_points_at(request, step)
    row = voice_queries.file_of(step, file_id)
    if row is None:
        raise Http404
    response = files.send(row)
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _turn_customers_away(request: HttpRequest) -> None:
    if request.user.is_authenticated and getattr(request.user, "is_customer", False):
        raise Http404


def _turn_away_whom_it_points_at(request: HttpRequest, step: VoiceStep) -> None:
    """A mailbox may be shared, and a link forwarded."""
    if request.user.is_authenticated and step.row.pointed_at.filter(pk=request.user.pk).exists():
        raise Http404


def _respond(request: HttpRequest, token: str) -> HttpResponse:
    at = clock.now()
    try:
        step = voice_links.read(token, at=at)
    except NotVisible:
        raise Http404 from None
    except voice_links.Over as over:
        _turn_away_whom_it_points_at(request, over.step)
        with timezone.override(_zone(over.step)):
            return _say(request, over)
    _turn_away_whom_it_points_at(request, step)
    with timezone.override(_zone(step)):
        return _act(request, token, step, at) if request.method == "POST" else _ask(request, token, step, at)


def _act(request: HttpRequest, token: str, step: VoiceStep, at: datetime) -> HttpResponse:
    name = request.POST.get("act", "")
    form = _form(request, step, name)
    if not limits.allows(request, token):
        return _ask(request, token, step, at, form, warning=limits.TOO_OFTEN, status=TOO_MANY)
    if name != "acknowledge" and not form.is_valid():
        return _ask(request, token, step, at, form, status=UNPROCESSABLE)
    try:
        _carry_out(name, step, form, at)
    except InvalidInput as error:
        form.take(error, {"text": "note"} if name == "note" else None)
        return _ask(request, token, step, at, form, status=UNPROCESSABLE)
    except NotVisible:
        raise Http404 from None
    except DomainError:
        pass  # Pressed twice, or somebody was faster: the page says what there is now.
    return _again(request, token, at, form)


def _carry_out(name: str, step: VoiceStep, form: PortalForm, at: datetime) -> None:
    """In the contact's name, by the account of the product."""
    who: dict[str, Any] = {"by": system_actor(), "name": step.name, "step": step, "at": at}
    if name == "acknowledge":
        voices.acknowledge(step.row, **who)
    elif name == "note":
        voices.note(step.row, text=form.cleaned_data["note"], **who)
    else:
        decision = form.cleaned_data.get("decision", "")
        voices.answer(step.row, text=form.cleaned_data["text"], decision=decision, **who)


def _again(request: HttpRequest, token: str, at: datetime, form: PortalForm) -> HttpResponse:
    """What there is now, told by a page that may be reloaded; what was typed and not sent stays."""
    try:
        step = voice_links.read(token, at=at)
    except voice_links.Over as over:
        is_sent = _typed(request) in ("", over.step.row.answer_text)
        return redirect(request.path) if is_sent else _say(request, over)
    except NotVisible:
        raise Http404 from None
    is_kept = request.POST.get("act") == "acknowledge" and _typed(request)
    return _ask(request, token, step, at, form) if is_kept else redirect(request.path)


def _ask(
    request: HttpRequest,
    token: str,
    step: VoiceStep,
    at: datetime,
    form: PortalForm | None = None,
    *,
    warning: str = "",
    status: int = 200,
) -> HttpResponse:
    row = step.row
    is_note, empty = isinstance(form, VoiceNoteForm), _form(request, step, "", is_empty=True)
    typed = bool(form is not None and (form.errors or _typed(request)))
    lines = voice_queries.told_to(step, _reader(step))
    context = {
        "desk_line": contact.desk_line(),
        "now": at,
        "voice": row,
        "step": step,
        "what": row.get_kind_display().lower(),
        "own_files": [_file(file, token) for line in lines[:1] for file in line.files],
        "entries": [_entry(line, token, at) for line in lines[1:]],
        "why": WHY.get(step.cause, ""),
        "is_last": step.level == row.last_level,
        "is_late": step.answer_by is not None and step.answer_by < at,
        "form": form if form is not None and not is_note else empty,
        "note_form": form if is_note else VoiceNoteForm(),
        "answering": typed and not is_note,
        "noting": typed and is_note,
        "warning": warning,
        "width": "read",
    }
    return render(request, "portal/voice_contact.html", context, status=status)


def _say(request: HttpRequest, over: voice_links.Over) -> HttpResponse:
    heading, status = OVER[over.code]
    row, typed = over.step.row, _typed(request)
    unsent = "" if typed in ("", row.answer_text) else typed
    said = row.answer_text if over.code == "done" else ""
    told = {"heading": heading, "text": over.message, "said": said, "unsent": unsent}
    context = {"desk_line": contact.desk_line(), "width": "read", **told}
    return render(request, "portal/voice_contact_over.html", context, status=status)


def _form(request: HttpRequest, step: VoiceStep, name: str, *, is_empty: bool = False) -> PortalForm:
    """The form of what was pressed; what was typed beside another button is kept without faults."""
    if name == "note":
        return VoiceNoteForm(request.POST)
    decides = not step.row.is_complaint
    if is_empty:
        return VoiceAnswerForm(decides=decides)
    if name == "acknowledge":
        kept = {"text": request.POST.get("text", ""), "decision": request.POST.get("decision", "")}
        return VoiceAnswerForm(initial=kept, decides=decides)
    return VoiceAnswerForm(request.POST, decides=decides)


def _typed(request: HttpRequest) -> str:
    return (request.POST.get("text") or request.POST.get("note") or "").replace("\r\n", "\n").strip()


def _reader(step: VoiceStep) -> Any:
    return step.contact.user if step.contact and step.contact.user else system_actor()


def _zone(step: VoiceStep) -> ZoneInfo:
    user = step.contact.user if step.contact else None
    return compose.zone_of(compose.Mailbox(step.name, step.email, user))


def _entry(line: Line, token: str, at: datetime) -> Entry:
    entry, zone = line.entry, timezone.get_current_timezone()
    common: dict[str, Any] = {"at": line.at, "when": words.moment(line.at, zone=zone, now=at)}
    if entry.kind == "reroute":
        return Entry(kind="event", by="desk", who="", body=line.text, note=line.quote, icon="arrow-right", **common)
    return Entry(
        kind="note" if entry.kind == "note" else "message",
        by="person" if entry.actor.is_customer else "desk",
        who=entry.name or entry.actor.full_name,
        initials="" if entry.name else entry.actor.initials,
        role="",
        body=line.quote,
        files=[_file(file, token) for file in line.files],
        tag="No está conforme con la respuesta" if entry.kind == "appeal" else "",
        **common,
    )


def _file(row: VoiceFile, token: str) -> FileLine:
    icon = "photo" if row.content_type.startswith("image/") else "document-text"
    address = reverse("portal:voice-contact-file", args=[token, row.pk])
    return FileLine(row.name, words.file_size(row.size), address, icon)
