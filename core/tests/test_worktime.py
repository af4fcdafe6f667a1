"""Named examples of how the service guide is read, then random schedules against a model that walks minute by minute."""

import pickle
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from core import holidays_mx
from core.tests.minute_model import MinuteModel, instant, moment
from core.worktime import DAY_MINUTES, ClosedDay, ClosedInterval, Schedule, Window, each_day

MEXICO = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")
NINE_TO_SEVEN = each_day(range(5), 9 * 60, 19 * 60)
DESK = Schedule("America/Mexico_City", NINE_TO_SEVEN)
ALWAYS = Schedule.continuous("America/Mexico_City")
DAY_AND_NIGHT_TIJUANA = Schedule("America/Tijuana", each_day(range(7), 0, DAY_MINUTES))


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def mx(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=MEXICO)


def tj(*fields: int, fold: int = 0) -> datetime:
    return datetime(*fields, tzinfo=TIJUANA, fold=fold)


# -- statutory days ---------------------------------------------------------------------------------------------------------


def test_the_statutory_days_of_2026_are_those_of_article_74():
    assert holidays_mx.statutory(2026) == {
        date(2026, 1, 1): "Año Nuevo",
        date(2026, 2, 2): "Día de la Constitución",
        date(2026, 3, 16): "Natalicio de Benito Juárez",
        date(2026, 5, 1): "Día del Trabajo",
        date(2026, 9, 16): "Día de la Independencia",
        date(2026, 11, 16): "Día de la Revolución",
        date(2026, 12, 25): "Navidad",
    }


@pytest.mark.parametrize(("year", "closed"), [(2024, True), (2025, False), (2026, False), (2030, True), (2036, True)])
def test_the_first_of_october_is_closed_in_the_years_of_a_presidential_change(year: int, closed: bool):
    assert (date(year, 10, 1) in holidays_mx.statutory(year)) is closed
    assert DESK.is_open(mx(year, 10, 1, 12)) is (not closed and date(year, 10, 1).weekday() < 5)


def test_a_calendar_may_ignore_the_statutory_days():
    assert Schedule("America/Mexico_City", NINE_TO_SEVEN, mexican_holidays=False).is_open(mx(2026, 5, 1, 12)) is True


# -- the edges of a window ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (mx(2026, 3, 4, 8, 59, 59, 999999), False),
        (mx(2026, 3, 4, 9), True),
        (mx(2026, 3, 4, 18, 59, 59, 999999), True),
        (mx(2026, 3, 4, 19), False),
        (mx(2026, 3, 7, 12), False),
        (mx(2026, 3, 16, 12), False),
    ],
)
def test_a_window_is_open_from_its_first_instant_and_no_longer_at_its_last(at: datetime, is_open: bool):
    assert DESK.is_open(at) is is_open


def test_the_next_opening_of_an_open_instant_is_itself():
    assert DESK.next_opening(mx(2026, 3, 4, 9, 30)) == mx(2026, 3, 4, 9, 30)


def test_the_next_opening_skips_the_weekend_and_a_holiday():
    assert DESK.next_opening(mx(2026, 3, 13, 19)) == mx(2026, 3, 17, 9)


def test_the_next_opening_is_found_in_a_year_not_yet_reached():
    assert Schedule("America/Mexico_City", NINE_TO_SEVEN).next_opening(mx(2041, 12, 31, 19)) == mx(2042, 1, 2, 9)


def test_a_window_until_midnight_loses_no_minute():
    late = Schedule("America/Mexico_City", each_day(range(7), 23 * 60, DAY_MINUTES), mexican_holidays=False)
    assert late.is_open(mx(2026, 3, 4, 23, 59, 59, 999999)) is True
    assert late.is_open(mx(2026, 3, 5, 0)) is False
    assert late.elapsed(mx(2026, 3, 4), mx(2026, 3, 6)) == hours(2)


# -- targets --------------------------------------------------------------------------------------------------------------------


def test_forty_minutes_from_half_a_second_past_nine_end_half_a_second_past_nine_forty():
    assert DESK.add(mx(2026, 3, 4, 9, 0, 0, 500000), minutes(40)) == mx(2026, 3, 4, 9, 40, 0, 500000)


