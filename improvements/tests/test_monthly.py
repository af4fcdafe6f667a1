"""The arithmetic of a month: what happened in it, and how it all stood when it ended, whatever happened since."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from customers.models import Company
from improvements import queries
from improvements.models import CorrectiveAction
from improvements.monthly import Sums, bounds
from improvements.services import progress, register
from improvements.vocabulary import Origin

MARCH_END = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
"""Midnight in Mexico City."""


@pytest.fixture
def opened(rules: None, supervisor: User) -> Callable[..., CorrectiveAction]:
    count = iter(range(1, 1000))

    def make(at: datetime, *, due_on: date, origin: str = Origin.COMPLAINT, **more: Any) -> CorrectiveAction:
        values = {"label": "x", "title": "Acción", "problem": "p", "by": supervisor, **more}
        return register.open_for(origin, source_id=next(count), due_on=due_on, at=at, **values)

    return make


def march(viewer: User, company: Company | None = None, at: datetime = MARCH_END + timedelta(days=60)) -> queries.Month:
    return queries.month(2026, 3, company, viewer=viewer, at=at)


def on(day: int, hour: int = 18, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_month_begins_and_ends_at_the_desks_midnight() -> None:
    assert bounds(2026, 3)[1].astimezone(UTC) == MARCH_END
    assert bounds(2026, 12)[1].year == 2027


def test_a_life_within_the_month(opened: Callable[..., Any], supervisor: User, manager: User) -> None:
    row = opened(on(2), due_on=date(2026, 3, 10))
    row = progress.implement(row, by=supervisor, evidence="x", at=on(10, 23))
    row = progress.verify(row, by=manager, is_effective=False, text="No.", due_on=date(2026, 3, 20), at=on(12))
    row = progress.implement(row, by=supervisor, evidence="x", at=on(21))
    progress.verify(row, by=manager, is_effective=True, text="Sí.", at=on(30))
    assert march(supervisor).total == Sums(opened=1, implemented=2, on_time=1, effective=1, ineffective=1)
    assert march(supervisor).total.late == 1


def test_how_it_stood_at_the_end_is_not_what_came_later(
    opened: Callable[..., Any], supervisor: User, manager: User
) -> None:
    row = opened(on(2), due_on=date(2026, 3, 10))
    row = progress.postpone(row, by=manager, due_on=date(2026, 4, 20), reason="x", at=on(2, month=4))
    progress.implement(row, by=supervisor, evidence="x", at=on(3, month=4))
    found = march(supervisor)
    assert found.total == Sums(opened=1, live=1, overdue=1)
    assert [(line.state, line.due_on, line.is_overdue) for line in found.lines] == [("open", date(2026, 3, 10), True)]


def test_due_on_the_months_last_day_is_not_late_when_it_ends(opened: Callable[..., Any], supervisor: User) -> None:
    opened(on(2), due_on=date(2026, 3, 31))
    assert march(supervisor).total == Sums(opened=1, live=1)
    assert queries.month(2026, 4, viewer=supervisor, at=MARCH_END + timedelta(hours=1)).total == Sums(live=1, overdue=1)


def test_the_instant_between_two_months_is_of_the_second(opened: Callable[..., Any], supervisor: User) -> None:
    opened(MARCH_END, due_on=date(2026, 4, 30))
    opened(MARCH_END - timedelta(microseconds=1), due_on=date(2026, 4, 30))
    assert march(supervisor).total == Sums(opened=1, live=1)


def test_what_ended_before_or_began_after_is_not_of_the_month(
    opened: Callable[..., Any], supervisor: User, manager: User
) -> None:
    early = opened(on(2, month=2), due_on=date(2026, 2, 20))
    progress.cancel(early, by=manager, reason="x", at=on(27, month=2))
    opened(on(2, month=4), due_on=date(2026, 4, 20))
    assert march(supervisor).total == Sums()
    assert march(supervisor).lines == []


def test_a_cancelled_one_is_counted_once(opened: Callable[..., Any], supervisor: User, manager: User) -> None:
    row = opened(on(2, month=2), due_on=date(2026, 2, 20))
    progress.cancel(row, by=manager, reason="x", at=on(5))
    assert march(supervisor).total == Sums(cancelled=1)


def test_the_month_that_runs_is_told_as_it_is_now(opened: Callable[..., Any], supervisor: User) -> None:
    opened(on(2), due_on=date(2026, 3, 10))
    assert march(supervisor, at=on(10)).total == Sums(opened=1, live=1)
    found = march(supervisor, at=on(11))
    assert (found.total, found.is_over) == (Sums(opened=1, live=1, overdue=1), False)


def test_by_origin_and_by_owner_add_up_to_the_whole(
    opened: Callable[..., Any], supervisor: User, manager: User
) -> None:
    opened(on(2), due_on=date(2026, 3, 10), origin=Origin.RCA, owner=manager)
    opened(on(3), due_on=date(2026, 4, 10), origin=Origin.COMPLAINT)
    opened(on(4), due_on=date(2026, 4, 10), origin=Origin.RCA)
    found = march(supervisor)
    assert {name: (s.opened, s.overdue) for name, s in found.by_origin.items()} == {"complaint": (1, 0), "rca": (2, 1)}
    assert {name: s.opened for name, s in found.by_owner.items()} == {manager.full_name: 1, supervisor.full_name: 2}
    for groups in (found.by_origin, found.by_owner):
        for name in Sums.__slots__:
            assert sum(getattr(sums, name) for sums in groups.values()) == getattr(found.total, name)


def test_a_company_is_told_of_its_own_and_nobody_of_what_is_kept_from_them(
    opened: Callable[..., Any], supervisor: User, manager: User, company: Company, representative: User
) -> None:
    opened(on(2), due_on=date(2026, 4, 10), company=company)
    opened(on(2), due_on=date(2026, 4, 10), owner=manager, kept_from=[supervisor])
    assert march(supervisor).total.opened == 1
    assert march(manager).total.opened == 2
    assert march(manager, company).total.opened == 1
    assert march(representative).total == Sums(), "nothing is written for the customer"


def test_a_month_that_is_none_is_an_error(rules: None, supervisor: User) -> None:
    with pytest.raises(ValueError):
        queries.month(2026, 13, viewer=supervisor)


def test_it_costs_the_same_whatever_it_holds(opened: Callable[..., Any], supervisor: User, manager: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            march(supervisor)
        return len(asked)

    opened(on(2), due_on=date(2026, 3, 10))
    one = cost()
    for day in (3, 4, 5):
        progress.implement(opened(on(day), due_on=date(2026, 3, 10)), by=manager, evidence="x", at=on(day, 20))
    assert cost() == one == 2


def test_of_a_source_only_what_the_viewer_may_see(opened: Callable[..., Any], supervisor: User, manager: User) -> None:
    row = opened(on(2), due_on=date(2026, 3, 10), owner=manager, kept_from=[supervisor])
    source_id = row.sources.get().source_id
    assert queries.of_source(Origin.COMPLAINT, source_id, manager) == [row]
    assert queries.of_source(Origin.COMPLAINT, source_id, supervisor) == []
    assert queries.of_source(Origin.SURVEY, source_id, manager) == []
