"""What is read of complaints and suggestions: one of them whole, and lists of them. Everything is asked for a viewer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from core import clock
from core.verdict import Verdict
from improvements.models import CorrectiveAction
from surveys import people, policy, steps
from surveys.models import Voice, VoiceEntry, VoiceFile, VoiceStep, Vote
from surveys.models.voices import VoiceQuerySet
from surveys.services import steering
from surveys.vocabulary import PENDING, VoiceKind
from surveys.voice_sentences import quote, sentence
from tickets.models import Ticket
from tickets.querysets import company_id_of

__all__ = [
    "Card",
    "Line",
    "StepLine",
    "VoicePage",
    "cards",
    "detail",
    "listed",
    "of_ticket",
    "sentence",
    "suggestions",
    "told_to",
    "workers",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: `text` says it, `quote` is what was written, `files` came with it. `is_internal`: the customer does not read it."""

    entry: VoiceEntry
    text: str
    quote: str
    files: Sequence[VoiceFile]

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def is_internal(self) -> bool:
        return not self.entry.is_public


@dataclass(frozen=True, slots=True)
class StepLine:
    """One level told. `state`: «skipped» (involved, or nobody to tell), «answered», «owes_acknowledgement», «owes_answer», or «passed» on."""

    step: VoiceStep
    state: str
    is_late: bool
    """It let its time pass, or is letting it pass now."""

    @property
    def due_at(self) -> datetime | None:
        """What it owes next; None where it owes nothing."""
        owed = {"owes_acknowledgement": self.step.acknowledge_by, "owes_answer": self.step.answer_by}
        return owed.get(self.state)


@dataclass(frozen=True, slots=True)
class VoicePage:
    """One of them whole. `actions` are the corrective actions that answer to it and that the viewer may see; `may` what they may do."""

    voice: Voice
    lines: Sequence[Line]
    steps: Sequence[StepLine]
    files: Sequence[VoiceFile]
    actions: Sequence[CorrectiveAction]
    may: Sequence[str]
    is_final: bool
    """An answer stands that cannot be appealed."""
    voted: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A suggestion as a valid user reads it: another company's in the words written for everybody, without its author."""

    voice: Voice
    subject: str
    body: str
    is_own_company: bool
    voted: bool
    may_vote: Verdict

    @property
    def number(self) -> str:
        return self.voice.number


def detail(voice: Voice, viewer: User, *, at: datetime | None = None) -> VoicePage:
    """Everything about it that the viewer may read. The same eight queries or so however much happened; the caller has found it by
    `visible_to`."""
    at = at or clock.now()
    steps.load(voice)
    told = steps.of(voice)
    entries = list(VoiceEntry.objects.visible_to(viewer).filter(row=voice).select_related("actor").order_by("sequence"))
    files = list(VoiceFile.objects.visible_to(viewer).filter(row=voice).order_by("id"))
    shown = told if viewer.is_desk else [step for step in told if step.contact_id is not None]
    return VoicePage(
        voice=voice,
        lines=_lines(entries, files, viewer),
        steps=[_step(step, told, voice, at) for step in shown],
        files=files,
        actions=_actions(voice, viewer),
        may=policy.available(viewer, voice),
        is_final=steps.is_final(voice, told),
        voted=voice.votes.filter(voter=viewer.pk).exists() if viewer.is_customer else False,
    )


def told_to(step: VoiceStep, reader: User) -> list[Line]:
    """What a level is shown of the story on the page of its link: what was said, in public and among the desk. `reader` is its contact's
    account, or the system's; whoever asks has read the link."""
    said = VoiceEntry.objects.filter(
        row=step.row_id, kind__in=("receive", "comment", "note", "answer", "appeal", "reroute")
    )
    files = list(VoiceFile.objects.filter(row=step.row_id).order_by("id"))
    return _lines(said.select_related("actor").order_by("sequence"), files, reader)


def file_of(step: VoiceStep, file_id: int) -> VoiceFile | None:
    """A file of what the level was told of; whoever asks has read its link."""
    row: VoiceFile | None = VoiceFile.objects.filter(row=step.row_id, pk=file_id).first() if file_id < 2**63 else None
    return row


def lines(entries: Iterable[VoiceEntry], voice: Voice, viewer: User) -> list[Line]:
    """These entries of one that the viewer sees, in words. One query, for their files."""
    return _lines(entries, list(VoiceFile.objects.visible_to(viewer).filter(row=voice).order_by("id")), viewer)


