"""Clock changes, the turn of the year, far years, several threads: where the line of open time is hard to draw."""

import pickle
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from core.tests.desk_hours import (
    ALWAYS,
    DAY_AND_NIGHT_TIJUANA,
    DESK,
    MEXICO,
    NINE_TO_SEVEN,
    TIJUANA,
    hours,
    minutes,
    mx,
    tj,
)
from core.timeline import EPOCH, MICROSECOND, edge
from core.worktime import DAY_MINUTES, ClosedDay, ClosedInterval, Schedule, Window, each_day

# -- clock changes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)])
def test_a_day_of_a_clock_change_has_its_real_length_in_tijuana(day: date, length: int):
    start = datetime(day.year, day.month, day.day, tzinfo=TIJUANA)
    assert DAY_AND_NIGHT_TIJUANA.elapsed(start, start + timedelta(days=1)) == hours(length)


def test_seventy_two_hours_are_seventy_two_hours_across_a_clock_change():
    assert DAY_AND_NIGHT_TIJUANA.add(tj(2026, 3, 7, 12), hours(72)) == tj(2026, 3, 10, 13)
    assert DAY_AND_NIGHT_TIJUANA.add(tj(2026, 10, 31, 12), hours(72)) == tj(2026, 11, 3, 11)


@pytest.mark.parametrize(("opens_on", "length"), [(tj(2026, 3, 7, 22), 7), (tj(2026, 10, 31, 22), 9)])
def test_a_night_window_is_as_long_as_the_night_of_the_clock_change(opens_on: datetime, length: int):
    nights = Schedule("America/Tijuana", each_day(range(7), 22 * 60, 6 * 60), mexican_holidays=False)
    assert nights.add(opens_on, hours(length)) == (opens_on + hours(8))


def test_a_closed_day_of_a_clock_change_is_closed_for_its_real_length():
    day_and_night = each_day(range(7), 0, DAY_MINUTES)
    closed = Schedule("America/Tijuana", day_and_night, frozenset({ClosedDay(date(2026, 11, 1))}))
    assert closed.closed_intervals(tj(2026, 10, 31), tj(2026, 11, 2)) == [
        ClosedInterval(tj(2026, 11, 1), tj(2026, 11, 2), "Día inhábil"),
    ]
    assert closed.elapsed(tj(2026, 10, 31), tj(2026, 11, 2, 12)) == hours(36)


def test_a_window_that_opens_in_the_skipped_hour_opens_at_the_jump():
    early = Schedule("America/Tijuana", (Window(6, 2 * 60 + 20, 5 * 60),))
    assert early.intervals(tj(2026, 3, 8), tj(2026, 3, 9)) == [(tj(2026, 3, 8, 3), tj(2026, 3, 8, 5))]


def test_a_window_wholly_in_the_skipped_hour_does_not_open_that_day():
    early = Schedule("America/Tijuana", (Window(6, 2 * 60 + 15, 2 * 60 + 45),))
    assert early.intervals(tj(2026, 3, 8), tj(2026, 3, 9)) == []
    assert early.next_opening(tj(2026, 3, 8)) == tj(2026, 3, 15, 2, 15)
    assert early.elapsed(tj(2026, 3, 8), tj(2026, 3, 16)) == minutes(30)


def test_an_edge_in_the_hour_that_happens_twice_is_its_first_occurrence():
    early = Schedule("America/Tijuana", (Window(6, 60 + 30, 5 * 60),))
    assert early.intervals(tj(2026, 11, 1), tj(2026, 11, 2)) == [
        # A datetime in a repeated hour equals none of another zone, so it is compared in UTC.
        (tj(2026, 11, 1, 1, 30).astimezone(UTC), tj(2026, 11, 1, 5)),
    ]
    assert early.elapsed(tj(2026, 11, 1), tj(2026, 11, 2)) == hours(4.5)


