"""A complaint or suggestion as its customer reads it: where it is, its story, who has it, and what was done (guide 2.2, 3.13, 3.13.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core import words
from escalation import presentation
from portal import improvements, voices
from portal.escalation import before
from portal.improvements import Told
from portal.voices import Standing
from surveys import voice_queries
from surveys.models import Voice
from surveys.vocabulary import Decision, StepCause, VoiceState
from surveys.voice_queries import Line, StepLine
from surveys.voice_sentences import who
from tickets.models import Ticket
from tickets.narrative import Entry, FileLine
from tickets.sentences import CHANNEL_WORDS
from tickets.vocabulary import Channel

SAID = {"receive": "message", "comment": "message", "appeal": "message", "answer": "solution"}
"""What is read as a message, not as an event."""
ICONS = {
    "level_told": "bell",
    "acknowledge": "hand-raised",
    "analyse": "magnifying-glass",
    "agree": "check-circle",
    "withdraw": "arrow-uturn-left",
    "close_unanswered": "archive-box",
    "overdue": "exclamation-circle",
    "reroute": "arrow-right",
    "share": "user-group",
}
CAUSES = {
    StepCause.UNACKNOWLEDGED: "el nivel anterior no acusó recibo",
    StepCause.UNANSWERED: "el nivel anterior no respondió",
    StepCause.APPEAL: "no quedaron conformes con la respuesta",
    StepCause.REROUTED: "se turnó a esta área",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """`may` names what the reader may do now; `appeal_goes_to` says who would look into it."""

    standing: Standing
    next_title: str
    next_tone: str
    author: str
    decision: dict[str, str] | None
    steps: Sequence[dict[str, str]]
    rungs: Sequence[dict[str, Any]]
    rungs_title: str
    place: str
    entries: Sequence[Entry]
    may: Sequence[str]
    answer: bool
    appeal_goes_to: str
    actions: Sequence[Told]
    ticket: Ticket | None
    withdraw_title: str


def of(voice: Voice, viewer: User, *, now: datetime) -> Shown:
    """Everything that the page says."""
    page = voice_queries.detail(voice, viewer, at=now)
    reader = _Reader(viewer, ZoneInfo(viewer.time_zone), now)
    standing = voices.standing(voice, viewer, now=now)
    last = voice.last_level
    ticket = Ticket.objects.visible_to(viewer).filter(pk=voice.ticket_id).first() if voice.ticket_id else None
    return Shown(
        standing=standing,
        next_title=_title(voice, standing),
        next_tone="act" if standing.is_late else "info",
        author="" if voice.author_id == viewer.pk else voice.author.full_name,
        decision=decision(voice),
        steps=list(reader.steps(voice)),
        rungs=list(reader.rungs(voice, page.steps)),
        rungs_title="Quién la atendió" if voice.state == VoiceState.CLOSED else "Quién la atiende",
        place=f"Nivel {voice.level} de {last}" if voice.level and voice.state != VoiceState.CLOSED else "",
        entries=[reader.entry(line, voice) for line in page.lines if line.entry.kind != "open_action"],
        may=page.may,
        answer=bool(voice.answer_text),
        appeal_goes_to=_appeal_goes_to(voice),
        actions=[improvements.tell(action, viewer, now=now) for action in page.actions],
        ticket=ticket,
        withdraw_title="Retirar la queja" if voice.is_complaint else "Retirar la sugerencia",
    )


def decision(voice: Voice) -> dict[str, str] | None:
    """What was decided on a suggestion, as a label; None where nothing was."""
    if not voice.decision:
        return None
    found = Decision(voice.decision)
    return {"label": str(found.label), "tone": voices.DECISION_TONES[found]}


def _title(voice: Voice, standing: Standing) -> str:
    if voice.state == VoiceState.CLOSED:
        return "Está cerrada"
    return "La respuesta se ha retrasado" if standing.is_late else "Qué sigue"


def _appeal_goes_to(voice: Voice) -> str:
    above = [row for row in voice.levels if row["level"] > voice.level]
    if not above:
        return "La revisa una vez más el último nivel de la dirección, y le responde en definitiva."
    upper = min(above, key=lambda row: int(row["level"]))
    return f"La revisa el nivel {upper['level']}: {presentation.name_of(upper['name'], upper['role'])}."


class _Reader:
    """Words for one reader now."""

    def __init__(self, viewer: User, zone: ZoneInfo, now: datetime) -> None:
        self.viewer, self.zone, self.now = viewer, zone, now

    def moment(self, at: datetime) -> str:
        return words.moment(at, zone=self.zone, now=self.now)

    def steps(self, voice: Voice) -> Iterator[dict[str, str]]:
        """Received, acknowledged, looked into, answered, closed; what was left out on the way is not drawn once it is past."""
        marks = (
            (VoiceState.RECEIVED, "Recibida", voice.created_at),
            (VoiceState.ACKNOWLEDGED, "Acuse de recibo", voice.acknowledged_at),
            (VoiceState.IN_ANALYSIS, "En análisis", voice.analysed_at),
            (VoiceState.ANSWERED, "Respondida", voice.answered_at),
            (VoiceState.CLOSED, "Cerrada", voice.closed_at),
        )
        present = [mark[0] for mark in marks].index(VoiceState(voice.state))
        for index, (_, label, at) in enumerate(marks):
            if index < present and at is None:
                continue
            is_over = index < present or voice.state == VoiceState.CLOSED
            status = "done" if is_over else "current" if index == present else ""
            yield {"label": f"{label}, {self.moment(at)}" if at and index <= present else label, "status": status}

    def rungs(self, voice: Voice, told: Sequence[StepLine]) -> Iterator[dict[str, Any]]:
        """The levels told, then those above, as the component `ladder` takes them."""
        for line in told:
            step = line.step
            yield {
                "level": step.level,
                "role": step.role,
                "name": f"{step.name}{f', en ausencia de {step.instead_of}' if step.instead_of else ''}",
                "current": line.state in ("owes_acknowledgement", "owes_answer"),
                "reached": True,
                "facts": list(self.facts(line)),
            }
        if voice.state == VoiceState.CLOSED:
            return
        for row in voice.levels:
            if row["level"] > voice.level:
                yield {"level": row["level"], "role": row["role"], "name": row["name"]}

    def facts(self, line: StepLine) -> Iterator[dict[str, Any]]:
        step = line.step
        told = self.fact("bell", "Se le avisó", step.notified_at)
        yield {**told, "note": CAUSES[StepCause(step.cause)]} if step.cause in CAUSES else told
        if step.acknowledged_at is not None and step.acknowledged_at != step.answered_at:
            yield self.fact("hand-raised", "Acusó recibo", step.acknowledged_at)
        if step.answered_at is not None:
            late = " fuera de tiempo" if line.is_late else ""
            yield self.fact("chat-bubble-left-ellipsis", f"Respondió{late}", step.answered_at)
        elif line.due_at is not None:
            owes = "acusar recibo" if line.state == "owes_acknowledgement" else "responder"
            verb, icon, tone = (
                ("Debía", "exclamation-circle", "late") if line.due_at <= self.now else ("Debe", "clock", "owed")
            )
            text = f"{verb} {owes} {before(line.due_at, self.zone, self.now)}"
            yield {"icon": icon, "text": text, "tone": tone}
        elif line.is_late:
            yield {"icon": "exclamation-circle", "text": "Dejó pasar su tiempo", "tone": "late"}

    def fact(self, icon: str, text: str, at: datetime) -> dict[str, Any]:
        return {"icon": icon, "text": text, "at": at, "when": self.moment(at)}

    def entry(self, line: Line, voice: Voice) -> Entry:
        """One line of the story: what was written as a message, the rest as an event."""
        entry = line.entry
        kind = SAID.get(entry.kind, "event")
        common: dict[str, Any] = {"at": line.at, "when": self.moment(line.at), "id": f"suceso-{entry.pk}"}
        if kind == "event":
            icon = ICONS.get(entry.kind, "clock")
            return Entry(kind=kind, by="desk", who="", body=line.text, note=line.quote, icon=icon, **common)
        body = voice.body if entry.kind == "receive" else line.quote
        return Entry(
            kind=kind,
            by=self.side(line),
            who=who(entry, self.viewer),
            initials="" if entry.name else entry.actor.initials,
            role=self.role(line),
            body=body,
            files=[self.file(row) for row in line.files],
            tag="No está conforme con la respuesta" if entry.kind == "appeal" else "",
            **common,
        )

    def side(self, line: Line) -> str:
        actor = line.entry.actor
        if actor.pk == self.viewer.pk:
            return "me"
        return "desk" if actor.is_desk or actor.role == Role.SYSTEM else "person"

    def role(self, line: Line) -> str:
        """What the person is to the reader."""
        data = line.entry.data
        if line.entry.kind == "receive":
            return CHANNEL_WORDS[Channel(data["channel"])] if data.get("channel") else ""
        if data.get("role"):
            return str(data["role"])
        return str(line.entry.actor.get_role_display()) if line.entry.actor.is_desk else ""

    def file(self, row: Any) -> FileLine:
        icon = "photo" if row.content_type.startswith("image/") else "document-text"
        return FileLine(row.name, words.file_size(row.size), reverse("portal:voice-file", args=[row.pk]), icon)