def test_a_target_that_uses_up_a_day_ends_at_its_closing_instant():
    assert DESK.add(mx(2026, 3, 4, 9), hours(10)) == mx(2026, 3, 4, 19)


def test_a_microsecond_more_than_a_day_ends_a_microsecond_after_the_next_opening():
    assert DESK.add(mx(2026, 3, 4, 9), hours(10) + timedelta(microseconds=1)) == mx(2026, 3, 5, 9, 0, 0, 1)


def test_a_target_begun_while_closed_counts_from_the_next_opening():
    assert DESK.add(mx(2026, 3, 6, 20), minutes(40)) == mx(2026, 3, 9, 9, 40)


def test_a_target_begun_at_the_closing_instant_counts_from_the_next_opening():
    assert DESK.add(mx(2026, 3, 4, 19), hours(3)) == mx(2026, 3, 5, 12)


def test_a_target_carries_over_a_weekend_and_a_holiday():
    assert DESK.add(mx(2026, 3, 13, 18), hours(3)) == mx(2026, 3, 17, 11)


def test_no_time_at_all_ends_at_the_start_if_open_else_at_the_next_opening():
    assert DESK.add(mx(2026, 3, 4, 18), timedelta()) == mx(2026, 3, 4, 18)
    assert DESK.add(mx(2026, 3, 4, 19), timedelta()) == mx(2026, 3, 5, 9)


def test_the_continuous_service_is_never_closed():
    assert ALWAYS.is_continuous is True
    assert ALWAYS.add(mx(2026, 12, 24, 23, 59, 0, 7), hours(72)) == mx(2026, 12, 27, 23, 59, 0, 7)
    assert ALWAYS.closed_intervals(mx(2024, 1, 1), mx(2027, 1, 1)) == []


def test_answers_are_in_utc():
    assert DESK.add(mx(2026, 3, 4, 9), hours(1)).tzinfo is UTC
    assert DESK.next_opening(mx(2026, 3, 4, 20)).tzinfo is UTC


def test_the_time_elapsed_is_what_lay_inside_the_windows():
    assert DESK.elapsed(mx(2026, 3, 13, 18), mx(2026, 3, 17, 11)) == hours(3)
    assert DESK.elapsed(mx(2026, 3, 14), mx(2026, 3, 15)) == timedelta()


def test_a_leap_day_counts_like_any_other():
    assert DESK.elapsed(mx(2028, 2, 28), mx(2028, 3, 2)) == hours(30)


# -- closed days, night windows and extensions ------------------------------------------------------------------------------------


def test_a_calendars_own_closed_day_closes_it():
    closing = Schedule("America/Mexico_City", NINE_TO_SEVEN, frozenset({ClosedDay(date(2026, 12, 24), "Nochebuena")}))
    assert closing.add(mx(2026, 12, 23, 18), hours(2)) == mx(2026, 12, 28, 10)


def test_a_closed_day_without_a_name_is_closed_all_the_same():
    closing = Schedule("America/Mexico_City", NINE_TO_SEVEN, frozenset({ClosedDay(date(2026, 3, 4), "")}))
    assert closing.is_open(mx(2026, 3, 4, 12)) is False
    assert closing.closed_day_name(date(2026, 3, 4)) == "Día inhábil"


def test_the_part_of_a_night_window_after_midnight_follows_the_date_on_which_it_falls():
    nights = Schedule("America/Mexico_City", each_day(range(7), 22 * 60, 6 * 60))
    labour_day = mx(2026, 5, 1, 0)
    assert nights.intervals(mx(2026, 4, 30, 12), mx(2026, 5, 2, 12)) == [
        (mx(2026, 4, 30, 22), labour_day),
        (mx(2026, 5, 2, 0), mx(2026, 5, 2, 6)),
    ]


