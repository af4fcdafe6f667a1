"""A second opinion on business time: no sums, no searches, no intervals. It asks of one minute after another "is it open?".

Inside a minute it counts microseconds, since a window only opens or closes on the minute (zones from 1990 on). It works on instants in integer
microseconds and shares nothing with `core.worktime`: it reads the windows as they were written, and reckons the statutory days by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

MINUTE = 60_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_REPEAT = timedelta(hours=3)  # no change sets a clock back further


def instant(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def nth_monday(year: int, month: int, n: int) -> date:
    mondays = [date(year, month, day) for day in range(1, 29) if date(year, month, day).weekday() == 0]
    return mondays[n - 1]


def rest_days(year: int) -> set[date]:
    """LFT art. 74 as in force since 2007."""
    days = {
        date(year, 1, 1),
        nth_monday(year, 2, 1),
        nth_monday(year, 3, 3),
        date(year, 5, 1),
        date(year, 9, 16),
        nth_monday(year, 11, 3),
        date(year, 12, 25),
    }
    if year in (2012, 2018):
        days.add(date(year, 12, 1))
    if year in range(2024, 2101, 6):
        days.add(date(year, 10, 1))
    return days


class MinuteModel:
    def __init__(
        self,
        zone: str,
        windows: Iterable[tuple[int, int, int, bool]],
        closed_days: Iterable[date] = (),
        mexican_holidays: bool = True,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.windows = list(windows)
        self.closed_days = set(closed_days)
        self.mexican_holidays = mexican_holidays
        self._dates: dict[date, bytearray] = {}
        self._hours: dict[int, bytes] = {}

    def is_closed_day(self, on: date) -> bool:
        return on in self.closed_days or (self.mexican_holidays and on in rest_days(on.year))

    def local_minutes(self, on: date) -> bytearray:
        """One flag for each of the 1440 readings of the clock on a date."""
        if on not in self._dates:
            flags = bytearray(1440)
            closed = self.is_closed_day(on)
            for weekday, opening, closing, works_on_holidays in self.windows:
                if closed and not works_on_holidays:
                    continue
                for minute in range(1440):
                    if weekday == on.weekday() and opening <= minute and (minute < closing or closing <= opening):
                        flags[minute] = 1
                    if (weekday + 1) % 7 == on.weekday() and closing <= opening and minute < closing:
                        flags[minute] = 1
            self._dates[on] = flags
        return self._dates[on]

    def hour(self, hour: int) -> bytes:
        """One flag for each minute of an hour of UTC since the epoch.

        The clock counts as showing the latest time it has shown so far: what a change back repeats is neither opened nor closed a second time.
        """
        if hour not in self._hours:
            first = EPOCH + timedelta(hours=hour)
            quiet = self.local(first - LONGEST_REPEAT) - self.local(
                first + timedelta(minutes=59)
            ) == -LONGEST_REPEAT - timedelta(minutes=59)
            latest = datetime.min if quiet else max(self.local(first - n * timedelta(minutes=1)) for n in range(1, 181))
            flags = bytearray()
            for minute in range(60):
                latest = max(latest, self.local(first + timedelta(minutes=minute)))
                flags.append(self.local_minutes(latest.date())[latest.hour * 60 + latest.minute])
            self._hours[hour] = bytes(flags)
        return self._hours[hour]

    def shown(self, at: int) -> datetime:
        """The latest local time that the clock has shown up to an instant."""
        return max(self.local(moment(at - n * MINUTE)) for n in range(181))

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def is_open(self, at: int) -> bool:
        hour, minute = divmod(at // MINUTE, 60)
        return bool(self.hour(hour)[minute])

    def minutes(self, since: int) -> Iterator[tuple[int, int, bool]]:
        """Every minute from an instant on, the first one cut: (start, end, open)."""
        while True:
            end = (since // MINUTE + 1) * MINUTE
            yield since, end, self.is_open(since)
            since = end

    def next_opening(self, since: int) -> int:
        return next(start for start, _, is_open in self.minutes(since) if is_open)

    def elapsed(self, since: int, until: int) -> int:
        total = 0
        for start, end, is_open in self.minutes(since):
            if start >= until:
                return total
            if is_open:
                total += min(end, until) - start
        raise AssertionError("minutes never end")

    def deadline(self, since: int, target: int, pauses: Iterable[tuple[int, int | None]] = ()) -> int | None:
        """The earliest instant at which `target` microseconds have run, open and not paused; None if an open pause comes before."""
        pauses = list(pauses)
        left = target
        for start, end, is_open in self.minutes(since):
            inside = {edge for pause in pauses for edge in pause if edge is not None and start < edge < end}
            cuts = [start, *sorted(inside), end]
            for piece_start, piece_end in pairwise(cuts):
                holding = [
                    pause
                    for pause in pauses
                    if pause[0] <= piece_start and (pause[1] is None or piece_start < pause[1])
                ]
                if any(pause[1] is None for pause in holding):
                    return None
                if is_open and not holding:
                    if left <= piece_end - piece_start:
                        return piece_start + left
                    left -= piece_end - piece_start
        raise AssertionError("minutes never end")

    def nth_business_day(self, since: int, n: int) -> date:
        """The local date of the n-th business day after the one on which an instant counts."""
        on = moment(self.next_opening(since)).astimezone(self.zone).date()
        while n:
            on += timedelta(days=1)
            n -= any(self.local_minutes(on))
        return on
