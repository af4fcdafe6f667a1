"""Messages about complaints and suggestions: to the customer, to the level that is told, and to those who supervise (guide 2.2, 3.13).

Each function is a reaction to one event, safe to repeat, and immediate: a level's time runs. Whoever did it is not told, and nobody who is
pointed at ever is: `about.voice` asks for each person, and a contact is asked here.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import structlog

from accounts.models import User
from accounts.roles import Role
from channels import about, compose, outbox, voice_links
from channels.about import About
from channels.compose import Mailbox
from channels.messages import rises, work
from core import clock
from core.events import Event
from escalation import matrices
from surveys import steps
from surveys.events import VoiceFact, VoiceLevelTold, VoiceOverdue
from surveys.models import Voice, VoiceEntry, VoiceStep
from surveys.services import telling
from surveys.vocabulary import PENDING, Decision, Ending, StepCause, VoiceState

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """One event and the rows that it left, as they are now."""

    event: Event
    voice: Voice
    entry: VoiceEntry

    @cached_property
    def steps(self) -> list[VoiceStep]:
        return steps.of(self.voice)

    @property
    def last(self) -> VoiceStep | None:
        return self.steps[-1] if self.steps else None

    @cached_property
    def about(self) -> About:
        return about.voice(self.voice)

    @property
    def answer_before(self) -> str:
        """What was answered last by then: an appeal takes it off the row."""
        given = self.voice.entries.filter(kind="answer", sequence__lte=self.entry.sequence).order_by("sequence").last()
        return rises.excerpt(str(given.data.get("text", ""))) if given else ""

    @property
    def context(self) -> dict[str, Any]:
        """What every template may use: values alone."""
        voice, step, data = self.voice, self.last, self.entry.data
        return {
            "what": voice.get_kind_display().lower(),
            "is_complaint": voice.is_complaint,
            "company": voice.company.name,
            "from_whom": compose.line(voice.author.full_name),
            "phone": compose.line(voice.author.phone),
            "area": voice.area,
            "direction": voice.direction,
            "ticket": voice.ticket.number if voice.ticket else "",
            "body": voice.body,
            "author": compose.line(self.entry.name or self.entry.actor.full_name),
            "by_desk": not self.entry.actor.is_customer,
            "said": data.get("text") or "",
            "reason": data.get("reason") or "",
            "files": [compose.line(file["name"]) for file in data.get("files", []) if isinstance(file, dict)],
            "level": step.level if step else 0,
            "role": step.role if step else "",
            "who": _who(step),
            "contact_phones": rises.phones(step.contact) if step else "",
            "acknowledge_by": step.acknowledge_by if step else None,
            "answer_by": step.answer_by if step else None,
            "acknowledged_at": step.acknowledged_at if step else None,
            "has_levels": bool(self.steps),
        }


def received(event: VoiceFact) -> None:
    """The customer: its number and by when they have an answer. The supervisors, where there was no matrix to tell anybody by."""
    told = _read(event)
    recorded = told.voice.recorded_by_id != told.voice.author_id
    _tell_customer(told, "voice_received", is_own=True, recorded_by=told.context["author"] if recorded else "")
    if not told.voice.levels:
        _tell_heads(told, "voice_nobody")


def level(event: VoiceLevelTold) -> None:
    """The level's contact, with the link to acknowledge and answer; the supervisors when there is nobody to tell."""
    told = _read(event)
    step = next(row for row in told.steps if row.pk == event.step_id)
    if told.voice.state not in PENDING or step is not told.last:
        _overtaken("voice_level", told)
    elif not _tell_contact(told, step, "voice_level"):
        _tell_heads(told, "voice_nobody")


def acknowledged(event: VoiceFact) -> None:
    """The customer: somebody has it in hand."""
    told = _read(event)
    if told.voice.state not in PENDING:
        _overtaken("voice_acknowledged", told)
    else:
        _tell_customer(told, "voice_acknowledged", acknowledged_by=told.entry.data.get("who", ""))


def answered(event: VoiceFact) -> None:
    """The customer: the answer, in full, and until when they may disagree."""
    told = _read(event)
    data = told.entry.data
    if told.voice.state != VoiceState.ANSWERED:
        _overtaken("voice_answered", told)
        return
    decision = Decision(data["decision"]).label if data.get("decision") else ""
    _tell_customer(
        told,
        "voice_answered",
        answered_by=data.get("who", ""),
        decision=decision,
        agree_by=told.voice.next_at,
        is_final=steps.is_final(told.voice, told.steps),
    )


def appealed(event: VoiceFact) -> None:
    """Those who supervise: the customer does not agree with an answer. The level hears by its own notice."""
    told = _read(event)
    _tell_heads(told, "voice_appealed", answer_before=told.answer_before)


def commented(event: VoiceFact) -> None:
    """What the desk says to the customer, to them; what the customer says, or the desk among itself, to the level and the supervisors."""
    told = _read(event)
    is_note = not told.entry.is_public
    if not is_note and not told.entry.actor.is_customer:
        _tell_customer(told, "voice_comment")
        return
    _tell_desk(told, "voice_work_comment", is_note=is_note)