def test_an_extension_adds_to_the_standard_window_and_keeps_its_holidays():
    extended = DESK.extended([Window(4, 19 * 60, 2 * 60), Window(5, 10 * 60, 14 * 60)])
    assert extended.intervals(mx(2026, 3, 6), mx(2026, 3, 9)) == [
        (mx(2026, 3, 6, 9), mx(2026, 3, 7, 2)),
        (mx(2026, 3, 7, 10), mx(2026, 3, 7, 14)),
    ]
    assert extended.elapsed(mx(2026, 5, 1), mx(2026, 5, 2)) == timedelta()


def test_an_extension_that_works_on_holidays_is_open_there_and_the_standard_window_is_not():
    extended = DESK.extended([Window(4, 17 * 60, 23 * 60)], works_on_holidays=True)
    assert extended.intervals(mx(2026, 5, 1), mx(2026, 5, 2)) == [(mx(2026, 5, 1, 17), mx(2026, 5, 1, 23))]
    assert extended.intervals(mx(2026, 5, 8), mx(2026, 5, 9)) == [(mx(2026, 5, 8, 9), mx(2026, 5, 8, 23))]


def test_an_extension_keeps_each_windows_own_word_on_holidays_unless_told():
    window = Window(5, 600, 840, works_on_holidays=True)
    assert window in DESK.extended([window]).windows
    assert window._replace(works_on_holidays=False) in DESK.extended([window], works_on_holidays=False).windows


def test_an_extension_to_every_hour_of_the_week_is_continuous_only_if_it_works_on_holidays():
    every_hour = each_day(range(7), 0, DAY_MINUTES)
    assert DESK.extended(every_hour, works_on_holidays=True).is_continuous is True
    assert DESK.extended(every_hour).is_continuous is False


def test_an_extension_leaves_the_schedule_it_extends_as_it_was():
    DESK.extended(each_day([5, 6], 540, 840))
    assert DESK.windows == NINE_TO_SEVEN


def test_a_window_that_closes_when_it_opens_lasts_a_day():
    day_long = Schedule("America/Mexico_City", (Window(6, 540, 540),), mexican_holidays=False)
    assert day_long.intervals(mx(2026, 3, 1), mx(2026, 3, 8)) == [(mx(2026, 3, 1, 9), mx(2026, 3, 2, 9))]


# -- the ledger -------------------------------------------------------------------------------------------------------------------


def test_intervals_are_clipped_to_what_was_asked():
    assert DESK.intervals(mx(2026, 3, 4, 12), mx(2026, 3, 5, 9, 30)) == [
        (mx(2026, 3, 4, 12), mx(2026, 3, 4, 19)),
        (mx(2026, 3, 5, 9), mx(2026, 3, 5, 9, 30)),
    ]


def test_closed_time_tells_a_closed_day_from_the_hours_outside():
    assert DESK.closed_intervals(mx(2026, 4, 30, 18), mx(2026, 5, 4, 10)) == [
        ClosedInterval(mx(2026, 4, 30, 19), mx(2026, 5, 1, 0), None),
        ClosedInterval(mx(2026, 5, 1, 0), mx(2026, 5, 2, 0), "Día del Trabajo"),
        ClosedInterval(mx(2026, 5, 2, 0), mx(2026, 5, 4, 9), None),
    ]


def test_closed_days_of_one_name_that_follow_each_other_are_one_interval():
    days = frozenset(ClosedDay(date(2026, 12, day), "Cierre anual") for day in (28, 29, 30))
    closed = Schedule("America/Mexico_City", NINE_TO_SEVEN, days)
    found = closed.closed_intervals(mx(2026, 12, 28), mx(2026, 12, 31, 9))
    assert found == [
        ClosedInterval(mx(2026, 12, 28), mx(2026, 12, 31), "Cierre anual"),
        ClosedInterval(mx(2026, 12, 31), mx(2026, 12, 31, 9), None),
    ]


def test_a_calendars_own_name_for_a_day_comes_before_the_statutory_one():
    named = Schedule("America/Mexico_City", NINE_TO_SEVEN, frozenset({ClosedDay(date(2026, 12, 25), "Posada")}))
    assert named.closed_day_name(date(2026, 12, 25)) == "Posada"
    assert DESK.closed_day_name(date(2026, 12, 25)) == "Navidad"
    assert DESK.closed_day_name(date(2026, 12, 24)) is None


