"""The checks find nothing in what the services leave behind, and each fault that is made by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from improvements import checks
from improvements.models import ActionEntry, ActionSource, CorrectiveAction
from improvements.services import progress
from improvements.vocabulary import ActionState


@pytest.mark.parametrize("state", list(ActionState))
def test_nothing_is_found_in_what_the_services_leave(action_in: Callable[[str], Any], state: str) -> None:
    action_in(state)
    assert list(checks.invariants()) == []


def test_nothing_is_found_after_a_failed_verification(
    action_in: Callable[[str], Any], manager: Any, supervisor: Any
) -> None:
    row = progress.verify(action_in(ActionState.IMPLEMENTED), by=manager, is_effective=False, text="No.")
    row = progress.postpone(row, by=manager, due_on=date(2026, 6, 1), reason="x")
    assert list(checks.invariants()) == []
    progress.cancel(row, by=manager, reason="x")
    assert list(checks.invariants()) == []


@pytest.mark.parametrize(
    ("state", "fault", "found"),
    [
        ("open", lambda row: CorrectiveAction.objects.update(version=3), "is in version 3"),
        ("open", lambda row: CorrectiveAction.objects.update(state="in_progress"), "is in_progress, and its history says open"),
        ("open", lambda row: CorrectiveAction.objects.update(due_on=date(2027, 1, 1)), "is due on 2027-01-01"),
        ("open", lambda row: ActionSource.objects.all().delete(), "answers to 0 things"),
        ("open", lambda row: row.kept_from.add(row.owner), "is kept from its owner, and no alarm says so"),
        ("implemented", lambda row: CorrectiveAction.objects.update(verify_on=None), "is to be verified on None"),
        ("closed", lambda row: CorrectiveAction.objects.update(owner=row.verified_by), "was verified by its owner"),
        ("in_progress", lambda row: ActionEntry.objects.filter(kind="planned").update(from_state="closed"), "leaves closed"),
    ],
)  # fmt: skip
def test_each_fault_is_found(
    action_in: Callable[[str], Any], state: str, fault: Callable[[CorrectiveAction], Any], found: str
) -> None:
    row = action_in(state)
    fault(row)
    assert any(found in problem for problem in checks.invariants())
