"""The story of a complaint or suggestion, one Spanish sentence for each entry, as its reader may know it."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.models import User
from accounts.roles import Role
from surveys.models import VoiceEntry
from surveys.vocabulary import Decision, StepCause, VoiceKind
from tickets.sentences import CHANNEL_WORDS

Teller = Callable[[VoiceEntry, User], str]


def sentence(entry: VoiceEntry, viewer: User) -> str:
    """What the entry says, whole, with who did it. Plain text, without the moment and without what was written (`quote`)."""
    return TELLERS[entry.kind](entry, viewer)


def quote(entry: VoiceEntry) -> str:
    """The words that came with the entry: an answer, a comment, a reason. Empty without any."""
    data: Mapping[str, Any] = entry.data
    if entry.kind == "share":
        return f"{data.get('subject', '')}\n{data.get('body', '')}".strip()
    return str(data.get("text") or ("" if entry.kind.startswith("level_") else data.get("reason")) or "")


def who(entry: VoiceEntry, viewer: User) -> str:
    """«Usted», a name, or the contact in whose name it was done."""
    if entry.name and entry.name != entry.actor.full_name:
        return entry.name
    return "Usted" if entry.actor_id == viewer.pk else str(entry.actor.full_name)


def _receive(entry: VoiceEntry, viewer: User) -> str:
    data = entry.data
    what = "la sugerencia" if data.get("kind") == VoiceKind.SUGGESTION else "la queja"
    how = CHANNEL_WORDS.get(data.get("channel", ""), "")
    about = f", sobre el ticket {data['ticket']}" if data.get("ticket") else ""
    return f"{who(entry, viewer)} registró {what} {how}{about}".replace("  ", " ")


def _level(entry: VoiceEntry) -> str:
    return f"nivel {entry.data.get('level', '')}"


def _whom(entry: VoiceEntry) -> str:
    data = entry.data
    name, role = data.get("name", ""), data.get("role", "")
    absent = f", en ausencia de {data['instead_of']}" if data.get("instead_of") else ""
    return f"{name} ({role}){absent}" if name and name not in role else f"{role}{absent}"


WHY: dict[str, str] = {
    StepCause.UNACKNOWLEDGED: "porque el nivel anterior no acusó recibo a tiempo",
    StepCause.UNANSWERED: "porque el nivel anterior no respondió a tiempo",
    StepCause.UNREACHABLE: "porque no se pudo avisar al nivel anterior",
    StepCause.APPEAL: "porque el cliente no quedó conforme",
}


def _told(entry: VoiceEntry, viewer: User) -> str:
    why = WHY.get(entry.data.get("cause", ""), "")
    return f"Se avisó al {_level(entry)}: {_whom(entry)}" + (f", {why}" if why else "")


def _recorded(entry: VoiceEntry, viewer: User) -> str:
    by = entry.data.get("recorded_by")
    return f" (lo anotó {by})" if by and not viewer.is_customer else ""


def _answer(entry: VoiceEntry, viewer: User) -> str:
    decision = entry.data.get("decision")
    decided = f": {Decision(decision).label.lower()}" if decision else ""
    return f"{who(entry, viewer)} respondió{decided}{_recorded(entry, viewer)}"


def _closed(entry: VoiceEntry, viewer: User) -> str:
    if entry.data.get("ending") == "final":
        return "Se cerró con la respuesta definitiva del último nivel"
    return "Se cerró: pasaron tres días hábiles sin objeción a la respuesta"


def _overdue(entry: VoiceEntry, viewer: User) -> str:
    what = "acusar recibo" if entry.data.get("silent") else "responder"
    return f"Pasó el plazo del último nivel para {what}: {_whom(entry)}"


def _reroute(entry: VoiceEntry, viewer: User) -> str:
    data = entry.data
    return f"{who(entry, viewer)} la turnó a {data.get('to_area', '')} ({data.get('to_direction', '')})"


def _point_at(entry: VoiceEntry, viewer: User) -> str:
    people = entry.data.get("people") or []
    if not people:
        return f"{who(entry, viewer)} retiró las personas señaladas"
    return f"{who(entry, viewer)} señaló a {', '.join(people)}: no la ven"


def _simple(text: str) -> Teller:
    return lambda entry, viewer: f"{who(entry, viewer)} {text}{_recorded(entry, viewer)}"


def _note(entry: VoiceEntry, viewer: User) -> str:
    return f"{who(entry, viewer)} escribió una nota interna" + (
        " desde el enlace de su correo" if entry.actor.role == Role.SYSTEM else ""
    )


TELLERS: dict[str, Teller] = {
    "receive": _receive,
    "level_told": _told,
    "level_unreachable": lambda entry, viewer: f"El {_level(entry)} no tiene a quién avisar: {_whom(entry)}",
    "level_involved": lambda entry, viewer: f"Se omitió el {_level(entry)}, que está señalado: {_whom(entry)}",
    "acknowledge": _simple("acusó recibo"),
    "analyse": _simple("la puso en análisis"),
    "answer": _answer,
    "agree": _simple("quedó conforme con la respuesta"),
    "appeal": _simple("no quedó conforme con la respuesta"),
    "withdraw": _simple("la retiró"),
    "close_unanswered": _closed,
    "comment": _simple("comentó"),
    "note": _note,
    "overdue": _overdue,
    "reroute": _reroute,
    "point_at": _point_at,
    "share": _simple("la compartió con los demás clientes"),
    "unshare": _simple("dejó de compartirla con los demás clientes"),
    "open_action": lambda entry, viewer: f"{who(entry, viewer)} abrió la acción {entry.data.get('action', '')}",
}