# -- pauses -----------------------------------------------------------------------------------------------------------------------


def test_a_pause_moves_the_deadline_by_the_schedules_own_time_in_it():
    pause = (mx(2026, 3, 6, 18), mx(2026, 3, 9, 10))
    assert DESK.deadline(mx(2026, 3, 6, 17), hours(3), [pause]) == mx(2026, 3, 9, 12)


def test_a_business_clock_loses_nothing_to_a_pause_over_the_weekend():
    pause = (mx(2026, 3, 6, 19), mx(2026, 3, 9, 9))
    assert DESK.deadline(mx(2026, 3, 6, 17), hours(3), [pause]) == mx(2026, 3, 9, 10)


def test_overlapping_pauses_count_once_in_any_order():
    pauses = [(mx(2026, 3, 4, 11), mx(2026, 3, 4, 13)), (mx(2026, 3, 4, 10), mx(2026, 3, 4, 12))]
    assert DESK.deadline(mx(2026, 3, 4, 9), hours(3), pauses) == mx(2026, 3, 4, 15)


def test_an_open_pause_leaves_no_deadline():
    assert DESK.deadline(mx(2026, 3, 4, 9), hours(3), [(mx(2026, 3, 4, 10), None)]) is None


def test_a_pause_that_begins_at_the_deadline_or_later_changes_nothing():
    for begun in (mx(2026, 3, 4, 12), mx(2026, 3, 4, 13)):
        assert DESK.deadline(mx(2026, 3, 4, 9), hours(3), [(begun, None)]) == mx(2026, 3, 4, 12)
        assert DESK.deadline(mx(2026, 3, 4, 9), hours(3), [(begun, mx(2026, 3, 9))]) == mx(2026, 3, 4, 12)


def test_a_pause_that_an_earlier_pause_brings_before_the_deadline_counts():
    pauses = [(mx(2026, 3, 4, 13), None), (mx(2026, 3, 4, 9, 30), mx(2026, 3, 4, 11))]
    assert DESK.deadline(mx(2026, 3, 4, 9), hours(3), pauses) is None


def test_a_pause_before_the_start_counts_only_from_the_start():
    pause = (mx(2026, 3, 4, 8), mx(2026, 3, 4, 10))
    assert DESK.deadline(mx(2026, 3, 4, 9, 30), hours(1), [pause]) == mx(2026, 3, 4, 11)
    assert DESK.deadline(mx(2026, 3, 4, 11), hours(1), [pause]) == mx(2026, 3, 4, 12)


def test_pauses_are_ordered_by_instant_also_in_the_hour_that_happens_twice():
    always = Schedule.continuous("America/Tijuana")
    pause = (
        tj(2026, 11, 1, 1, 50),
        tj(2026, 11, 1, 1, 20, fold=1),
    )  # half an hour, though the clock reads less at its end
    assert always.deadline(tj(2026, 11, 1, 0), hours(3), [pause]) == tj(2026, 11, 1, 2, 30)


def test_time_elapsed_leaves_pauses_out_and_an_open_one_lasts_to_the_end():
    pauses = [(mx(2026, 3, 4, 10), mx(2026, 3, 4, 11)), (mx(2026, 3, 4, 18), None)]
    assert DESK.elapsed_with_pauses(mx(2026, 3, 4, 9), mx(2026, 3, 5, 12), pauses) == hours(8)


def test_time_elapsed_leaves_out_only_as_much_of_a_pause_as_lies_before_the_end():
    pause = (mx(2026, 3, 4, 18), mx(2026, 3, 5, 18))
    assert DESK.elapsed_with_pauses(mx(2026, 3, 4, 9), mx(2026, 3, 5, 12), [pause]) == hours(9)


# -- business days ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (mx(2026, 3, 4, 11, 15), 3, mx(2026, 3, 9, 11, 15)),
        (mx(2026, 3, 12, 11, 15), 7, mx(2026, 3, 24, 11, 15)),
        (mx(2026, 3, 6, 19), 5, mx(2026, 3, 17, 9)),
        (mx(2026, 3, 7, 12), 1, mx(2026, 3, 10, 9)),
        (mx(2026, 3, 7, 12), 0, mx(2026, 3, 9, 9)),
        (mx(2026, 12, 24, 18, 59, 59, 999999), 1, mx(2026, 12, 28, 18, 59, 59, 999999)),
    ],
)
def test_the_nth_business_day_keeps_the_wall_clock_time(start: datetime, n: int, expected: datetime):
    assert DESK.nth_business_day(start, n) == expected


