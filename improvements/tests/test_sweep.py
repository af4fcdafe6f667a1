"""Near its date, on it, and each level of its delay: told once, whenever the sweep comes by."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from core import clock
from core.models import Alarm
from improvements import moments
from improvements.models import CorrectiveAction, OriginRule
from improvements.services import progress, sweep
from improvements.tasks import sweep_actions
from improvements.vocabulary import ActionState

# The action is opened on Tuesday 10 March and due on Wednesday the 25th; the desk opens at 9:00.
DUE = datetime(2026, 3, 25, 15, 0, tzinfo=UTC)


def sweep_on(days: float) -> None:
    """`days` after the desk opens on the due date; an hour later, to be past every opening."""
    with clock.at(DUE + timedelta(days=days, hours=1)):
        sweep_actions()


def told(row: CorrectiveAction) -> list[tuple[str, list[int]]]:
    return [(e.kind, e.data["levels"]) for e in row.entries.order_by("sequence") if "levels" in e.data]


@pytest.fixture
def heads(supervisor: User, manager: User, director: User) -> list[User]:
    return [supervisor, manager, director]


def test_its_first_moment_is_the_desks_opening_three_days_before(action: CorrectiveAction) -> None:
    assert action.due_on.isoformat() == "2026-03-25"
    assert action.next_at == DUE - timedelta(days=2), "the 22nd is a Sunday: Monday's opening"


def test_day_by_day_it_climbs_to_the_directors_and_then_is_silent(action: CorrectiveAction, heads: list[User]) -> None:
    for day in range(-5, 30):
        sweep_on(day)
    assert told(action) == [
        ("reminded", []),
        ("reminded", []),
        ("overdue", [1]),
        ("overdue", [2]),
        ("overdue", [3]),
    ]
    action.refresh_from_db()
    assert (action.told_level, action.next_at) == (3, None)
    assert action.entries.count() == action.version == 6


def test_a_sweep_that_runs_twice_tells_once(action: CorrectiveAction, heads: list[User]) -> None:
    for _ in range(3):
        sweep_on(1)
    assert told(action) == [("overdue", [1])]


def test_a_sweep_that_comes_a_month_late_tells_of_the_worst_once(action: CorrectiveAction, heads: list[User]) -> None:
    sweep_on(30)
    sweep_on(31)
    assert told(action) == [("overdue", [1, 2, 3])]


@pytest.mark.parametrize(("days", "level"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (400, 3)])
def test_each_level_takes_its_days(action: CorrectiveAction, days: int, level: int) -> None:
    assert moments.level_on(action, action.due_on + timedelta(days=days)) == level


def test_the_rule_says_how_many_days(action: CorrectiveAction, heads: list[User]) -> None:
    from core import caching

    OriginRule.objects.filter(origin=action.origin).update(climb_days=10)
    caching.forget_all()
    assert moments.level_on(action, action.due_on + timedelta(days=10)) == 1
    assert moments.level_on(action, action.due_on + timedelta(days=11)) == 2


def test_without_supervisors_the_managers_are_told_and_an_alarm_sounds(
    action: CorrectiveAction, supervisor: User, manager: User, director: User
) -> None:
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    sweep_on(1)
    assert told(action) == [("overdue", [2])]
    action.refresh_from_db()
    assert action.told_level == 2
    texts = sorted(Alarm.objects.filter(settled_at=None).values_list("text", flat=True))
    assert texts == [
        f"{action.number}: está atrasada y no hay a quién avisar en supervisión. Se avisó al nivel siguiente.",
        f"{action.number}: su responsable ya no está en la Mesa de Servicio. Asígnele otro.",
    ]


def test_an_owner_who_left_is_the_supervisors_to_replace(
    action: CorrectiveAction, agent: User, supervisor: User, manager: User
) -> None:
    progress.reassign(action, by=manager, owner=agent)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    sweep_on(-2)
    assert told(action) == [("reminded", [1])]
    assert Alarm.objects.filter(settled_at=None).count() == 1


def test_nobody_at_all_is_alarms_and_no_error(action: CorrectiveAction, supervisor: User) -> None:
    User.objects.filter(pk=supervisor.pk).update(is_active=False)
    sweep_on(1)
    assert told(action) == [("overdue", [])]
    assert Alarm.objects.filter(settled_at=None).count() == 4


def test_whom_it_is_kept_from_is_passed_over(action: CorrectiveAction, heads: list[User], agent: User) -> None:
    progress.reassign(action, by=heads[1], owner=agent)
    action.kept_from.add(heads[0])
    sweep_on(1)
    assert told(action) == [("overdue", [2])]


def test_its_effect_is_asked_for_and_climbs_too(action: CorrectiveAction, heads: list[User]) -> None:
    row = progress.implement(action, by=heads[0], evidence="Hecho.")
    assert row.verify_on is not None
    assert row.verify_on.isoformat() == "2026-04-09"
    for day in range(40):
        sweep_on(day)
    assert told(action) == [("verification_due", [1]), ("verification_due", [2]), ("verification_due", [3])]


def test_what_has_ended_is_never_looked_at(action_in: Callable[[str], Any], heads: list[User]) -> None:
    row = action_in(ActionState.CLOSED)
    with clock.at(DUE + timedelta(days=90)):
        assert sweep.due(clock.now()).looked == 0
    assert told(row) == []


def test_one_that_another_transaction_spoils_stops_only_itself(
    action: CorrectiveAction, heads: list[User], rules: None
) -> None:
    from improvements.services import register

    with clock.at(DUE - timedelta(days=15)):
        other = register.open_for("other", source_id=1, label="x", title="Otra", problem="p", by=heads[0])
    CorrectiveAction.objects.filter(pk=action.pk).update(version=0)  # Its next entry's number is taken.
    sweep_on(1)
    assert told(action) == []
    assert [kind for kind, _ in told(other)] == ["overdue"]