def _lines(entries: Iterable[VoiceEntry], files: Sequence[VoiceFile], viewer: User) -> list[Line]:
    by_id = {file.pk: file for file in files}
    lines = []
    for entry in entries:
        if entry.kind == "receive":
            own = [file for file in files if file.created_at == entry.at]
        else:
            own = [by_id[row["id"]] for row in entry.data.get("files", []) if row["id"] in by_id]
        lines.append(Line(entry, sentence(entry, viewer), quote(entry), own))
    return lines


def _step(step: VoiceStep, told: Sequence[VoiceStep], voice: Voice, at: datetime) -> StepLine:
    state = _state(step, is_last=step.number == told[-1].number, owes=voice.state in PENDING)
    due = {"owes_acknowledgement": step.acknowledge_by, "owes_answer": step.answer_by}.get(state)
    missed = step.answered_at is not None and step.answer_by is not None and step.answered_at > step.answer_by
    return StepLine(step, state, step.overdue_at is not None or missed or (due is not None and due < at))


def _state(step: VoiceStep, *, is_last: bool, owes: bool) -> str:
    if step.answered_at is not None:
        return "answered"
    if is_last and owes:
        return "owes_answer" if step.acknowledged_at is not None else "owes_acknowledgement"
    return "skipped" if step.contact_id is None else "passed"


def _actions(voice: Voice, viewer: User) -> list[CorrectiveAction]:
    """What answers to it. Its author reads what was written for the customer, though the rest of the register is the representative's."""
    rows = CorrectiveAction.objects.of_source(steering.origin_of(voice), voice.pk)
    rows = rows.exclude(summary="") if viewer.is_customer else rows.visible_to(viewer)
    return list(rows.select_related("owner").order_by("id"))


# -- lists -------------------------------------------------------------------------------------------------------------


def listed(viewer: User, **wanted: Any) -> VoiceQuerySet:
    """Those that the viewer may see, the newest first, with what a line shows. `wanted`: kind, state, company, direction, area, ticket,
    author, each a value or a list of them, created_after, created_before (aware), q (number or part of the subject); what is empty asks for
    nothing."""
    rows = Voice.objects.visible_to(viewer).select_related("company", "author", "ticket").order_by("-id")
    for name in ("kind", "state", "company", "direction", "area", "ticket", "author"):
        value = wanted.get(name)
        if value:
            rows = rows.filter(**{f"{name}__in": value} if isinstance(value, list) else {name: value})
    if wanted.get("created_after"):
        rows = rows.filter(created_at__gt=wanted["created_after"])
    if wanted.get("created_before"):
        rows = rows.filter(created_at__lt=wanted["created_before"])
    if text := (wanted.get("q") or "").strip():
        rows = rows.filter(Q(pk__in=Voice.objects.by_number(text).values("pk")) | Q(subject__icontains=text))
    found: VoiceQuerySet = rows
    return found


def of_ticket(ticket: Ticket, viewer: User) -> list[Voice]:
    """What was said about the ticket, the newest first."""
    return list(Voice.objects.visible_to(viewer).filter(ticket=ticket).order_by("-id"))


def workers(ticket: Ticket | None) -> list[User]:
    """The people of the desk whom a complaint about the ticket may point at, by name."""
    return people.of_ticket(ticket)


def readable(viewer: User, number: str) -> Voice | None:
    """The suggestion that the viewer may vote, or anything else of theirs to see by that number."""
    found = Voice.objects.suggestions_for(viewer).by_number(number).first()
    row: Voice | None = found or Voice.objects.visible_to(viewer).by_number(number).first()
    return row


def suggestions(viewer: User) -> VoiceQuerySet:
    """The suggestions that a valid user reads and votes, the most wanted first, with `voted`: whether they did."""
    voted = Vote.objects.filter(suggestion=OuterRef("pk"), voter=viewer.pk)
    rows: VoiceQuerySet = (
        Voice.objects.suggestions_for(viewer)
        .filter(kind=VoiceKind.SUGGESTION)
        .annotate(voted=Exists(voted))
        .order_by("-votes_count", "-id")
    )
    return rows


def cards(rows: Iterable[Voice], viewer: User) -> list[Card]:
    """The suggestions of `suggestions(viewer)`, as the viewer reads them. No query for each row."""
    found = list(rows)
    company_id, may = company_id_of(viewer), policy.may_vote_at_all(viewer)
    return [_card(row, viewer, company_id, may) for row in found]


def _card(row: Voice, viewer: User, company_id: int | None, may: Verdict) -> Card:
    own = row.company_id == company_id
    return Card(
        voice=row,
        subject=row.subject if own else row.shared_subject,
        body=row.body if own else row.shared_body,
        is_own_company=own,
        voted=bool(getattr(row, "voted", False)),
        may_vote=policy.admits_vote(viewer, row) if may else may,
    )
