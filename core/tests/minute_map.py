"""The minute model again, fast enough for thousands of lives: every minute is open or closed, and time is counted by counting open minutes.

Each date's minutes are painted from the windows as they were written, and a clock change is looked at minute by minute. There are no
intervals, no running sums and no binary search: a day's open minutes are counted, and the last of them found by going from one to the next.
It shares nothing with `core.worktime`; what it is held against itself is `core.tests.minute_model`, which is slower and plainer still.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import compress, count, islice
from zoneinfo import ZoneInfo

from core.tests.minute_model import LONGEST_REPEAT, rest_days

MINUTE = 60_000_000
DAY = 1440 * MINUTE
FIRST_DAY = date(1970, 1, 1).toordinal()
ONE_MINUTE = timedelta(minutes=1)

Stretch = tuple[int, int | None]
"""A pause in microseconds; open while its end is None."""


@lru_cache(maxsize=50_000)
def clock_of(zone: str, day: int) -> tuple[tuple[date, int], ...] | tuple[date, int]:
    """What the clocks of a zone show in a day of UTC (numbered from 1970): the date and minute of each of its minutes.

    Of a day without a clock change only the first. What a change back repeats counts as the latest time shown so far.
    """
    key = ZoneInfo(zone)
    first = datetime.fromordinal(FIRST_DAY + day).replace(tzinfo=UTC)
    before, after = first - LONGEST_REPEAT, first + timedelta(minutes=1439)
    if before.astimezone(key).utcoffset() == after.astimezone(key).utcoffset():
        local = first.astimezone(key)
        return local.date(), local.hour * 60 + local.minute
    latest, shown = datetime.min, []
    for n in range(-180, 1440):
        latest = max(latest, (first + n * ONE_MINUTE).astimezone(key).replace(tzinfo=None, fold=0))
        if n >= 0:
            shown.append((latest.date(), latest.hour * 60 + latest.minute))
    return tuple(shown)


class MinuteMap:
    """Instants and lengths in microseconds, UTC."""

    def __init__(
        self,
        zone: str,
        windows: Iterable[tuple[int, int, int, bool]],
        closed_days: Iterable[date] = (),
        mexican_holidays: bool = True,
    ) -> None:
        self.zone = zone
        self.windows = list(windows)
        self.closed_days = set(closed_days)
        self.mexican_holidays = mexican_holidays
        self._dates: dict[date, bytes] = {}
        self._days: dict[int, bytes] = {}

    def is_closed_day(self, on: date) -> bool:
        return on in self.closed_days or (self.mexican_holidays and on in _rest_days(on.year))

    def minutes_of(self, on: date) -> bytes:
        """One flag for each of the 1440 readings of the clock on a date."""
        if on not in self._dates:
            flags, closed = bytearray(1440), self.is_closed_day(on)
            for weekday, opens, closes, works_on_holidays in self.windows:
                if closed and not works_on_holidays:
                    continue
                crosses = closes <= opens
                if weekday == on.weekday():
                    flags[opens : 1440 if crosses else closes] = b"\1" * ((1440 if crosses else closes) - opens)
                if crosses and (weekday + 1) % 7 == on.weekday():
                    flags[:closes] = b"\1" * closes
            self._dates[on] = bytes(flags)
        return self._dates[on]

    def day(self, day: int) -> bytes:
        """One flag for each minute of a day of UTC."""
        if day not in self._days:
            shown = clock_of(self.zone, day)
            if isinstance(shown[0], date):
                on, minute = shown
                self._days[day] = self.minutes_of(on)[minute:] + self.minutes_of(on + timedelta(days=1))[:minute]
            else:
                self._days[day] = bytes(self.minutes_of(on)[minute] for on, minute in shown)
        return self._days[day]

    def is_open(self, at: int) -> bool:
        day, minute = divmod(at // MINUTE, 1440)
        return self.day(day)[minute] == 1

    def next_opening(self, since: int) -> int:
        if self.is_open(since):
            return since
        day, minute = divmod(since // MINUTE, 1440)
        while (found := self.day(day).find(1, minute)) < 0:
            day, minute = day + 1, 0
        return day * DAY + found * MINUTE

    def deadline(self, since: int, target: int, pauses: Sequence[Stretch] = ()) -> int | None:
        """The earliest instant at which `target` (above zero) has run, open and not paused; None if an open pause comes before."""
        at, left = since, target
        while True:
            held = [end for start, end in pauses if start <= at and (end is None or at < end)]
            if None in held:
                return None
            until, ran = self._step(at, pauses)
            if not held:
                if ran >= left:
                    return self._reached(at, left)
                left -= ran
            at = until

    def elapsed(self, since: int, until: int, pauses: Sequence[Stretch] = ()) -> int:
        """The time that ran, open and not paused."""
        at, total, marks = since, 0, (*pauses, (until, until))
        while at < until:
            following, ran = self._step(at, marks)
            if not any(start <= at and (end is None or at < end) for start, end in pauses):
                total += ran
            at = following
        return total

    def _step(self, at: int, marks: Sequence[Stretch]) -> tuple[int, int]:
        """From an instant to the next midnight of UTC, or nearer: what no mark divides, and either whole minutes or a part of one.

        Its end, and what of it is open.
        """
        midnight = (at // DAY + 1) * DAY
        limit = min((mark for pair in marks for mark in pair if mark is not None and mark > at), default=midnight)
        day, minute = divmod(at // MINUTE, 1440)
        whole = (min(limit, midnight) // MINUTE) - day * 1440
        if at % MINUTE or whole == minute:
            end = min((at // MINUTE + 1) * MINUTE, limit)
            return end, (end - at) * self.day(day)[minute]
        return (day * 1440 + whole) * MINUTE, self.day(day).count(1, minute, whole) * MINUTE

    def _reached(self, at: int, left: int) -> int:
        """Where `left` has run, which is before midnight: in an open minute found by going from one to the next."""
        if at % MINUTE:
            return at + left
        day, minute = divmod(at // MINUTE, 1440)
        opened = compress(count(minute), memoryview(self.day(day))[minute:])
        minutes, rest = divmod(left - 1, MINUTE)
        return day * DAY + next(islice(opened, minutes, None)) * MINUTE + rest + 1


@lru_cache
def _rest_days(year: int) -> set[date]:
    return rest_days(year)
