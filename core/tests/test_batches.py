"""Many starts at once end where each of them would end by itself."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.batches import STARTS_PER_INTERVAL
from core.tests.desk_hours import ALWAYS, DESK, TIJUANA, hours, minutes, mx
from core.tests.minute_model import moment
from core.tests.test_worktime_model import cases
from core.worktime import Schedule

MICROSECOND = timedelta(microseconds=1)


def around(schedule: Schedule, first: datetime, length: timedelta, *, seed: int, days: int = 10) -> list[datetime]:
    """Enough starts within some days for the quick way, in no order: random ones, and all where the answer may bend."""
    dice = random.Random(seed)
    last = first + timedelta(days=days)
    found = [first, last]
    for opening, closing in schedule.intervals(first, last + length):
        for edge in (opening, closing, opening - length, closing - length):
            found += [edge + n * MICROSECOND for n in (-1, 0, 1)]
    starts = [at for at in found if first <= at <= last]
    fewest = STARTS_PER_INTERVAL * (len(schedule.intervals(first, last)) + 2)
    starts += [first + (last - first) * dice.random() for _ in range(fewest)]
    dice.shuffle(starts)
    return starts


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 60 * 3_600_000_000), st.integers(0, 2**32))
def test_many_end_where_each_would_end(case, length, seed):
    schedule, _, start = case
    duration = timedelta(microseconds=length)
    starts = around(schedule, moment(start), duration, seed=seed)
    expected = [schedule.add(at, duration) for at in starts]
    assert schedule.add_many(starts, duration) == expected
    assert schedule.add_many(sorted(starts), duration) == sorted(expected)


@pytest.mark.parametrize("schedule", [DESK, ALWAYS])
@pytest.mark.parametrize("duration", [MICROSECOND, minutes(40), hours(10), hours(20), hours(200), hours(3000)])
def test_four_years_of_starts_end_where_each_would_end(schedule: Schedule, duration: timedelta):
    starts = around(schedule, mx(2024, 1, 1), duration, seed=7, days=4 * 365)
    expected = [schedule.add(at, duration) for at in starts]
    assert schedule.add_many(starts, duration) == expected
    assert schedule.add_many(sorted(starts), duration) == sorted(expected)


def test_starts_come_in_any_zone_and_ends_in_utc():
    starts = [mx(2026, 3, 4, 9), mx(2026, 3, 4, 9).astimezone(TIJUANA), mx(2026, 3, 4, 9).astimezone(UTC)] * 50
    ends = DESK.add_many(starts, minutes(40))
    assert ends == [mx(2026, 3, 4, 9, 40)] * 150
    assert {end.tzinfo for end in ends} == {UTC}


def test_few_starts_far_apart_end_where_each_would_end():
    starts = [mx(2040, 5, 1, 12), mx(2001, 5, 1, 12), mx(2020, 5, 4, 12)]
    assert DESK.add_many(starts, hours(20)) == [DESK.add(at, hours(20)) for at in starts]


def test_no_starts_have_no_ends():
    assert DESK.add_many([], hours(1)) == []


def test_no_duration_ends_at_the_next_opening():
    assert DESK.add_many([mx(2026, 3, 13, 19), mx(2026, 3, 13, 18)], timedelta()) == [
        mx(2026, 3, 17, 9),
        mx(2026, 3, 13, 18),
    ]


def test_what_one_start_refuses_many_refuse():
    with pytest.raises(ValueError, match="naive"):
        DESK.add_many([mx(2026, 3, 4), datetime(2026, 3, 4)], hours(1))
    with pytest.raises(ValueError, match="negative"):
        DESK.add_many([mx(2026, 3, 4)], -hours(1))
    with pytest.raises(ValueError, match="never opens"):
        Schedule("America/Mexico_City").add_many([mx(2026, 3, 4)] * 50, hours(1))
    with pytest.raises(ValueError, match="outside the years"):
        DESK.add_many([mx(2199, 12, 30)] * 50, hours(200))


def test_answers_follow_the_order_of_the_starts():
    starts = [mx(2026, 3, day, hour) for day in range(2, 31) for hour in range(24)]
    ends = DESK.add_many(reversed(starts), hours(3))
    assert all(later >= earlier for later, earlier in pairwise(ends))
    assert ends[-1] == mx(2026, 3, 2, 12)
