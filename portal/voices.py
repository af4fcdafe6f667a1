"""How a complaint or suggestion stands, in the words of the customer's pages (guide 3.13)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from escalation import presentation
from portal.escalation import before
from surveys import steps
from surveys.models import Voice, VoiceStep
from surveys.vocabulary import Decision, Ending, VoiceState

TONES = {VoiceState.RECEIVED: "", VoiceState.CLOSED: "", VoiceState.ANSWERED: "act"}
ICONS = {
    VoiceState.RECEIVED: "inbox",
    VoiceState.ACKNOWLEDGED: "eye",
    VoiceState.IN_ANALYSIS: "magnifying-glass",
    VoiceState.ANSWERED: "chat-bubble-left-right",
    VoiceState.CLOSED: "check-circle",
}
ENDINGS = {
    Ending.AGREED: "Usted quedó conforme",
    Ending.SILENT: "Se cerró al pasar el plazo para contestar",
    Ending.WITHDRAWN: "Se retiró",
    Ending.FINAL: "Respondida por el último nivel, sin acuerdo",
}
DECISION_TONES = {Decision.ACCEPTED: "ok", Decision.DONE: "ok", Decision.LATER: "info", Decision.DECLINED: ""}


@dataclass(frozen=True, slots=True)
class Standing:
    """`next` says what happens next, who owes it and by when; `is_late` that somebody let the time pass."""

    word: str
    tone: str
    icon: str
    next: str
    is_late: bool = False


def standing(voice: Voice, viewer: User, *, now: datetime) -> Standing:
    """Needs the steps loaded, else one query."""
    state = VoiceState(voice.state)
    tone, icon = TONES.get(state, "info"), ICONS[state]
    if state == VoiceState.CLOSED:
        return Standing("Cerrada", tone, icon, ending(voice, viewer))
    zone = ZoneInfo(viewer.time_zone)
    if state == VoiceState.ANSWERED:
        return Standing(str(state.label), tone, icon, _your_word(voice, viewer, zone, now))
    step = steps.present(voice)
    late = step is not None and step.answer_by is not None and step.answer_by <= now
    return Standing(str(state.label), tone, icon, _owed(voice, step, zone, now), late)


def ending(voice: Voice, viewer: User) -> str:
    """How it was closed, for who wrote it and for who reads it beside them."""
    if voice.ending == Ending.AGREED and voice.author_id != viewer.pk:
        return "Quien la presentó quedó conforme"
    return ENDINGS[Ending(voice.ending)]


def holder(step: VoiceStep) -> str:
    """«Julio Bernal Ortiz (Gerente Mesa de Servicio)» before its verb, «…, en ausencia de Marta Quiroga,» too; where nobody could be told,
    «La supervisión de la Mesa de Servicio»."""
    who = presentation.whom(step.name, step.role, step.instead_of)
    return f"{who[:1].upper()}{who[1:]}{',' if step.name and step.instead_of else ''}"


def _your_word(voice: Voice, viewer: User, zone: ZoneInfo, now: datetime) -> str:
    is_mine = voice.author_id == viewer.pk
    ask = "Díganos si está de acuerdo" if is_mine else f"{voice.author.full_name} o usted dirán si están de acuerdo"
    if voice.next_at is None:
        return f"{ask}."
    return f"{ask} {before(voice.next_at, zone, now)}; si no, se cierra sola."


def _owed(voice: Voice, step: VoiceStep | None, zone: ZoneInfo, now: datetime) -> str:
    if step is None:
        return "La supervisión de la Mesa de Servicio le responde."
    who = holder(step)
    if step.answer_by is None:
        return f"{who} le responde."
    if step.answer_by <= now:
        rest = "Sube al nivel siguiente." if step.level < voice.last_level else "La supervisión ya fue avisada."
        return f"{who} debía responderle {before(step.answer_by, zone, now)}. {rest}"
    if step.acknowledged_at is None and step.acknowledge_by is not None:
        return f"{who} debe acusar recibo {before(step.acknowledge_by, zone, now)} y responderle {before(step.answer_by, zone, now)}."
    return f"{who} debe responderle {before(step.answer_by, zone, now)}."
