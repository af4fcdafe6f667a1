"""Opening hours as one line of open intervals in UTC microseconds, with running sums: the machinery under `core.worktime`.

A day is cut into segments (open, close) of local minutes; a window that crosses midnight has become two of them. The
line is built year by year as it is asked for, and its lookups are two binary searches, whatever the target's length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.holidays_mx import statutory

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 1900, 2199
FIRST_INSTANT = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
LAST_INSTANT = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
OUT_OF_RANGE = f"outside the years that a schedule can reckon with ({FIRST_YEAR} to {LAST_YEAR})"
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
YEAR = 366 * DAY

Segments = tuple[tuple[int, int], ...]
Week = tuple[Segments, ...]


def edge(wall: datetime, zone: ZoneInfo) -> int:
    """The first instant, in microseconds, at which the clocks of `zone` read `wall` (naive) or later.

    A time that happens twice is its first occurrence; one that never happens is the instant of the jump. So edges never run backwards.
    """
    first, second = wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None  # a ZoneInfo always has an offset
    assert after is not None
    if after <= before:
        return (first - EPOCH) // MICROSECOND
    # Inside the hour that is skipped: the jump lies between the two readings, on a whole second.
    low, high = (second - EPOCH) // MICROSECOND // SECOND, (first - EPOCH) // MICROSECOND // SECOND + 1
    while high - low > 1:
        middle = (low + high) // 2
        if (EPOCH + timedelta(seconds=middle)).astimezone(zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high * SECOND


@lru_cache(maxsize=1024)
def day_starts(zone: ZoneInfo, year: int) -> tuple[int, ...]:
    """Where each date of a year begins, and the year after: microseconds. Whatever the schedule, so its lines share them.

    Dates that begin 24 hours apart have no clock change between them: no zone has ever changed its clocks twice in two days.
    """
    ordinals = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal() + 1)
    return tuple(edge(datetime.fromordinal(ordinal), zone) for ordinal in ordinals)


class Line(NamedTuple):
    """A built stretch, never changed once made. Interval 0 begins at `start`, empty if need be, so that one is always found."""

    opens: list[int]
    closes: list[int]
    before: list[int]  # open time before interval i, counted from `start`; one entry more than there are intervals
    start: int
    end: int


class Timeline:
    """The open intervals of one zone, week and set of closed days. Instants and lengths are UTC microseconds.

    `week` holds the segments of each weekday, `week_if_closed` those that stay when the date is a closed day. Safe
    between threads: readers take the current line, and writers replace it whole.
    """

    def __init__(
        self, zone: ZoneInfo, week: Week, week_if_closed: Week, closed_days: dict[date, str], mexican_holidays: bool
    ) -> None:
        self.zone = zone
        self._week = week
        self._week_if_closed = week_if_closed
        self._closed_days = closed_days
        self._mexican_holidays = mexican_holidays
        self._ever_opens = any(week)
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._line = Line([], [], [0], 0, 0)
        self._lock = Lock()

    # -- days -----------------------------------------------------------------------------------------------------------

    def closed_day_name(self, on: date) -> str | None:
        return self._closed_days.get(on) or (statutory(on.year).get(on) if self._mexican_holidays else None)

    def segments(self, on: date) -> Segments:
        week = self._week if self.closed_day_name(on) is None else self._week_if_closed
        return week[on.weekday()]

    def day_start(self, on: date) -> int:
        return edge(datetime(on.year, on.month, on.day), self.zone)

    # -- lookups --------------------------------------------------------------------------------------------------------

    def add(self, at: int, length: int) -> int:
        """The earliest instant at which `length` of open time has passed since `at`; for no length, the next opening."""
        if length <= 0:
            if length < 0:
                raise ValueError("a duration cannot be negative")
            return self.next_opening(at)
        line = self._line
        while True:
            opens, closes, before, start, end = line
            if not start <= at < end:
                line = self._cover(at)
                continue
            i = bisect_right(opens, at) - 1
            close = closes[i]
            goal = before[i] + (at if at < close else close) - opens[i] + length
            if goal <= before[-1]:
                i = bisect_left(before, goal, i) - 1
                return opens[i] + goal - before[i]
            line = self._lengthen(end, goal - before[-1])

    def elapsed(self, since: int, until: int) -> int:
        """Open time between the two instants."""
        opens, closes, before, start, end = self._line
        if not (start <= since and until < end):
            opens, closes, before, start, end = self._cover(since, until)
        i = bisect_right(opens, since) - 1
        j = bisect_right(opens, until, i) - 1
        close_i, close_j = closes[i], closes[j]
        return (
            before[j] + (until if until < close_j else close_j) - opens[j]
            - before[i] - (since if since < close_i else close_i) + opens[i]
        )  # fmt: skip

    def line_for(self, since: int, until: int, length: int) -> Line:
        """The line, built far enough for `add` of every instant from `since` to `until`. Read it, do not change it."""
        self.add(until, length)
        return self._cover(since, until)

    def is_open(self, at: int) -> bool:
        line = self._cover(at)
        return at < line.closes[bisect_right(line.opens, at) - 1]

    def next_opening(self, at: int) -> int:
        line = self._cover(at)
        while True:
            i = bisect_right(line.opens, at) - 1
            if at < line.closes[i]:
                return at
            if i + 1 < len(line.opens):
                return line.opens[i + 1]
            line = self._lengthen(line.end, 0)

    def intervals(self, since: int, until: int) -> Iterator[tuple[int, int]]:
        """The open intervals between the two instants, clipped to them."""
        line = self._cover(since, until)
        for i in range(max(bisect_right(line.opens, since) - 1, 0), bisect_left(line.opens, until)):
            opening, closing = max(line.opens[i], since), min(line.closes[i], until)
            if opening < closing:
                yield opening, closing

    # -- building -------------------------------------------------------------------------------------------------------

    def _cover(self, *instants: int) -> Line:
        """The line, built as far as needed to hold every one of `instants`."""
        line = self._line
        if all(line.start <= at < line.end for at in instants):
            return line
        with self._lock:
            return self._build(self._year_of(min(instants)), self._year_of(max(instants)))

    def _year_of(self, at: int) -> int:
        """The year on whose stretch of the line `at` lies."""
        if not FIRST_INSTANT <= at < LAST_INSTANT:
            raise ValueError(OUT_OF_RANGE)
        year = (EPOCH + at * MICROSECOND).year
        # The zone's year and UTC's differ for some hours.
        if at < self.day_start(date(year, 1, 1)):
            return year - 1
        return year + 1 if at >= self.day_start(date(year + 1, 1, 1)) else year

    def _lengthen(self, end: int, missing: int) -> Line:
        """The line, carried past `end` far enough that it may hold `missing` more open time."""
        if not self._ever_opens:
            raise ValueError("this schedule has no windows: it never opens")
        with self._lock:
            if self._line.end > end:
                return self._line
            last = max(self._years)
            return self._build(last, last + 1 + missing // YEAR)

    def _build(self, first: int, last: int) -> Line:
        """Under the lock: widen the line to the years `first` to `last`, and put the new one in place of the old in one step."""
        first, last = min([first, *self._years]), max([last, *self._years])
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise ValueError(OUT_OF_RANGE)
        for year in range(first, last + 1):
            if year not in self._years:
                self._years[year] = list(self._year(year))
        start, end = self.day_start(date(first, 1, 1)), self.day_start(date(last + 1, 1, 1))
        opens, closes = [start], [start]
        for opening, closing in chain.from_iterable(self._years[year] for year in range(first, last + 1)):
            if opening == closes[-1]:
                closes[-1] = closing
            else:
                opens.append(opening)
                closes.append(closing)
        before = [0, *accumulate(closing - opening for opening, closing in zip(opens, closes, strict=True))]
        self._line = Line(opens, closes, before, start, end)
        return self._line

    def _year(self, year: int) -> Iterator[tuple[int, int]]:
        first = date(year, 1, 1).toordinal()
        for number, (start, following) in enumerate(pairwise(day_starts(self.zone, year))):
            on = date.fromordinal(first + number)
            for opening, closing in self.segments(on):
                if following - start == DAY:
                    yield start + opening * MINUTE, start + closing * MINUTE
                    continue
                midnight = datetime.fromordinal(first + number)
                opens_at = edge(midnight + timedelta(minutes=opening), self.zone)
                closes_at = edge(midnight + timedelta(minutes=closing), self.zone)
                if opens_at < closes_at:
                    yield opens_at, closes_at
