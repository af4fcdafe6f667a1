"""Random schedules, instants, targets and pauses, against a model that walks minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from core.tests.desk_hours import (
    NINE_TO_SEVEN,
    hours,
)
from core.tests.minute_model import MinuteModel, instant, moment
from core.worktime import DAY_MINUTES, ClosedDay, Schedule, Window, each_day

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


@settings(max_examples=4, deadline=None)
@given(DATES, st.integers(0, 7 * 1440), MICROSECONDS, st.sampled_from(["America/Mexico_City", "America/Tijuana"]))
@example(date(2026, 3, 8), 0, 0, "America/Tijuana")
@example(date(2024, 9, 25), 600, 1, "America/Mexico_City")
def test_two_hundred_hours_of_the_desk_agree_with_the_model(on, minute, rest, zone):
    start = instant(datetime(on.year, on.month, on.day, tzinfo=UTC)) + minute * 60_000_000 + rest
    expected = MinuteModel(zone, NINE_TO_SEVEN).deadline(start, 200 * 3600 * 1_000_000)
    assert expected is not None
    assert Schedule(zone, NINE_TO_SEVEN).add(moment(start), hours(200)) == moment(expected)
