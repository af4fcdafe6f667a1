"""Business time: when a desk is open, when a target of open time runs out, how much of it has passed.

Pure arithmetic, exact to the microsecond. Datetimes come in aware (any zone; a naive one is a ValueError) and go out in
UTC. Intervals are half open: 19:00:00 sharp is outside 09:00-19:00. Lengths are real elapsed time, also across a clock
change. Years 1900 to 2199; beyond them, ValueError.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from core import batches
from core.timeline import EPOCH, LAST_YEAR, MICROSECOND, OUT_OF_RANGE, Segments, Timeline, Week, edge

DAY_MINUTES = 24 * 60
ONE_DAY = timedelta(days=1)
UNNAMED = "Día inhábil"
NAIVE = "a naive datetime: which zone is it in?"

Pause = tuple[datetime, datetime | None]  # start and end; an end of None is a pause that is still open


class Window(NamedTuple):
    """Open hours that begin on a weekday (0 = Monday): `open` and `close` in local minutes since midnight; 1440 is 24:00.

    A `close` at or before `open` lies on the next day. `works_on_holidays`: closed days do not close it.
    """

    weekday: int
    open: int
    close: int
    works_on_holidays: bool = False


class ClosedDay(NamedTuple):
    """A local date closed from 00:00 to 24:00. What a night window reaches of the day after it is not closed by it."""

    on: date
    name: str = UNNAMED


class ClosedInterval(NamedTuple):
    """A stretch without service. `closed_day` is the closed day's name, or None when it simply lies outside the windows."""

    start: datetime
    end: datetime
    closed_day: str | None


def each_day(weekdays: Iterable[int], open: int, close: int, *, works_on_holidays: bool = False) -> tuple[Window, ...]:
    """The same window on several weekdays: `each_day(range(5), 540, 1140)` is Monday to Friday, 09:00-19:00."""
    return tuple(Window(weekday, open, close, works_on_holidays) for weekday in weekdays)


