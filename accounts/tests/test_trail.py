"""The door of the registers: each change is one entry, numbered without gaps, and an old version is refused."""

from datetime import date

import pytest

from accounts import trail
from core.errors import StaleVersion
from improvements.models import CorrectiveAction
from improvements.vocabulary import Origin

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(supervisor, now) -> CorrectiveAction:
    words = {"title": "Revisar la nómina", "problem": "Falló dos veces", "origin": Origin.OTHER}
    row = CorrectiveAction(**words, owner=supervisor, opened_by=supervisor, due_on=date(2026, 4, 1))
    trail.begin(row, "open", by=supervisor, at=now, data={"due_on": row.due_on})
    return row


def test_each_change_is_one_entry_and_the_version_is_its_number(action, supervisor, now):
    with trail.locked(action, version=1) as row:
        row.cause = "Un parche sin probar"
        row.start()
        trail.commit(row, "start", by=supervisor, at=now, saved=["cause"], before="open", name="Ana López")
    kept = CorrectiveAction.objects.get()
    assert (kept.version, kept.state, kept.cause) == (2, "in_progress", "Un parche sin probar")
    assert list(kept.entries.values_list("sequence", "kind", "from_state", "to_state", "name")) == [
        (1, "open", "", "open", ""),
        (2, "start", "open", "in_progress", "Ana López"),
    ]
    assert kept.entries.get(sequence=1).data == {"due_on": "2026-04-01"}


def test_a_change_that_moves_nothing_says_no_state(action, supervisor, now):
    with trail.locked(action) as row:
        trail.commit(row, "comment", by=supervisor, at=now, data={"text": "Hola"}, is_public=False)
    entry = action.entries.get(sequence=2)
    assert (entry.from_state, entry.to_state, entry.is_public) == ("", "", False)


def test_somebody_elses_change_is_not_overwritten(action, supervisor, now):
    with trail.locked(action) as row:
        trail.commit(row, "comment", by=supervisor, at=now)
    with pytest.raises(StaleVersion), trail.locked(action, version=1):
        pass


def test_what_fails_half_way_leaves_nothing(action, supervisor, now):
    def fails() -> None:
        with trail.locked(action) as row:
            trail.commit(row, "comment", by=supervisor, at=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (CorrectiveAction.objects.get().version, action.entries.count()) == (1, 1)
