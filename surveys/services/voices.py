"""What happens to a complaint or suggestion from its acknowledgement to its end (guide 2.2, 3.13; docs/decisions/0014).

Every act takes `version` (StaleVersion when somebody else changed it meanwhile) and raises NotVisible, IllegalTransition and Refused as
`door.opened` says. `by` is the account that acts, the system's for the link of a mail; `name` in whose name it does, and `step` the
level that the link was sent to.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from accounts import trail
from accounts.models import User
from accounts.roles import Role
from core import clock, events
from core.errors import InvalidInput
from surveys import steps, times
from surveys.events import VoiceAcknowledged, VoiceAnswered, VoiceAppealed, VoiceClosed, VoiceCommented
from surveys.models import Voice, VoiceFile, VoiceStep
from surveys.services import door, telling
from surveys.services.steering import open_action, point_at, reroute
from surveys.vocabulary import Decision, Ending, StepCause, VoiceKind, VoiceState
from tickets.services import inputs

__all__ = [
    "acknowledge",
    "agree",
    "analyse",
    "answer",
    "appeal",
    "comment",
    "note",
    "open_action",
    "point_at",
    "reroute",
    "withdraw",
]


def acknowledge(
    voice: Voice,
    *,
    by: User,
    name: str = "",
    step: VoiceStep | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """The present level takes it on; from then on it is the time to answer that runs. The customer is told."""
    at = at or clock.now()
    with door.opened(voice, "acknowledge", by=by, version=version, step=step) as row:
        who = _take_on(row, by, name, at)
        if row.state == VoiceState.RECEIVED:
            row.acknowledged_at = at
            entry = door.move(
                row,
                "acknowledge",
                "acknowledge",
                by=by,
                at=at,
                saved=("acknowledged_at", "next_at"),
                data=_who(row, by, who),
                name=who,
            )
        else:
            entry = trail.commit(row, "acknowledge", by=by, at=at, saved=["next_at"], data=_who(row, by, who), name=who)
        events.publish(VoiceAcknowledged(voice_id=row.pk, entry_id=entry.pk))
        return row


def analyse(
    voice: Voice,
    *,
    by: User,
    name: str = "",
    step: VoiceStep | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """It is being looked into. It acknowledges too, if nobody of the present level had; then the customer is told."""
    at = at or clock.now()
    with door.opened(voice, "analyse", by=by, version=version, step=step) as row:
        was_new = row.state == VoiceState.RECEIVED
        who = _take_on(row, by, name, at)
        row.acknowledged_at, row.analysed_at = row.acknowledged_at or at, at
        entry = door.move(
            row,
            "analyse",
            "analyse",
            by=by,
            at=at,
            saved=("acknowledged_at", "analysed_at", "next_at"),
            data=_who(row, by, who),
            name=who,
        )
        if was_new:
            events.publish(VoiceAcknowledged(voice_id=row.pk, entry_id=entry.pk))
        return row


def answer(
    voice: Voice,
    *,
    by: User,
    text: str,
    decision: str = "",
    name: str = "",
    step: VoiceStep | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """What the customer is told; a suggestion's needs a `decision`. The customer has three business days to disagree (guide 3.6).

    Raises InvalidInput without a text or a decision.
    """
    at = at or clock.now()
    with door.opened(voice, "answer", by=by, version=version, step=step) as row:
        said, decided = _answered(row, text, decision)
        who = _take_on(row, by, name, at, answers=True)
        row.acknowledged_at, row.answered_at = row.acknowledged_at or at, at
        row.answer_text, row.answered_by, row.decision = said, who, decided
        row.next_at = times.to_agree(row.company, at)
        entry = door.move(
            row,
            "answer",
            "answer",
            by=by,
            at=at,
            saved=("acknowledged_at", "answered_at", "answer_text", "answered_by", "decision", "next_at"),
            data={**_who(row, by, who), "text": said, "decision": decided, "agree_by": row.next_at},
            name=who,
        )
        events.publish(VoiceAnswered(voice_id=row.pk, entry_id=entry.pk))
        return row


def agree(voice: Voice, *, by: User, reason: str = "", version: int | None = None, at: datetime | None = None) -> Voice:
    """The customer is content: it ends. The desk writes down in `reason` how they said it; raises InvalidInput without."""
    at = at or clock.now()
    with door.opened(voice, "agree", by=by, version=version) as row:
        said = _said(reason, "cómo dijo el cliente que está conforme", by=by)
        return end(row, "agree", Ending.AGREED, by=by, at=at, data={**said, **_recorded(by)}, name=_for(row, by))


def withdraw(
    voice: Voice, *, by: User, reason: str = "", version: int | None = None, at: datetime | None = None
) -> Voice:
    """The customer takes it back, and need not say why; the desk writes down how they asked for it. Raises InvalidInput without that."""
    at = at or clock.now()
    with door.opened(voice, "withdraw", by=by, version=version) as row:
        said = {"reason": "", **_said(reason, "cómo pidió el cliente que se retire", by=by), **_recorded(by)}
        return end(row, "withdraw", Ending.WITHDRAWN, by=by, at=at, data=said, name=_for(row, by))


def appeal(voice: Voice, *, by: User, reason: str, version: int | None = None, at: datetime | None = None) -> Voice:
    """The customer does not agree: the next level looks into it, or the last one once more. Raises InvalidInput without a reason.

    The standing answer is taken off the row; the history keeps it.
    """
    at = at or clock.now()
    with door.opened(voice, "appeal", by=by, version=version) as row:
        said = inputs.text(reason, "reason", "por qué no está conforme", longest=2000)
        row.answered_at, row.answer_text, row.answered_by, row.decision = None, "", "", ""
        row.appeals, row.analysed_at, row.next_at = row.appeals + 1, row.analysed_at or at, None
        entry = door.move(
            row,
            "appeal",
            "appeal",
            by=by,
            at=at,
            saved=("answered_at", "answer_text", "answered_by", "decision", "appeals", "analysed_at", "next_at"),
            data={"reason": said, **_recorded(by)},
            name=_for(row, by),
        )
        events.publish(VoiceAppealed(voice_id=row.pk, entry_id=entry.pk))
        above = [level["level"] for level in row.levels if level["level"] > row.level]
        telling.tell(row, start=min(above, default=row.level), cause=StepCause.APPEAL, at=at, reason=said)
        return row


def comment(
    voice: Voice,
    *,
    by: User,
    text: str,
    files: Sequence[File] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """Something said in public. While an answer stands, the time to disagree begins again. Raises InvalidInput without a text."""
    at = at or clock.now()
    with door.opened(voice, "comment", by=by, version=version) as row:
        said = inputs.text(text, "text", "el comentario")
        kept = inputs.store(inputs.files(files), lambda **values: VoiceFile(row=row, **values), by=by, at=at)
        saved = []
        if row.state == VoiceState.ANSWERED:
            row.next_at, saved = times.to_agree(row.company, at), ["next_at"]
        data = {"text": said, "files": [{"id": file.pk, "name": file.name} for file in kept]}
        entry = trail.commit(row, "comment", by=by, at=at, saved=saved, data=data)
        events.publish(VoiceCommented(voice_id=row.pk, entry_id=entry.pk))
        return row


def note(
    voice: Voice,
    *,
    by: User,
    text: str,
    name: str = "",
    step: VoiceStep | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> Voice:
    """Something said among the desk, which no customer reads. Raises InvalidInput without a text."""
    at = at or clock.now()
    with door.opened(voice, "note", by=by, version=version, step=step) as row:
        said = inputs.text(text, "text", "la nota")
        entry = trail.commit(row, "note", by=by, at=at, data={"text": said}, is_public=False, name=name)
        events.publish(VoiceCommented(voice_id=row.pk, entry_id=entry.pk))
        return row


def end(
    row: Voice,
    kind: str,
    ending: Ending,
    *,
    by: User,
    at: datetime,
    data: dict[str, Any] | None = None,
    name: str = "",
) -> Voice:
    """Close the locked row. Side effects: its alarms are settled, the events that make the notices."""
    row.ending, row.closed_at, row.next_at = ending, at, None
    facts = {**(data or {}), "ending": ending}
    saved = ("ending", "closed_at", "next_at")
    entry = door.move(row, "close", kind, by=by, at=at, saved=saved, data=facts, name=name)
    telling.settle(row, at=at)
    events.publish(VoiceClosed(voice_id=row.pk, entry_id=entry.pk))
    return row


def _for(row: Voice, by: User) -> str:
    """In whose name: the desk writes down the customer's word."""
    return row.author.full_name if by.is_desk else ""


