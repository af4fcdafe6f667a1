"""The history of an action in words, for the desk: one sentence for each change."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.roles import Role
from core import words
from improvements.models import ActionEntry
from improvements.people import LEVEL_WORDS


@dataclass(frozen=True, slots=True)
class Told:
    """`sentence` follows the name of whoever did it; `text` is what they wrote; `icon` is its figure."""

    sentence: str
    text: str = ""
    icon: str = "clock"


ICONS = {
    "opened": "plus",
    "joined": "link",
    "planned": "pencil-square",
    "implemented": "check",
    "verified": "check-circle",
    "failed": "arrow-uturn-left",
    "reassigned": "arrow-right",
    "postponed": "calendar-days",
    "summarised": "eye",
    "commented": "chat-bubble-left-ellipsis",
    "cancelled": "x-mark",
    "reminded": "bell",
    "overdue": "exclamation-circle",
    "verification_due": "bell",
}


def tell(entry: ActionEntry) -> Told:
    """What happened, as a sentence without its subject."""
    data, by_itself = entry.data, entry.actor.role == Role.SYSTEM
    sentence, text = _sentence(entry.kind, data, by_itself=by_itself), ""
    if entry.kind == "planned":
        text = f"Causa: {data.get('cause', '')}\nQué se hará: {data.get('plan', '')}"
    else:
        text = str(data.get("text") or data.get("reason") or "")
        if entry.kind == "implemented":
            text = str(data.get("evidence", ""))
    return Told(sentence, text, ICONS.get(entry.kind, "clock"))


def _sentence(kind: str, data: dict[str, Any], *, by_itself: bool) -> str:
    due, levels = _day(data.get("due_on")), _levels(data.get("levels"))
    match kind:
        case "opened":
            how = "abrió la acción por la regla de su origen" if by_itself else "abrió la acción"
            return f"{how} ({data.get('label', '')}), a cargo de {data.get('owner', '')}, para el {due}"
        case "joined":
            return f"sumó otro caso a la acción: {data.get('label', '')}"
        case "planned":
            return "escribió la causa y qué se hará"
        case "implemented":
            return f"la marcó como implementada; su efecto se verifica el {_day(data.get('verify_on'))}"
        case "verified":
            return "verificó que tuvo efecto y la cerró"
        case "failed":
            return f"verificó que no tuvo efecto; regresa a su responsable para el {due}"
        case "reassigned":
            return f"la pasó de {data.get('from', '')} a {data.get('owner', '')}"
        case "postponed":
            return f"cambió la fecha compromiso del {_day(data.get('from'))} al {due}"
        case "summarised":
            return "escribió lo que lee el cliente" if data.get("text") else "quitó lo que leía el cliente"
        case "commented":
            return "comentó"
        case "cancelled":
            return "canceló la acción"
        case "reminded":
            return f"recordó que vence el {due}" + (f" y avisó a {levels}" if levels else "")
        case "overdue":
            return f"avisó del atraso (vencía el {due})" + (f" a {levels}" if levels else "; no había a quién subirlo")
        case "verification_due":
            return "pidió verificar su efecto" + (f" a {levels}" if levels else "; no había a quién pedirlo")
    return kind


def _levels(levels: Any) -> str:
    return " y ".join(LEVEL_WORDS[level] for level in levels or () if level in LEVEL_WORDS)


def _day(text: Any) -> str:
    return words.short_date(date.fromisoformat(text), year=True) if text else "—"