def test_the_nth_business_day_keeps_the_wall_clock_time_across_a_clock_change():
    desk = Schedule("America/Tijuana", NINE_TO_SEVEN)
    assert desk.nth_business_day(tj(2026, 3, 6, 10), 1) == tj(2026, 3, 9, 10)
    assert tj(2026, 3, 9, 10).astimezone(UTC) - tj(2026, 3, 6, 10).astimezone(UTC) == hours(71)


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


# -- against the model ----------------------------------------------------------------------------------------------------------------

ZONES = [
    "America/St_Johns",
    "America/Mexico_City",
    "America/Tijuana",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
]
SPECIAL_DATES = [
    date(2022, 4, 3), date(2022, 10, 30), date(2026, 3, 8), date(2026, 11, 1), date(2025, 11, 2), date(2026, 4, 5),
    date(2024, 2, 29), date(2100, 2, 28), date(2024, 10, 1), date(2030, 10, 1), date(2026, 12, 25), date(2026, 12, 31), date(2026, 1, 1),
    date(2010, 11, 7), date(2012, 12, 1), date(2026, 5, 1),
]  # fmt: skip
MICROSECONDS = st.sampled_from([0, 1, 500_000, 59_999_999]) | st.integers(0, 59_999_999)
MINUTE_OF_DAY = st.sampled_from([0, 60, 90, 120, 150, 540, 1140, 1320, 1439]) | st.integers(0, 1439)
WINDOWS = st.builds(Window, st.integers(0, 6), MINUTE_OF_DAY, MINUTE_OF_DAY | st.just(DAY_MINUTES), st.booleans())
DATES = st.sampled_from(SPECIAL_DATES) | st.dates(date(2007, 1, 10), date(2099, 12, 1))

against_the_model = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, MinuteModel, int]:
    """A schedule, the model of it, and an instant near a date that matters to it."""
    on = draw(DATES)
    zone = draw(st.sampled_from(ZONES))
    standard = draw(
        st.sampled_from([(), NINE_TO_SEVEN, each_day(range(7), 0, DAY_MINUTES), each_day(range(7), 1320, 360)])
    )
    windows = (*standard, *draw(st.lists(WINDOWS, min_size=not standard, max_size=5)))
    closed_days = draw(st.frozensets(st.integers(-2, 8).map(lambda n: on + timedelta(days=n)), max_size=4))
    mexican_holidays = draw(st.booleans())
    schedule = Schedule(zone, windows, frozenset(ClosedDay(day) for day in closed_days), mexican_holidays)
    midnight = instant(datetime(on.year, on.month, on.day, tzinfo=UTC))
    start = midnight + draw(st.integers(-2 * 1440, 3 * 1440)) * 60_000_000 + draw(MICROSECONDS)
    return schedule, MinuteModel(zone, windows, closed_days, mexican_holidays), start


def spans(days: int) -> st.SearchStrategy[int]:
    return st.builds(lambda n, rest: n * 60_000_000 + rest, st.integers(0, days * 1440), MICROSECONDS)


@against_the_model
@given(cases(), st.integers(0, 4 * 1440))
def test_open_and_next_opening_agree_with_the_model(case, minute):
    schedule, model, start = case
    at = start + minute * 60_000_000
    assert schedule.is_open(moment(at)) is model.is_open(at)
    opening = schedule.next_opening(moment(at))
    # A schedule may open once in many weeks: what lies before the answer must be closed, and the answer open.
    near = min(instant(opening), at + 8 * 86_400_000_000)
    assert model.elapsed(at, near) == 0
    assert model.is_open(instant(opening)) is True