def test_a_midnight_that_the_clock_goes_back_over_comes_once():
    zone = ZoneInfo("America/St_Johns")  # on 7 November 2010, at one minute past midnight, back to 23:01
    sunday = frozenset({ClosedDay(date(2010, 11, 7), "Domingo")})
    evening = Schedule(zone.key, each_day(range(7), 20 * 60, DAY_MINUTES), sunday)
    midnight = datetime(2010, 11, 7, 0, 0, tzinfo=zone).astimezone(UTC)
    repeated = midnight + minutes(30)
    assert repeated.astimezone(zone).date() == date(2010, 11, 6)
    assert evening.is_open(midnight - minutes(1)) is True
    assert evening.is_open(repeated) is False
    assert evening.closed_intervals(repeated, midnight + hours(2)) == [
        ClosedInterval(repeated, midnight + hours(2), "Domingo"),
    ]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Tijuana", "Pacific/Kiritimati"])
def test_the_turn_of_the_year_is_the_zones_own(zone: str):
    night = Schedule(zone, each_day(range(7), 20 * 60, 4 * 60), mexican_holidays=False)
    for hour in (21, 24 + 3):
        at = datetime(2031, 12, 31, tzinfo=ZoneInfo(zone)) + hours(hour)
        fresh = Schedule(zone, (*night.windows, Window(0, 600, 600 + hour)), mexican_holidays=False)
        assert fresh.is_open(at) is True
        assert fresh.add(at, minutes(30)) == at + minutes(30)


def test_mexico_city_had_summer_time_in_2022_and_has_none_since():
    assert DESK.next_opening(mx(2022, 7, 1, 0)) == datetime(2022, 7, 1, 14, tzinfo=UTC)
    assert DESK.next_opening(mx(2023, 7, 3, 0)) == datetime(2023, 7, 3, 15, tzinfo=UTC)
    always = Schedule("America/Mexico_City", each_day(range(7), 0, DAY_MINUTES))
    assert always.elapsed(mx(2022, 4, 3), mx(2022, 4, 4)) == hours(23)
    assert always.elapsed(mx(2022, 10, 30), mx(2022, 10, 31)) == hours(25)
    assert always.elapsed(mx(2023, 4, 2), mx(2023, 4, 3)) == hours(24)


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("America/Mexico_City", 2022),
        ("America/Tijuana", 2026),
        ("America/St_Johns", 2010),  # back over midnight
        ("America/Havana", 2004),
        ("America/Sao_Paulo", 2018),  # forward at midnight
        ("Australia/Lord_Howe", 2025),  # by half an hour
        ("Pacific/Apia", 2011),  # without 30 December
        ("Africa/Casablanca", 2026),
        ("America/Mexico_City", 1922),
    ],
)
def test_every_opening_of_a_year_is_where_its_own_date_puts_it(zone: str, year: int):
    windows = [(0, 61), (90, 150), (720, 1140), (1410, 1440)]
    schedule = Schedule(
        zone, tuple(Window(weekday, *window) for weekday in range(7) for window in windows), mexican_holidays=False
    )
    key, open_time = ZoneInfo(zone), timedelta()
    for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        midnight = datetime.fromordinal(ordinal)
        for opening, closing in windows:
            begins, ends = (EPOCH + edge(midnight + minutes(n), key) * MICROSECOND for n in (opening, closing))
            assert schedule.elapsed(begins, ends) == ends - begins
            assert begins == ends or schedule.is_open(begins) is True
            open_time += ends - begins
    first, last = (EPOCH + edge(datetime(y, 1, 1), key) * MICROSECOND for y in (year, year + 1))
    assert schedule.elapsed(first, last) == open_time


