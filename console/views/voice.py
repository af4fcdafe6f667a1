"""A complaint's or suggestion's working page and everything that is done on it. GET only shows; each act is a POST to a service.

A form sent from a page that is no longer true comes back with what was typed and with what happened meanwhile. Whoever it points at gets
the answer of one that does not exist.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from console import context, voice_acts, voice_story, voice_way, voices
from console.forms import ManyFiles, PlainForm
from console.views.pages import draw, person
from console.views.ticket import STATUS, seen
from console.voice_acts import VoiceAct, VoiceActForm
from core import clock
from core.errors import DomainError, InvalidInput, NotVisible
from surveys import policy, voice_queries, voice_register
from surveys.models import Voice, VoiceFile
from surveys.services import voices as services
from surveys.voice_queries import VoicePage
from tickets.narrative import Entry

PARTS = ("company", "author", "recorded_by", "ticket")
MESSAGE = "message"


class VoiceMessageForm(PlainForm):
    """A comment that the customer reads, or a note among the desk."""

    version = forms.CharField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(choices=(("public", "Comentario al cliente"), ("note", "Nota interna")))
    text = forms.CharField(label="Mensaje", widget=forms.Textarea(attrs={"rows": 4}))
    files = forms.FileField(label="Archivos", required=False, widget=ManyFiles)  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Opened:
    """What the person is doing on the page; `spec` is None for a comment or a note."""

    name: str
    form: Any
    spec: VoiceAct | None = None


def find(request: HttpRequest, pk: int) -> Voice:
    """The one that the address names, or 404: absent and not visible look the same."""
    found: Voice | None = Voice.objects.visible_to(person(request)).filter(pk=pk).select_related(*PARTS).first()
    if found is None:
        raise Http404("La queja o sugerencia no existe.")
    return found


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _draw(request, find(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """GET opens the act's form on the page; POST does it."""
    voice = find(request, pk)
    if act == MESSAGE:
        if request.method != "POST":
            return redirect("admin:surveys_voice_change", pk)
        return _send(request, voice, Opened(MESSAGE, VoiceMessageForm(request.POST, auto_id="mensaje-%s")))
    spec = voice_acts.ACTS.get(act)
    if spec is None:
        raise Http404("No existe ese paso.")
    form = VoiceActForm(request.POST if request.method == "POST" else None, act=spec, voice=voice)
    opened = Opened(act, form, spec)
    if request.method == "POST":
        return _send(request, voice, opened)
    verdict = policy.can(act, person(request), voice)
    return (
        _draw(request, voice, opened=opened) if verdict else _draw(request, voice, problem=verdict.reason, status=409)
    )


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """A file to who may see it, never to be run by the browser."""
    row = get_object_or_404(VoiceFile.objects.visible_to(person(request)), pk=pk)
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("El archivo ya no está guardado.") from error
    response = FileResponse(content, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response


def _send(request: HttpRequest, voice: Voice, opened: Opened) -> HttpResponse:
    version = seen(request)
    try:
        done = _do(request, voice, opened, version)
    except NotVisible as error:
        raise Http404(error.message) from error
    except DomainError as error:
        loose = opened.form.refuse(error)
        opened.form.remind_of_files(request.FILES.getlist("files"))
        fresh = find(request, voice.pk)
        return _draw(
            request,
            fresh,
            opened=opened,
            problem=" ".join(loose),
            since=version if version != fresh.version else None,
            status=STATUS.get(type(error), 409),
        )
    messages.success(request, done)
    if not Voice.objects.visible_to(person(request)).filter(pk=voice.pk).exists():
        return redirect("admin:surveys_voice_changelist")
    return redirect("admin:surveys_voice_change", voice.pk)


def _do(request: HttpRequest, voice: Voice, opened: Opened, version: int) -> str:
    if opened.spec is not None:
        return voice_acts.do(voice, opened.name, opened.form, version, person(request))
    text, mode = request.POST.get("text", ""), request.POST.get("mode")
    if mode == "note":
        # A note only adds, so nothing makes it stale. A comment may be: the customer may have written meanwhile.
        if request.FILES:
            raise InvalidInput({"files": "Una nota interna no lleva archivos: quítelos, o envíelos en un comentario."})
        services.note(voice, by=person(request), text=text)
        return "La nota interna quedó guardada; el cliente no la ve."
    if mode != "public":
        raise InvalidInput({"text": "Elija quién lo ve: nota interna o comentario al cliente."})
    files = request.FILES.getlist("files")
    services.comment(voice, by=person(request), text=text, files=files, version=version)
    return "El comentario salió al cliente."


def _draw(
    request: HttpRequest,
    voice: Voice,
    *,
    opened: Opened | None = None,
    problem: str = "",
    since: int | None = None,
    status: int = 200,
) -> TemplateResponse:
    """The page. `problem` is why the last act was not done; `since` is the version that the person had seen, to show what came after."""
    actor, now = person(request), clock.now()
    found = voice_queries.detail(voice, actor, at=now)
    entries = voice_story.entries(voice, list(found.lines), actor, file_url=_file, now=now)
    way = voice_way.Way(found, actor, at=now)
    return draw(
        request,
        "voice.html",
        title=f"{voice.number} {voice.subject}",
        crumbs=[
            {"label": "Registro de Quejas", "href": reverse("admin:surveys_voice_changelist")},
            {"label": voice.number},
        ],
        page_url=reverse("admin:surveys_voice_change", args=[voice.pk]),
        status=status,
        voice=voice,
        version=voice.version,
        now=now,
        tone=voices.tone(voice),
        is_late=voice_register.is_late(voice, now),
        due=voices.due(voice, actor, now=now),
        entries=entries,
        news=_news(entries, found, since),
        stale=since is not None,
        problem=problem,
        opened=opened if opened and opened.spec else None,
        rungs=way.rungs(),
        next_words=way.next_words(),
        pointed_at=way.pointed_at,
        actions=found.actions,
        is_final=found.is_final,
        author={"requester": voice.author, "company": voice.company},
        standing=context.standing_of(voice.author_id, voice.company_id, actor, now),
        **_acts(voice, opened, list(found.may)),
        **_message(voice, actor, opened, found),
    )


def _file(file: VoiceFile) -> str:
    return reverse("admin:surveys_voice_file", args=[file.pk])


def _address(voice: Voice, name: str) -> str:
    return reverse("admin:surveys_voice_act", args=[voice.pk, name])


def _acts(voice: Voice, opened: Opened | None, may: list[str]) -> dict[str, Any]:
    drawn = [
        {
            "name": spec.name,
            "label": spec.label,
            "icon": spec.icon,
            "href": f"{_address(voice, spec.name)}#acto",
            "danger": spec.danger,
            "rare": spec.name in voice_acts.RARE,
            "current": opened is not None and opened.name == spec.name,
        }
        for spec in voice_acts.offered(voice, may)
    ]
    return {
        "acts": [item for item in drawn if not item["rare"]],
        "rare": [item for item in drawn if item["rare"]],
        "act_url": _address(voice, opened.name) if opened else "",
    }


def _message(voice: Voice, actor: User, opened: Opened | None, found: VoicePage) -> dict[str, Any]:
    can_note, can_comment = "note" in found.may, "comment" in found.may
    if opened is not None and opened.name == MESSAGE:
        form = opened.form
    else:
        form = VoiceMessageForm(initial={"version": voice.version, "mode": "note"}, auto_id="mensaje-%s")
    mode = "public" if can_comment and form["mode"].value() == "public" else "note"
    return {
        "message_form": form,
        "message_mode": mode,
        "message_submit": "Guardar la nota interna" if mode == "note" else "Enviar el comentario",
        # One primary button per page: while an act is open, the primary is its own.
        "message_kind": "" if opened and opened.spec else "primary",
        "message_url": _address(voice, MESSAGE),
        "can_note": can_note,
        "can_comment": can_comment,
        "draft": f"{voice.number}-{actor.pk}",
    }


def _news(entries: list[Entry], found: VoicePage, since: int | None) -> list[Entry]:
    """What the story tells after the version that the person had seen."""
    if since is None:
        return []
    return [entry for entry, line in zip(entries, found.lines, strict=True) if line.entry.sequence > since]