@against_the_model
@given(cases(), spans(9))
def test_elapsed_and_intervals_agree_with_the_model(case, span):
    schedule, model, start = case
    expected = model.elapsed(start, start + span)
    assert schedule.elapsed(moment(start), moment(start + span)) == timedelta(microseconds=expected)
    opened = schedule.intervals(moment(start), moment(start + span))
    closed = schedule.closed_intervals(moment(start), moment(start + span))
    assert sum((end - begin for begin, end in opened), timedelta()) == timedelta(microseconds=expected)
    pieces = sorted([*opened, *((begin, end) for begin, end, _ in closed)])
    edges = [moment(start), *(end for _, end in pieces)]
    assert [begin for begin, _ in pieces] == edges[:-1]
    assert edges[-1] == moment(start + span)
    for begin, end, name in closed:
        for at in (instant(begin), instant(end) - 1):
            assert (name is not None) is model.is_closed_day(model.shown(at).date())


@against_the_model
@given(cases(), spans(9), st.sampled_from([0, 1, 3]) | st.integers(0, 10**12))
def test_targets_agree_with_the_model(case, span, short):
    schedule, model, start = case
    available = model.elapsed(start, start + span)
    target = available - short if available > short else available
    assume(target > 0)
    expected = model.deadline(start, target)
    assert schedule.add(moment(start), timedelta(microseconds=target)) == moment(expected)
    assert schedule.elapsed(moment(start), moment(expected)) == timedelta(microseconds=target)


@st.composite
def pauses(draw: st.DrawFn, start: int) -> list[tuple[int, int | None]]:
    edges = st.builds(lambda n, rest: start + n * 60_000_000 + rest, st.integers(-600, 4 * 1440), MICROSECONDS)
    found: list[tuple[int, int | None]] = []
    for first, second in draw(st.lists(st.tuples(edges, edges), max_size=4)):
        found.append((min(first, second), max(first, second)))
    if draw(st.booleans()):
        found.append((draw(edges), None))
    return draw(st.permutations(found))


def as_datetimes(found: list[tuple[int, int | None]]) -> list[tuple[datetime, datetime | None]]:
    return [(moment(begin), None if end is None else moment(end)) for begin, end in found]


@against_the_model
@given(cases(), spans(6), st.data())
def test_deadlines_with_pauses_agree_with_the_model(case, span, data):
    schedule, model, start = case
    target = model.elapsed(start, start + span)
    assume(target > 0)
    drawn = data.draw(pauses(start))
    expected = model.deadline(start, target, drawn)
    found = schedule.deadline(moment(start), timedelta(microseconds=target), as_datetimes(drawn))
    assert found == (None if expected is None else moment(expected))
    if found is not None:
        ran = schedule.elapsed_with_pauses(moment(start), found, as_datetimes(drawn))
        assert ran == timedelta(microseconds=target)


@against_the_model
@given(cases(), st.integers(0, 7), st.data())
def test_business_days_agree_with_the_model(case, n, data):
    schedule, model, start = case
    zone = ZoneInfo(schedule.zone)
    found = schedule.nth_business_day(moment(start), n).astimezone(zone)
    counted = schedule.next_opening(moment(start)).astimezone(zone)
    assume(instant(counted) - start < 10 * 86_400_000_000)
    assert found.date() == model.nth_business_day(start, n)
    if found.utcoffset() == counted.utcoffset():
        assert found.time() == counted.time()


@settings(max_examples=6, deadline=None)
@given(DATES, st.integers(0, 7 * 1440), MICROSECONDS, st.sampled_from(["America/Mexico_City", "America/Tijuana"]))
@example(date(2026, 3, 8), 0, 0, "America/Tijuana")
@example(date(2024, 9, 25), 600, 1, "America/Mexico_City")
def test_two_hundred_hours_of_the_desk_agree_with_the_model(on, minute, rest, zone):
    start = instant(datetime(on.year, on.month, on.day, tzinfo=UTC)) + minute * 60_000_000 + rest
    expected = MinuteModel(zone, NINE_TO_SEVEN).deadline(start, 200 * 3600 * 1_000_000)
    assert Schedule(zone, NINE_TO_SEVEN).add(moment(start), hours(200)) == moment(expected)
