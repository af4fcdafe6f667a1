"""Business time, by named examples of how the service guide is read."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.tests.desk_hours import (
    ALWAYS,
    DESK,
    NINE_TO_SEVEN,
    hours,
    minutes,
    mx,
    tj,
)
from core.worktime import DAY_MINUTES, ClosedDay, ClosedInterval, Schedule, Window, each_day

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
