"""What must hold of complaints and suggestions, checked from the database alone."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Prefetch

from improvements.models import CorrectiveAction
from surveys.models import Voice, VoiceEntry, VoiceStep
from surveys.services.steering import origin_of
from surveys.services.telling import is_pointed_at
from surveys.vocabulary import PENDING, VoiceState

CHUNK = 500
TOLD = ("level_told", "level_unreachable", "level_involved")


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with its number. Reads them in chunks."""
    told = Prefetch("steps", VoiceStep.objects.select_related("contact").order_by("number"))
    story = Prefetch("entries", VoiceEntry.objects.order_by("sequence"))
    rows = Voice.objects.prefetch_related(told, story, "pointed_at").annotate(given=Count("votes")).order_by("pk")
    for row in rows.iterator(CHUNK):
        for problem in (*_of_story(row), *_of_steps(row), *_of_confidence(row)):
            yield f"{row.number}: {problem}"
        if row.votes_count != row.given:
            yield f"{row.number}: counts {row.votes_count} votes, and has {row.given}"


def _of_story(row: Voice) -> Iterator[str]:
    entries = list(row.entries.all())
    if [entry.sequence for entry in entries] != list(range(1, row.version + 1)):
        yield f"is in version {row.version}, and has the entries {[entry.sequence for entry in entries]}"
    state = ""
    for entry in entries:
        if entry.to_state:
            if entry.from_state != state:
                yield f"its entry {entry.sequence} leaves {entry.from_state or 'nothing'}, and it was {state or 'nothing'}"
            state = entry.to_state
    if state != row.state:
        yield f"is {row.state}, and its history says {state or 'nothing'}"
    told = sum(entry.kind in TOLD for entry in entries)
    if told != len(row.steps.all()):
        yield f"has {len(row.steps.all())} levels told and {told} entries of them"


def _of_steps(row: Voice) -> Iterator[str]:
    steps = list(row.steps.all())
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        yield f"told the levels in the order {[step.number for step in steps]}"
    last = steps[-1] if steps else None
    if bool(row.levels) != bool(steps):
        yield f"has {len(row.levels)} levels, and told {len(steps)}"
    if last is not None and last.level != row.level:
        yield f"stands at level {row.level}, and told level {last.level} last"
    if row.state == VoiceState.ANSWERED and (row.next_at is None or (last is not None and last.answered_at is None)):
        yield "was answered, and waits for nothing or its level did not answer"
    if row.state in PENDING and row.next_at != (expected := _waits(last)):
        yield f"is looked at at {row.next_at} instead of {expected}"


def _waits(last: VoiceStep | None) -> datetime | None:
    """The next moment of one that is owed an answer."""
    if last is None or last.acknowledge_by is None or last.answer_by is None:
        return None
    if last.overdue_at is None:
        return last.answer_by if last.acknowledged_at else last.acknowledge_by
    return last.answer_by if last.overdue_at < last.answer_by else None


def _of_confidence(row: Voice) -> Iterator[str]:
    people = list(row.pointed_at.all())
    if not people:
        return
    steps = list(row.steps.all())
    if not all(person.is_desk for person in people):
        yield "points at somebody who is not of the desk"
    if row.state in PENDING and steps and is_pointed_at(steps[-1].contact, people):
        yield "is in the hands of somebody it points at"
    for action in CorrectiveAction.objects.of_source(origin_of(row), row.pk).prefetch_related("kept_from"):
        if {person.pk for person in people} - {person.pk for person in action.kept_from.all()}:
            yield f"its action {action.number} is not kept from everybody it points at"
