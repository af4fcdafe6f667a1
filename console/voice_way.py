"""The way up of a complaint or suggestion, as the component `ladder` takes it: who was told, what they did, and who is next (guide 3.13.1)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import words
from escalation.models import Contact
from escalation.presentation import name_of
from surveys.services.telling import INVOLVED, is_pointed_at
from surveys.vocabulary import PENDING, StepCause
from surveys.voice_queries import StepLine, VoicePage

Fact = dict[str, Any]
LAST_ONE = "Es el último nivel: si deja pasar su tiempo, una alarma avisa a la supervisión."
PASSED = "Es el último nivel y dejó pasar su tiempo: una alarma avisó a la supervisión."


class Way:
    """One page's way up, for one reader now. `involved` are the contacts that it points at: nobody tells them."""

    def __init__(self, page: VoicePage, viewer: User, *, at: datetime) -> None:
        self.page, self.voice, self.at = page, page.voice, at
        self.zone = ZoneInfo(viewer.time_zone)
        self.pointed_at = list(page.voice.pointed_at.all())
        self.involved = self._involved()

    def _involved(self) -> set[int]:
        pks = [level["contact"] for level in self.voice.levels if level["contact"]]
        if not self.pointed_at or not pks:
            return set()
        return {row.pk for row in Contact.objects.filter(pk__in=pks) if is_pointed_at(row, self.pointed_at)}

    def rungs(self) -> list[dict[str, Any]]:
        """The levels told, in order, and those that are left. No query."""
        owes = self.voice.state in PENDING
        last = self.page.steps[-1] if self.page.steps else None
        told = [self._rung(line, is_present=owes and line is last) for line in self.page.steps]
        return [*told, *({**_place(level), "facts": []} for level in self._left())]

    def next_words(self) -> str:
        """Who is told next and when; empty when nobody is waited for."""
        line = self.page.steps[-1] if self.page.steps else None
        if line is None or line.due_at is None or self.voice.state not in PENDING:
            return ""
        left = [level for level in self._left() if level["contact"] not in self.involved]
        if not left:
            return LAST_ONE if line.due_at > self.at and line.step.overdue_at is None else PASSED
        owed = "acusa recibo" if line.state == "owes_acknowledgement" else "responde"
        before = words.on_brief(line.due_at, zone=self.zone, now=self.at, after="de")
        whom = name_of(left[0]["name"], left[0]["role"])
        return f"Si no {owed} antes {before}, se avisa al nivel {left[0]['level']}: {whom}."

    def _left(self) -> list[dict[str, Any]]:
        """The levels above the present one. An ended one goes no further."""
        if self.voice.closed_at is not None:
            return []
        return [level for level in self.voice.levels if level["level"] > self.voice.level]

    def _rung(self, line: StepLine, *, is_present: bool) -> dict[str, Any]:
        step = line.step
        facts = list(self._facts(line))
        return {
            "level": step.level,
            "role": step.role,
            "name": step.name,
            "current": is_present,
            "reached": True,
            "facts": facts,
        }

    def _facts(self, line: StepLine) -> Iterator[Fact]:
        step = line.step
        if step.contact_id is None:
            why = "está señalado en la queja" if step.reason == INVOLVED else "no hay a quién avisar"
            yield self._fact("eye-slash", f"Se omitió: {why}", step.notified_at)
        else:
            note = str(step.get_cause_display()).lower() if step.cause != StepCause.RECEIVED else ""
            absent = f", en ausencia de {step.instead_of}" if step.instead_of else ""
            yield self._fact("bell-alert", f"Se le avisó{absent}", step.notified_at, note=note)
        if step.acknowledged_at is not None and step.acknowledged_at != step.answered_at:
            yield self._fact("hand-raised", "Acusó recibo", step.acknowledged_at)
        if step.answered_at is not None:
            late = " fuera de tiempo" if line.is_late else ""
            yield self._fact("chat-bubble-left-ellipsis", f"Respondió{late}", step.answered_at)
        elif step.overdue_at is not None:
            answer_is_late = step.answer_by is not None and step.overdue_at >= step.answer_by
            what = "respondió" if step.acknowledged_at or answer_is_late else "acusó recibo"
            yield {**self._fact("exclamation-circle", f"No {what} a tiempo, venció", step.overdue_at), "tone": "late"}
        elif line.due_at is not None:
            yield self._owed(line, line.due_at)

    def _owed(self, line: StepLine, due_at: datetime) -> Fact:
        what = "acusar recibo" if line.state == "owes_acknowledgement" else "responder"
        if due_at <= self.at:
            return {**self._fact("exclamation-circle", f"Debió {what}", due_at), "tone": "late"}
        fact = self._fact("clock", f"Debe {what} antes", due_at)
        fact["when"] = words.on_brief(due_at, zone=self.zone, now=self.at, after="de")
        return {**fact, "tone": "owed"}

    def _fact(self, icon: str, text: str, moment: datetime, note: str = "") -> Fact:
        when = words.on_brief(moment, zone=self.zone, now=self.at)
        return {"icon": icon, "text": text, "at": moment, "when": when, "note": note}


def _place(level: dict[str, Any]) -> dict[str, Any]:
    return {"level": level["level"], "role": level["role"], "name": level["name"]}
