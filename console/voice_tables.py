"""The register of complaints and suggestions as the rows of a file: one for each, or one for each thing that was done (guide 2.2).

The people that a complaint points at are in none of them.
"""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from surveys import voice_figures, voice_sentences
from surveys.models import Voice, VoiceEntry
from surveys.models.voices import VoiceQuerySet
from surveys.vocabulary import VoiceState

CHUNK = 500
STATES = dict(VoiceState.choices)
HEAD = (
    "Número",
    "Tipo",
    "Situación",
    "Recibida",
    "Compañía",
    "De quién",
    "Correo",
    "Medio",
    "La registró",
    "Ticket",
    "Asunto",
    "Qué pasó",
    "Dirección",
    "Área",
    "Nivel",
    "Primer acuse",
    "Primera respuesta",
    "Respuesta prometida",
    "A tiempo",
    "Apelaciones",
    "Respuesta al cliente",
    "Quién respondió",
    "Decisión",
    "Cerrada",
    "Cómo terminó",
)
HISTORY = (
    "Número",
    "Tipo",
    "Compañía",
    "Asunto",
    "Suceso",
    "Momento",
    "Quién",
    "En nombre de",
    "Qué se hizo",
    "Qué se dijo",
    "Situación",
    "Lo ve el cliente",
)


def register(rows: VoiceQuerySet) -> Iterator[list[Any]]:
    """One row for each, the oldest first. Two queries, read in pieces."""
    found = voice_figures.timed(rows).select_related("company", "author", "recorded_by", "ticket").order_by("pk")
    for voice in found.iterator(chunk_size=CHUNK):
        yield _line(voice)


def _line(voice: Any) -> list[Any]:
    return [
        voice.number,
        voice.get_kind_display(),
        voice.get_state_display(),
        voice.created_at,
        voice.company.name,
        voice.author.full_name,
        voice.author.email,
        voice.get_channel_display(),
        voice.recorded_by.full_name,
        voice.ticket.number if voice.ticket else "",
        voice.subject,
        voice.body,
        voice.direction,
        voice.area,
        voice.level,
        voice.acknowledged_at,
        voice.first_answered,
        voice.promised,
        _in_time(voice),
        voice.appeals,
        voice.answer_text,
        voice.answered_by,
        voice.get_decision_display(),
        voice.closed_at,
        voice.get_ending_display(),
    ]


def _in_time(voice: Any) -> str:
    """Empty while it is not known, or where nobody promised."""
    if voice.promised is None or voice.first_answered is None:
        return ""
    return "Sí" if voice.first_answered <= voice.promised else "No"


def history(rows: VoiceQuerySet, viewer: User) -> Iterator[list[Any]]:
    """One row for each change of each, in order, in the viewer's words."""
    entries = VoiceEntry.objects.visible_to(viewer).filter(row__in=rows.order_by().values("pk"))
    entries = entries.select_related("row__company", "actor").order_by("row", "sequence")
    for entry in entries.iterator(chunk_size=CHUNK):
        voice: Voice = entry.row
        yield [
            voice.number,
            voice.get_kind_display(),
            voice.company.name,
            voice.subject,
            entry.sequence,
            entry.at,
            entry.actor.full_name,
            entry.name,
            voice_sentences.sentence(entry, viewer),
            voice_sentences.quote(entry),
            STATES.get(entry.to_state, ""),
            entry.is_public,
        ]
