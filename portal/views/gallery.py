"""The gallery: every component with its declared props, in the theme that is asked for. For staff, and for demonstrations."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import clock, words
from core.components import COMPONENTS, PRIORITIES, STATES
from portal import gallery_samples as samples

THEMES = ("light", "dark")


class SampleForm(forms.Form):
    """One field of each kind, so that the form components have something bound to show."""

    title = forms.CharField(label="Título", help_text="Una frase: qué falla y dónde.")
    email = forms.EmailField(label="Correo de trabajo")
    service = forms.ChoiceField(label="Servicio", required=False, choices=[("nomina", "Nómina y Recursos Humanos")])
    description = forms.CharField(label="¿Qué pasa?", widget=forms.Textarea)
    notify = forms.BooleanField(label="Avisarme también por correo", required=False)
    urgency = forms.CharField()
    audience = forms.CharField()
    attachments = forms.FileField(required=False)
    score = forms.IntegerField()
    grade = forms.IntegerField()
    comment = forms.CharField(label="Comentario", widget=forms.Textarea)
    answer = forms.CharField(label="Mensaje al solicitante", widget=forms.Textarea)


def sample_form() -> SampleForm:
    """A form with one wrong field, as it comes back from the server."""
    form = SampleForm(
        {
            "title": "La nómina quincenal no se timbra",
            "email": "lucia.herrera@",
            "description": "Al timbrar la quincena 5 el proceso termina con un error.",
            "notify": "on",
            "urgency": "high",
            "audience": "note",
            "score": "9",
            "grade": "4",
            "comment": "",
            "answer": "Buenas tardes. Ya estamos revisando el enlace.",
        }
    )
    form.errors.clear()
    form.add_error("email", "Falta lo que va después de la arroba. Ejemplo: nombre@compania.mx")
    return form


def deadlines() -> dict[str, Any]:
    """Live clocks, so that the countdown can be seen at work."""
    now, zone = clock.now(), timezone.get_current_timezone()
    running = words.due(now + timedelta(hours=2, minutes=10), zone=zone, now=now)
    warning = words.due(now + timedelta(minutes=40), zone=zone, now=now)
    breached = words.overdue(now - timedelta(minutes=25), zone=zone, now=now)
    paused = words.paused("espera su respuesta", since=now - timedelta(hours=3), zone=zone, now=now)
    met = words.met(21, now - timedelta(days=2), zone=zone, now=now)
    parts = (
        ("running", running, 45),
        ("warning", warning, 82),
        ("paused", paused, 38),
        ("met", met, 35),
        ("breached", breached, 100),
    )
    return {
        "now": now,
        "clocks": [
            {"status": status, "words": due.words, "when": due.when, "at": due.live_at, "percent": percent}
            for status, due, percent in parts
        ],
        "entries": samples.entries(now, zone),
    }


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component; `?theme=light` or `?theme=dark` holds one theme. Raises 404 for whom it is not meant."""
    if not (settings.DEMO_MODE or settings.DEBUG or request.user.is_staff):
        raise Http404
    theme = request.GET.get("theme", "")
    context = {
        "theme": theme if theme in THEMES else "",
        "form": sample_form(),
        "declared": COMPONENTS,
        "states": list(STATES),
        "priorities": list(PRIORITIES),
        "s": samples.SAMPLES,
        **deadlines(),
    }
    return render(request, "portal/gallery.html", context)