@dataclass(frozen=True)
class Schedule:
    """When a desk works. Equal by content, hashable, and cheap to make again: equal schedules share what has been computed."""

    zone: str
    windows: tuple[Window, ...] = ()
    closed_days: frozenset[ClosedDay] = frozenset()
    mexican_holidays: bool = True

    def __post_init__(self) -> None:
        for weekday, opening, closing, _ in self.windows:
            if not (0 <= weekday <= 6 and 0 <= opening < DAY_MINUTES and 0 <= closing <= DAY_MINUTES):
                raise ValueError(f"not a window of the week: {weekday=} {opening=} {closing=}")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError) as error:
            raise ValueError(f"unknown time zone: {self.zone!r}") from error
        object.__setattr__(self, "windows", tuple(sorted(set(self.windows))))
        object.__setattr__(self, "closed_days", frozenset(self.closed_days))

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # What has been computed holds a lock and stays in this process.
        return type(self), (self.zone, self.windows, self.closed_days, self.mexican_holidays)

    @classmethod
    def continuous(cls, zone: str) -> Self:
        """7x24, which no closed day closes."""
        return cls(zone, each_day(range(7), 0, DAY_MINUTES, works_on_holidays=True))

    def extended(self, windows: Iterable[Window], *, works_on_holidays: bool | None = None) -> Self:
        """This schedule and `windows` together. `works_on_holidays`, if given, replaces the flag of every added window."""
        if works_on_holidays is not None:
            windows = [window._replace(works_on_holidays=works_on_holidays) for window in windows]
        return type(self)(self.zone, (*self.windows, *windows), self.closed_days, self.mexican_holidays)

    @property
    def is_continuous(self) -> bool:
        """Open always, on closed days too."""
        return all(day == ((0, DAY_MINUTES),) for day in _week(w for w in self.windows if w.works_on_holidays))

    @cached_property
    def _timeline(self) -> Timeline:
        return _timeline(self.zone, self.windows, self.closed_days, self.mexican_holidays)

    # -- open and closed ------------------------------------------------------------------------------------------------

    def is_open(self, at: datetime) -> bool:
        return self._timeline.is_open(_instant(at))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself if it is open, else the instant at which the next window opens. ValueError without any window."""
        return _datetime(self._timeline.next_opening(_instant(at)))

    def intervals(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open time between two instants, clipped to them; windows that touch are one interval."""
        return [(_datetime(a), _datetime(b)) for a, b in self._timeline.intervals(*_ordered(start, end))]

    def closed_intervals(self, start: datetime, end: datetime) -> list[ClosedInterval]:
        """The rest of the time between two instants, cut where the reason changes."""
        found: list[ClosedInterval] = []
        for since, until, name in self._closed(*_ordered(start, end)):
            if found and found[-1].end == _datetime(since) and found[-1].closed_day == name:
                found[-1] = found[-1]._replace(end=_datetime(until))
            else:
                found.append(ClosedInterval(_datetime(since), _datetime(until), name))
        return found

    def _closed(self, since: int, until: int) -> Iterator[tuple[int, int, str | None]]:
        """What is closed, in microseconds, a local date at a time."""
        for opening, closing in (*self._timeline.intervals(since, until), (until, until)):
            on = _datetime(since).astimezone(self._timeline.zone).date()
            while since < opening:
                midnight = self._timeline.day_start(on + ONE_DAY)
                if midnight > since:
                    yield since, min(midnight, opening), self.closed_day_name(on)
                    since = midnight
                on += ONE_DAY
            since = closing

    def closed_day_name(self, on: date) -> str | None:
        """The name of the closed day on a local date: the calendar's own, else the statutory one; None on other dates."""
        return self._timeline.closed_day_name(on)

    # -- lengths --------------------------------------------------------------------------------------------------------

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The earliest instant at which `duration` of open time has passed since `start`.

        So a target that uses up a day exactly ends at that day's closing instant, not at the next opening. No duration at
        all ends at `start` if that is open, else at the next opening. ValueError for a negative one, or without any window.
        """
        return EPOCH + self._timeline.add(_instant(start), duration // MICROSECOND) * MICROSECOND

    def add_many(self, starts: Iterable[datetime], duration: timedelta) -> list[datetime]:
        """`add` of each of `starts`, in the same order.

        The more starts fall between two openings, the quicker than one by one (three are enough), most of all when they come sorted.
        """
        in_utc = [at if at.tzinfo is UTC else _datetime(_instant(at)) for at in starts]
        return batches.add_many(self._timeline, in_utc, duration // MICROSECOND)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two instants. ValueError if `end` comes before `start`."""
        return self._timeline.elapsed(*_ordered(start, end)) * MICROSECOND

    def deadline(self, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()) -> datetime | None:
        """Where `target` of open time since `start` ends when the clock stands still during `pauses`.

        Pauses come in any order, and overlapping ones count once. A pause moves the deadline by this schedule's own time
        inside it; one that begins at the deadline or later changes nothing. None: a pause that began before the deadline
        is still open. Errors as for `add`; also ValueError for a pause that ends before it starts.
        """
        since, left = _instant(start), target // MICROSECOND
        due = self._timeline.add(since, left)
        for pause_start, pause_end in _merged(pauses, since) if pauses else ():
            if pause_start >= due:
                break
            if pause_end is None:
                return None
            left -= self._timeline.elapsed(since, pause_start)
            since = pause_end
            due = self._timeline.add(since, left)
        return _datetime(due)

    def elapsed_with_pauses(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """The open time between two instants that lies outside `pauses`; an open pause lasts until `end`."""
        since, until = _ordered(start, end)
        running = self._timeline.elapsed(since, until)
        for pause_start, pause_end in _merged(pauses, since):
            if pause_start >= until:
                break
            running -= self._timeline.elapsed(pause_start, until if pause_end is None else min(pause_end, until))
        return running * MICROSECOND

    def nth_business_day(self, start: datetime, n: int) -> datetime:
        """The same wall-clock time on the n-th business day after `start`'s.

        Outside business hours `start` counts from the next opening, which is also the answer for n = 0. A business day is
        a local date on which the schedule opens at all. Ask the standard calendar, not one with a contract's extension.
        """
        if n < 0:
            raise ValueError("business days are counted forwards")
        opening = self.next_opening(start)
        if n == 0:
            return opening
        timeline = self._timeline
        wall = opening.astimezone(timeline.zone).replace(tzinfo=None, fold=0)
        while n:
            wall += ONE_DAY
            if wall.year > LAST_YEAR:
                raise ValueError(OUT_OF_RANGE)
            if timeline.segments(wall.date()):
                n -= 1
        return _datetime(edge(wall, timeline.zone))


def _instant(at: datetime) -> int:
    try:
        return (at - EPOCH) // MICROSECOND
    except TypeError:
        raise ValueError(NAIVE) from None


def _datetime(instant: int) -> datetime:
    return EPOCH + instant * MICROSECOND


def _ordered(start: datetime, end: datetime) -> tuple[int, int]:
    try:  # as _instant, without two more calls
        since, until = (start - EPOCH) // MICROSECOND, (end - EPOCH) // MICROSECOND
    except TypeError:
        raise ValueError(NAIVE) from None
    if until < since:
        raise ValueError("an interval cannot end before it starts")
    return since, until


def _merged(pauses: Iterable[Pause], since: int) -> list[tuple[int, int | None]]:
    """The pauses in microseconds and in order, none touching another, without what lies before `since`."""
    merged: list[tuple[int, int | None]] = []
    for start, end in sorted((_pause(pause) for pause in pauses), key=itemgetter(0)):
        if end is not None and end <= since:
            continue
        last_end = merged[-1][1] if merged else since
        if last_end is None:
            break
        if merged and start <= last_end:
            merged[-1] = (merged[-1][0], None if end is None else max(last_end, end))
        else:
            merged.append((max(start, since), end))
    return merged


def _pause(pause: Pause) -> tuple[int, int | None]:
    start, end = pause
    return (_instant(start), None) if end is None else _ordered(start, end)


def _week(windows: Iterable[Window]) -> Week:
    """Each weekday's segments: a window that crosses midnight is cut there, and what overlaps or touches is joined."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for weekday, opening, closing, _ in windows:
        if closing > opening:
            days[weekday].append((opening, closing))
        else:
            days[weekday].append((opening, DAY_MINUTES))
            days[(weekday + 1) % 7].append((0, closing))
    return tuple(_joined(day) for day in days)


def _joined(segments: list[tuple[int, int]]) -> Segments:
    joined: list[tuple[int, int]] = []
    for opening, closing in sorted(segments):
        if joined and opening <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closing))
        elif opening < closing:
            joined.append((opening, closing))
    return tuple(joined)


@lru_cache(maxsize=256)
def _timeline(
    zone: str, windows: tuple[Window, ...], closed_days: frozenset[ClosedDay], mexican_holidays: bool
) -> Timeline:
    week_if_closed = _week(window for window in windows if window.works_on_holidays)
    names = {day.on: day.name or UNNAMED for day in sorted(closed_days, reverse=True)}
    return Timeline(ZoneInfo(zone), _week(windows), week_if_closed, names, mexican_holidays)