def overdue(event: VoiceOverdue) -> None:
    """The last level let its time pass: the level and the supervisors."""
    told = _read(event)
    step = next(row for row in told.steps if row.pk == event.step_id)
    if told.voice.state not in PENDING or step is not told.last:
        _overtaken("voice_overdue", told)
        return
    silent = bool(told.entry.data.get("silent"))
    contact = _tell_contact(told, step, "voice_reminder", silent=silent)
    _tell_heads(told, "voice_overdue", skip=step if contact else None, silent=silent)


def closed(event: VoiceFact) -> None:
    """The customer, unless they closed it themselves; and the level that had it."""
    told = _read(event)
    how = Ending(told.voice.ending)
    facts = {"how": how.label, "ending": str(how), "recorded_by": told.entry.data.get("recorded_by", "")}
    _tell_customer(told, "voice_closed", **facts)
    if told.last is not None:
        _tell_contact(told, told.last, "voice_work_closed", **facts)


# -- to whom -----------------------------------------------------------------------------------------------------------


def _tell_customer(told: Told, kind: str, *, is_own: bool = False, **more: Any) -> None:
    """The author; of what they did themselves only where it `is_own` matter to have in writing."""
    but = None if is_own else told.entry.actor
    outbox.post(told.event, kind, to=[told.voice.author], about=told.about, context={**told.context, **more}, but=but)


def _tell_contact(told: Told, step: VoiceStep, kind: str, **more: Any) -> bool:
    """False when there is nobody to write to; an alarm sounds if there was, and they cannot be written to any more."""
    at = clock.now()
    if step.contact is None:
        return False
    if (to := _mailbox(told.voice, step, at)) is not None:
        if to.user is not None and to.user == told.entry.actor:
            return True
        owes = told.voice.state in PENDING and step is told.last
        url = voice_links.url(step) if owes else ""
        context = {
            **told.context,
            "answer_url": url,
            "has_account": to.user is not None,
            **_of_step(step, told),
            **more,
        }
        if outbox.post_to(told.event, kind, to=to, about=told.about, context=context, at=at):
            return True
    if told.voice.state in PENDING:
        text = f"no se puede escribir al nivel {step.level} de la matriz de quejas. Búsquelo por teléfono."
        telling.sound(told.voice, step.level, text, at=at)
    return False


def _mailbox(voice: Voice, step: VoiceStep, at: datetime) -> Mailbox | None:
    """Where the step's contact is told; None when they cannot be any more, or are pointed at."""
    contact = step.contact
    if contact is None or not contact.can_be_told or not contact.holds(matrices.day_of(at)):
        return None
    if telling.is_pointed_at(contact, list(voice.pointed_at.all())):
        return None
    return Mailbox(compose.line(contact.name), contact.email, contact.user)


def _tell_desk(told: Told, kind: str, **more: Any) -> None:
    """The present level and the supervisors, apart from whoever said it."""
    step = told.last
    spoke = step is not None and told.entry.actor.role == Role.SYSTEM
    contact = step is not None and not spoke and _tell_contact(told, step, kind, **more)
    _tell_heads(told, kind, skip=step if contact or spoke else None, **more)


def _tell_heads(told: Told, kind: str, *, skip: VoiceStep | None = None, **more: Any) -> None:
    """The supervisors who may see it; without any, the managers, directors and administrators who may. `skip` has its own message."""
    everybody = heads(told.about)
    if not everybody:
        log.error("nobody_supervises", message=kind, voice=told.voice.pk)
    to = [person for person in everybody if skip is None or not telling.is_pointed_at(skip.contact, [person])]
    context = {**told.context, "answer_url": "", "has_account": True, **more}
    outbox.post(told.event, kind, to=to, about=told.about, context=context, but=told.entry.actor)


def heads(subject: About) -> list[User]:
    """Who supervises it: never those it points at."""
    fallback = User.objects.filter(role__in=(Role.MANAGER, Role.DIRECTOR, Role.ADMIN), is_active=True)
    return [p for p in work.supervisors() if subject.sees(p)] or [p for p in fallback if subject.sees(p)]


# -- what --------------------------------------------------------------------------------------------------------------


def _read(event: VoiceFact) -> Told:
    rows = Voice.objects.select_related("company", "author", "ticket").prefetch_related("steps__contact__user")
    voice = rows.get(pk=event.voice_id)
    return Told(event, voice, VoiceEntry.objects.select_related("actor").get(pk=event.entry_id, row=voice))


def _of_step(step: VoiceStep, told: Told) -> dict[str, Any]:
    """What the level itself is told: its own turn and what the level before it did."""
    before = [row for row in told.steps if row.number < step.number]
    return {
        "level": step.level,
        "role": step.role,
        "instead_of": step.instead_of,
        "cause": str(step.cause),
        "reason": step.reason or told.context["reason"],
        "is_last": step.level == told.voice.last_level,
        "before": _who(before[-1]) if before else "",
        "answer_before": told.answer_before if step.cause == StepCause.APPEAL else "",
    }


def _who(step: VoiceStep | None) -> str:
    """«Julio Bernal Ortiz (Gerente Mesa de Servicio)»; without anybody, those who supervise."""
    if step is None or not step.name:
        return "la supervisión de la Mesa de Servicio"
    return f"{step.name} ({step.role})" if step.name not in step.role else step.role


def _overtaken(kind: str, told: Told) -> None:
    log.info("message_overtaken", message=kind, voice=told.voice.pk)
