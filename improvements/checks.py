"""What must hold of the corrective actions, checked from the database alone."""

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Prefetch

from core.models import Alarm
from improvements.models import ActionEntry, CorrectiveAction
from improvements.monthly import DATED
from improvements.services import register
from improvements.vocabulary import LIVE, PENDING, ActionState

CHUNK = 500


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence with its number. Reads them in chunks."""
    story = Prefetch("entries", ActionEntry.objects.order_by("sequence"))
    # Whose owner comes to be pointed at is kept from them, until who is told by the alarm gives it to another.
    told = set(Alarm.objects.filter(kind=register.ALARM, settled_at=None).values_list("key", flat=True))
    rows = CorrectiveAction.objects.prefetch_related(story, "sources", "kept_from").order_by("pk")
    for row in rows.iterator(CHUNK):
        for problem in (*_of_story(row), *_of_dates(row), *_of_people(row, told)):
            yield f"{row.number}: {problem}"


def _of_story(row: CorrectiveAction) -> Iterator[str]:
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
    joined = sum(entry.kind == "joined" for entry in entries)
    if len(row.sources.all()) != joined + 1:
        yield f"answers to {len(row.sources.all())} things, and its history says {joined + 1}"


def _of_dates(row: CorrectiveAction) -> Iterator[str]:
    given = [entry.data["due_on"] for entry in row.entries.all() if entry.kind in DATED]
    if given and date.fromisoformat(given[-1]) != row.due_on:
        yield f"is due on {row.due_on}, and its history says {given[-1]}"
    if (row.state == ActionState.IMPLEMENTED) != (
        row.verify_on is not None and row.verified_at is None and not _ended(row)
    ):
        yield f"is {row.state}, and is to be verified on {row.verify_on}"
    if row.state in PENDING and row.implemented_at is not None:
        yield "is owed, and was implemented"
    if _ended(row) != (row.closed_at is not None):
        yield f"is {row.state}, and ended at {row.closed_at}"


def _of_people(row: CorrectiveAction, told: Collection[str]) -> Iterator[str]:
    is_owed = row.state in LIVE and register.alarm_key(row, "owner") not in told
    if is_owed and row.owner_id in {person.pk for person in row.kept_from.all()}:
        yield "is kept from its owner, and no alarm says so"
    if row.verified_by_id is not None and row.verified_by_id in (row.owner_id, row.implemented_by_id):
        yield "was verified by its owner, or by who implemented it"


def _ended(row: CorrectiveAction) -> bool:
    return row.state in (ActionState.CLOSED, ActionState.CANCELLED)