def _recorded(by: User) -> dict[str, str]:
    return {"recorded_by": by.full_name} if by.is_desk else {}


def _said(reason: str, label: str, *, by: User) -> dict[str, str]:
    """What goes with the customer's decision: theirs to give, and owed by who writes it down for them."""
    said = inputs.text(reason, "reason", label, required=by.is_desk, longest=2000)
    return {"reason": said} if said else {}


def _answered(row: Voice, text: str, decision: str) -> tuple[str, str]:
    """What is answered and decided; every fault in one InvalidInput."""
    errors: dict[str, str] = {}
    said = ""
    try:
        said = inputs.text(text, "text", "la respuesta")
    except InvalidInput as error:
        errors |= error.errors
    decides = row.kind == VoiceKind.SUGGESTION
    if decides and decision not in Decision.values:
        errors["decision"] = "Elija qué se decidió sobre la sugerencia."
    if errors:
        raise InvalidInput(errors)
    return said, decision if decides else ""


def _take_on(row: Voice, by: User, name: str, at: datetime, *, answers: bool = False) -> str:
    """The present level has it in hand, or has answered. Returns in whose name; sets, and does not save, the row's `next_at`."""
    step = steps.last(row)
    who = _name(step, by, name)
    if step is not None:
        fields = []
        if step.acknowledged_at is None:
            step.acknowledged_at = at
            fields.append("acknowledged_at")
            # At the last level the missed answer is told once, and not again to whoever acknowledges after it.
            told = step.overdue_at is not None and step.answer_by is not None and step.overdue_at >= step.answer_by
            row.next_at = None if told else step.answer_by
        if answers:
            step.answered_at = at
            fields.append("answered_at")
        step.save(update_fields=fields)
    telling.settle(row, at=at, by=who)
    return who


def _name(step: VoiceStep | None, by: User, name: str) -> str:
    """Who did it, as the history tells: the contact when an agent writes down what they said."""
    if name:
        return inputs.line(name, "name", "en nombre de quién", longest=150)
    if by.role == Role.SYSTEM and step is not None:
        return step.name
    own = step is not None and step.contact is not None and step.contact.user_id == by.pk
    writes_down = by.role == Role.AGENT and step is not None and bool(step.name) and not own
    return step.name if writes_down and step is not None else by.full_name


def _who(row: Voice, by: User, who: str) -> dict[str, Any]:
    data: dict[str, Any] = {"level": row.level, "who": who}
    step = steps.last(row)
    if step is not None:
        data["role"] = step.role
    if by.role != Role.SYSTEM and by.full_name != who:
        data["recorded_by"] = by.full_name
    return data
