"""Are the answers right? Random starts against stepping by minutes, edges written out, and a zone that changes its clocks."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import compress, count, islice
from zoneinfo import ZoneInfo

from bench.reckoners import CLOSES, OPENS, ZONE, Engine, holidays
from core.worktime import DAY_MINUTES, ClosedDay, Schedule, each_day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
SLACK = timedelta(seconds=0.5)
TIJUANA = ZoneInfo("America/Tijuana")
CHANGES = {date(2025, 3, 9), date(2026, 3, 8), date(2026, 11, 1)}


@dataclass(frozen=True, slots=True)
class Check:
    """`wrong` answers of `asked`."""

    name: str
    wrong: int
    asked: int


class Stepping:
    """The oracle. Each minute of UTC was asked by itself whether the local clock stands in open hours; answers walk over them one by one.

    It knows no intervals, sums or searches, so it errs differently from all the others. `first` and `last` are years.
    """

    def __init__(self, zone: ZoneInfo, is_open: Callable[[datetime], bool], first: int, last: int) -> None:
        self.begins = datetime(first, 1, 1, tzinfo=UTC)
        minutes = (datetime(last + 1, 1, 1, tzinfo=UTC) - self.begins) // MINUTE
        self.flags = bytes(is_open((self.begins + n * MINUTE).astimezone(zone)) for n in range(minutes))

    def deadline(self, start: datetime, minutes: int) -> datetime:
        """Exact to the microsecond. For one minute at least."""
        minute, rest = divmod(start - self.begins, MINUTE)
        opened = compress(count(minute), memoryview(self.flags)[minute:])
        if self.flags[minute] and rest:
            # The minute that was cut short is made up for in one more, at the end.
            return self.begins + next(islice(opened, minutes, None)) * MINUTE + rest
        return self.begins + (next(islice(opened, minutes - 1, None)) + 1) * MINUTE

    def between(self, start: datetime, end: datetime) -> timedelta:
        (first, cut), (last, reached) = divmod(start - self.begins, MINUTE), divmod(end - self.begins, MINUTE)
        whole = sum(memoryview(self.flags)[first:last]) * MINUTE
        return whole - cut * self.flags[first] + reached * self.flags[last]


def desk_hours() -> Stepping:
    closed = holidays()
    zone = ZoneInfo(ZONE)
    return Stepping(
        zone,
        lambda local: local.weekday() < 5 and OPENS <= local.time() < CLOSES and local.date() not in closed,
        2023,
        2028,
    )


def starts(number: int, seed: int, *, unit: timedelta = MINUTE) -> list[datetime]:
    """Random multiples of `unit` in 2024 to 2027."""
    dice = random.Random(seed)
    first, last = ((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // unit for year in (2024, 2028))
    return [EPOCH + dice.randrange(first, last) * unit for _ in range(number)]


def against_stepping(
    schedule: Schedule, number: int, lengths: Sequence[int], stepping: Stepping | None = None
) -> Check:
    """`number` random microseconds, each asked for every length (in minutes) and for the time up to a random moment."""
    stepping = stepping or desk_hours()
    dice, bad = random.Random(8), 0
    for start in starts(number, 11, unit=MICROSECOND):
        for minutes in lengths:
            bad += schedule.add(start, minutes * MINUTE) != stepping.deadline(start, minutes)
        end = start + dice.randrange(0, 14_000 * 60_000_000) * MICROSECOND
        bad += schedule.elapsed(start, end) != stepping.between(start, end)
    return Check("desk : stepping by minutes, random microseconds", bad, number * (len(lengths) + 1))


def against(name: str, engine: Engine, other: Engine, moments: Sequence[datetime], lengths: Sequence[int]) -> Check:
    """Both questions, answers compared to half a second."""
    dice, bad = random.Random(8), 0
    for start in moments:
        for minutes in lengths:
            bad += abs(engine.deadline(start, minutes) - other.deadline(start, minutes)) > SLACK
        end = start + dice.randrange(1, 14_000) * MINUTE
        bad += abs(engine.between(start, end) - other.between(start, end)) * 60 > 0.5
    return Check(name, bad, len(moments) * (len(lengths) + 1))


def _local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(ZONE))


EDGES = (  # start, minutes, end
    (_local(2026, 3, 18, 9), 600, _local(2026, 3, 18, 19)),  # exactly to closing
    (_local(2026, 3, 18, 9), 601, _local(2026, 3, 19, 9, 1)),
    (_local(2026, 3, 18, 8, 59), 600, _local(2026, 3, 18, 19)),
    (_local(2026, 3, 18, 19), 40, _local(2026, 3, 19, 9, 40)),  # from the closing instant
    (_local(2026, 3, 18, 18, 59, 30), 1, _local(2026, 3, 19, 9, 0, 30)),  # seconds are kept
    (_local(2026, 3, 13, 18, 50), 40, _local(2026, 3, 17, 9, 30)),  # a weekend and a holiday on Monday
    (_local(2026, 3, 16, 12), 40, _local(2026, 3, 17, 9, 40)),  # from within the holiday
    (_local(2026, 3, 14, 12), 600, _local(2026, 3, 17, 19)),
    (_local(2026, 3, 14, 12), 0, _local(2026, 3, 17, 9)),  # no time at all: the next opening
    (_local(2026, 3, 18, 12), 0, _local(2026, 3, 18, 12)),
    (_local(2024, 9, 30, 18, 30), 60, _local(2024, 10, 2, 9, 30)),  # the change of government, since 2024
    (_local(2024, 11, 29, 18, 30), 60, _local(2024, 12, 2, 9, 30)),  # and no longer in December
    (_local(2026, 4, 2, 18, 30), 60, _local(2026, 4, 3, 9, 30)),  # Good Friday is not statutory
    (_local(2025, 12, 11, 18, 30), 60, _local(2025, 12, 12, 9, 30)),  # nor is 12 December
    (_local(2022, 4, 1, 18, 30), 60, _local(2022, 4, 4, 9, 30)),  # Mexico City still changed its clocks
    (_local(2022, 10, 28, 18, 30), 60, _local(2022, 10, 31, 9, 30)),
    (_local(2024, 2, 28, 18, 30), 60, _local(2024, 2, 29, 9, 30)),  # leap day
    (_local(2026, 12, 31, 18, 30), 60, _local(2027, 1, 4, 9, 30)),
)


def edges(schedule: Schedule) -> Check:
    bad = sum(schedule.add(start, minutes * MINUTE) != end for start, minutes, end in EDGES)
    return Check("desk : edges written out", bad, len(EDGES))


def open_always() -> Check:
    """A desk that never closes, where clocks change: hours on are hours on, from every hour of two years."""
    every_hour = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(2 * 365 * 24)]
    schedules: Iterable[Schedule] = (
        Schedule.continuous(TIJUANA.key),
        Schedule(TIJUANA.key, each_day(range(7), 0, DAY_MINUTES), mexican_holidays=False),
    )
    lengths = (timedelta(hours=4), timedelta(hours=24), timedelta(hours=72))
    asked = [(schedule, length) for schedule in schedules for length in lengths]
    bad = sum(schedule.add(at, length) != at + length for schedule, length in asked for at in every_hour)
    return Check("desk, 24 hours a day in Tijuana", bad, len(asked) * len(every_hour))


def closed_on_changes(number: int, lengths: Sequence[int]) -> Check:
    """24 hours a day in Tijuana but for holidays, and three days of clock changes are holidays too."""
    closed = holidays() | CHANGES
    stepping = Stepping(TIJUANA, lambda local: local.date() not in closed, 2023, 2028)
    days = frozenset(ClosedDay(day) for day in CHANGES)
    schedule = Schedule(TIJUANA.key, each_day(range(7), 0, DAY_MINUTES), days)
    found = against_stepping(schedule, number, lengths, stepping)
    return Check("desk, 24 hours in Tijuana, days of clock changes closed : stepping", found.wrong, found.asked)
