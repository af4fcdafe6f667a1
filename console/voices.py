"""A complaint or suggestion as the console's pages show it: what is due next, and its way up in words."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import words
from surveys import steps
from surveys.models import Voice
from surveys.vocabulary import VoiceState

TONES = {
    VoiceState.RECEIVED: "act",
    VoiceState.ACKNOWLEDGED: "info",
    VoiceState.IN_ANALYSIS: "info",
    VoiceState.ANSWERED: "ok",
    VoiceState.CLOSED: "",
}


def tone(voice: Voice) -> str:
    return TONES[VoiceState(voice.state)]


def due(voice: Voice, viewer: User, *, now: datetime) -> dict[str, Any] | None:
    """What happens next, as the component `due` takes it; None when nothing does any more. Reads the steps."""
    zone = ZoneInfo(viewer.time_zone)
    if voice.state == VoiceState.CLOSED:
        return None
    if voice.state == VoiceState.ANSWERED:
        return _with_the_customer(voice, zone, now)
    what, at = owed(voice)
    if at is None:
        return {"status": "running", "words": "falta responder", "when": "ya se avisó a todos los niveles"}
    told = words.due(at, zone=zone, now=now)
    return {
        "status": "breached" if at <= now else "running",
        "words": told.words,
        "when": f"{what}: {told.when}",
        "at": told.live_at,
    }


def owed(voice: Voice) -> tuple[str, datetime | None]:
    """What the present level owes and until when: «acuse» or «respuesta». Reads the steps."""
    step = steps.present(voice)
    if step is None:
        return "respuesta", None
    if step.acknowledged_at is None and step.overdue_at is None:
        return "acuse", step.acknowledge_by
    return "respuesta", step.answer_by


def _with_the_customer(voice: Voice, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The customer has the word; without one, it closes by itself."""
    if voice.next_at is None:
        return {"status": "met", "words": "el cliente tiene la palabra", "when": "", "icon": "clock"}
    told = words.due(voice.next_at, zone=zone, now=now)
    return {
        "status": "met",
        "words": told.words.replace("vence", "se cierra sola", 1).replace("venció", "debió cerrarse", 1),
        "when": told.when,
        "icon": "clock",
    }