# -- refusals and limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda: DESK.add(datetime(2026, 3, 4, 9), hours(1)),
        lambda: DESK.is_open(datetime(2026, 3, 4, 9)),
        lambda: DESK.add(mx(2026, 3, 4, 9), -hours(1)),
        lambda: DESK.elapsed(mx(2026, 3, 4, 9), mx(2026, 3, 4, 8)),
        lambda: DESK.deadline(mx(2026, 3, 4, 9), hours(1), [(mx(2026, 3, 4, 9), mx(2026, 3, 4, 8))]),
        lambda: DESK.nth_business_day(mx(2026, 3, 4, 9), -1),
        lambda: DESK.nth_business_day(mx(2026, 3, 4, 9), 100_000),
        lambda: DESK.add(mx(9999, 12, 31, 23), hours(1)),
        lambda: DESK.add(datetime.max.replace(tzinfo=MEXICO), hours(1)),
        lambda: DESK.add(mx(2026, 3, 4, 9), timedelta.max),
        lambda: ALWAYS.add(mx(2026, 3, 4, 9), timedelta(days=365 * 1000)),
        lambda: DESK.is_open(mx(1, 1, 1, 0)),
        lambda: DESK.next_opening(mx(2199, 12, 31, 23)),
        lambda: Schedule("America/Mexico_City").next_opening(mx(2026, 3, 4, 9)),
        lambda: Schedule("America/Mexico_City").add(mx(2026, 3, 4, 9), hours(1)),
        lambda: Schedule("America/Mexico_City").nth_business_day(mx(2026, 3, 4, 9), 1),
        lambda: Schedule("America/Atlantis"),
        lambda: Schedule("../etc/passwd"),
        lambda: Schedule("America/Mexico_City", (Window(7, 0, 60),)),
        lambda: Schedule("America/Mexico_City", (Window(0, 1440, 60),)),
        lambda: Schedule("America/Mexico_City", (Window(0, 0, 1441),)),
    ],
)
def test_what_cannot_be_reckoned_is_a_value_error(ask):
    with pytest.raises(ValueError):
        ask()


def test_a_schedule_without_windows_is_closed_and_says_so():
    never = Schedule("America/Mexico_City")
    assert never.is_open(mx(2026, 3, 4, 9)) is False
    assert never.elapsed(mx(2026, 3, 4), mx(2026, 3, 5)) == timedelta()
    assert never.closed_intervals(mx(2026, 3, 4), mx(2026, 3, 5)) == [
        ClosedInterval(mx(2026, 3, 4), mx(2026, 3, 5), None)
    ]


def test_equal_schedules_are_one_key_whatever_the_order_of_their_windows():
    again = Schedule("America/Mexico_City", tuple(reversed(NINE_TO_SEVEN)))
    assert again == DESK
    assert hash(again) == hash(DESK)


def test_a_schedule_survives_pickling_after_use():
    DESK.is_open(mx(2026, 3, 4, 9))
    again = pickle.loads(pickle.dumps(DESK))
    assert again == DESK
    assert again.add(mx(2026, 3, 4, 9), hours(1)) == mx(2026, 3, 4, 10)


@pytest.mark.parametrize("year", [1990, 2000, 2037, 2038, 2100])
def test_the_years_from_1990_to_2100_can_be_reckoned_with_in_any_order(year: int):
    fresh = Schedule("America/Mexico_City", NINE_TO_SEVEN, frozenset({ClosedDay(date(2045, 3, year % 28 + 1))}))
    monday = next(date(year, 6, day) for day in range(1, 8) if date(year, 6, day).weekday() == 0)
    for at in (mx(2026, 3, 4, 9), datetime(year, 6, monday.day, 9, tzinfo=MEXICO), mx(2026, 3, 4, 9)):
        assert fresh.add(at, hours(10)) == at + hours(10)


def test_a_long_stretch_is_the_sum_of_its_years():
    whole = DESK.elapsed(mx(1990, 1, 1), mx(2101, 1, 1))
    assert whole == sum((DESK.elapsed(mx(y, 1, 1), mx(y + 1, 1, 1)) for y in range(1990, 2101)), timedelta())
    assert DESK.elapsed(mx(1990, 1, 1), DESK.add(mx(1990, 1, 1), whole)) == whole


def test_threads_that_widen_one_schedule_at_once_agree():
    fresh = Schedule("America/Tijuana", each_day(range(6), 8 * 60, 20 * 60 + 1))
    answers: dict[int, list[datetime]] = {}

    def ask(first: int) -> None:
        years = [*range(first, 2090, 8), *range(first, 1990, -8)]
        answers[first] = [fresh.add(tj(year, 6, 1, 12), hours(200)) for year in years]

    threads = [Thread(target=ask, args=(first,)) for first in range(2020, 2028)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for first, found in answers.items():
        ask(first)
        assert answers[first] == found
    assert len(answers) == 8
