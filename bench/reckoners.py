"""What answers "start + N business minutes" and "business minutes between": the desk, its nearest relative and the limits.

All of them: Monday to Friday 09:00-19:00, America/Mexico_City, the statutory holidays of Mexico.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from core.worktime import Schedule, each_day

ZONE = "America/Mexico_City"
FIRST, LAST = 2015, 2040
OPENS, CLOSES = wall_time(9), wall_time(19)
ONE_MINUTE = timedelta(minutes=1)


class Engine(Protocol):
    def deadline(self, start: datetime, minutes: int) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...


def holidays(first: int = FIRST, last: int = LAST) -> set[date]:
    """Article 74 of the federal labour law, worked out here and not by what the desk uses."""
    found = set()
    for year in range(first, last + 1):
        found |= {date(year, *day) for day in ((1, 1), (5, 1), (9, 16), (12, 25))}
        found |= {monday(year, month, nth) for month, nth in ((2, 1), (3, 3), (11, 3))}
        if year % 6 == 2:
            found.add(date(year, 10, 1) if year >= 2024 else date(year, 12, 1))
    return found


def monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (nth - 1))


class Desk:
    """The desk's own engine as its services call it, on a schedule that they keep."""

    def __init__(self) -> None:
        self.schedule = Schedule(ZONE, each_day(range(5), 9 * 60, 19 * 60))

    def deadline(self, start: datetime, minutes: int) -> datetime:
        return self.schedule.add(start, minutes * ONE_MINUTE)

    def between(self, start: datetime, end: datetime) -> float:
        return self.schedule.elapsed(start, end) / ONE_MINUTE

    def deadlines(self, starts: Sequence[datetime], minutes: int) -> list[datetime]:
        return self.schedule.add_many(starts, minutes * ONE_MINUTE)


class Bare:
    """The limit: prefix sums of open seconds and two binary searches; one fixed calendar, no microseconds, no checks."""

    def __init__(self) -> None:
        zone, closed = ZoneInfo(ZONE), holidays()
        self.starts: list[int] = []
        self.before: list[int] = []
        self.lengths: list[int] = []
        total, day = 0, date(FIRST, 1, 1)
        while day.year <= LAST:
            if day.weekday() < 5 and day not in closed:
                opening = int(datetime.combine(day, OPENS, zone).timestamp())
                length = int(datetime.combine(day, CLOSES, zone).timestamp()) - opening
                self.starts.append(opening)
                self.before.append(total)
                self.lengths.append(length)
                total += length
            day += timedelta(days=1)

    def _elapsed(self, at: int) -> int:
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        inside, length = at - self.starts[index], self.lengths[index]
        return self.before[index] + (inside if inside < length else length)

    def deadline(self, start: datetime, minutes: int) -> datetime:
        target = self._elapsed(int(start.timestamp())) + minutes * 60
        index = max(bisect_left(self.before, target) - 1, 0)
        return datetime.fromtimestamp(self.starts[index] + target - self.before[index], UTC)

    def between(self, start: datetime, end: datetime) -> float:
        return (self._elapsed(int(end.timestamp())) - self._elapsed(int(start.timestamp()))) / 60


class Vector(Bare):
    """The same prefix sums as arrays: a million plain seconds in, a million out, and no datetime anywhere."""

    def __init__(self) -> None:
        import numpy

        super().__init__()
        self.numpy = numpy
        self.all_starts, self.all_before, self.all_lengths = (
            numpy.array(values, dtype=numpy.int64) for values in (self.starts, self.before, self.lengths)
        )

    def array(self, starts: Sequence[datetime]) -> Any:
        return self.numpy.fromiter((at.timestamp() for at in starts), dtype=self.numpy.int64, count=len(starts))

    def seconds(self, starts: Any, minutes: int) -> Any:
        """From epoch seconds to epoch seconds."""
        search = self.numpy.searchsorted
        index = search(self.all_starts, starts, "right") - 1
        target = self.all_before[index] + self.numpy.minimum(starts - self.all_starts[index], self.all_lengths[index])
        target += minutes * 60
        index = search(self.all_before, target, "left") - 1
        return self.all_starts[index] + target - self.all_before[index]

    def deadlines(self, starts: Sequence[datetime], minutes: int) -> list[datetime]:
        """For a caller who has datetimes and wants datetimes."""
        found = self.seconds(self.array(starts), minutes).tolist()
        return [datetime.fromtimestamp(at, UTC) for at in found]


class BusinessTimeDelta:
    """The nearest relative. It is given our holidays, so its arithmetic is what is compared."""

    def __init__(self) -> None:
        import businesstimedelta
        import pytz

        zone = pytz.timezone(ZONE)
        day = businesstimedelta.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone)
        self.rules = businesstimedelta.Rules([day, businesstimedelta.HolidayRule(holidays(), tz=zone)])
        self.delta = businesstimedelta.BusinessTimeDelta

    def deadline(self, start: datetime, minutes: int) -> datetime:
        result: datetime = start + self.delta(self.rules, seconds=minutes * 60)
        return result

    def between(self, start: datetime, end: datetime) -> float:
        return float(self.rules.difference(start, end).timedelta / ONE_MINUTE)
