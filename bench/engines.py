"""`bench/run engines`: the desk's business-time engine beside businesstimedelta and the bare arithmetic, answers compared.

The question: "start + N business minutes" and "business minutes between A and B", Monday to Friday 09:00-19:00, America/Mexico_City, the
statutory holidays of Mexico. Runs in the peers' environment, which it makes if need be; needs no database.
"""

import argparse
import json
import random
import statistics
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from core.worktime import Schedule, each_day

ZONE = "America/Mexico_City"
MINUTES = {"40 min": 40, "3 h": 180, "10 h": 600, "20 h": 1_200, "200 h": 12_000}
FIRST, LAST = 2015, 2040
OPENS, CLOSES = wall_time(9), wall_time(19)
ONE_MINUTE = timedelta(minutes=1)
SLACK = timedelta(seconds=0.5)
Items = Sequence[Any]


class Engine(Protocol):
    def deadline(self, start: datetime, minutes: int) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...


def holidays() -> set[date]:
    """Article 74 of the federal labour law, worked out here and not by what the desk uses."""
    found = set()
    for year in range(FIRST, LAST + 1):
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
        return self.schedule.add(start, timedelta(minutes=minutes))

    def between(self, start: datetime, end: datetime) -> float:
        return self.schedule.elapsed(start, end) / ONE_MINUTE


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


class Stepping:
    """A minute at a time: slow, and independent of everything above."""

    def __init__(self) -> None:
        self.zone, self.closed = ZoneInfo(ZONE), holidays()

    def _is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return local.weekday() < 5 and OPENS <= local.time() < CLOSES and local.date() not in self.closed

    def deadline(self, start: datetime, minutes: int) -> datetime:
        at = start
        while minutes:
            minutes -= self._is_open(at)
            at += ONE_MINUTE
        return at

    def between(self, start: datetime, end: datetime) -> float:
        return sum(self._is_open(start + number * ONE_MINUTE) for number in range((end - start) // ONE_MINUTE))


def starts(count: int, seed: int) -> list[datetime]:
    """Random whole minutes of 2024 to 2027."""
    dice = random.Random(seed)
    first = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) // 60
    last = int(datetime(2028, 1, 1, tzinfo=UTC).timestamp()) // 60
    return [datetime.fromtimestamp(dice.randrange(first, last) * 60, UTC) for _ in range(count)]


def edges() -> list[datetime]:
    """Opening, closing and holidays, to the minute."""
    local = ZoneInfo(ZONE)
    return [
        datetime(*moment, tzinfo=local).astimezone(UTC)
        for moment in (
            (2026, 3, 13, 19, 0), (2026, 3, 13, 18, 59), (2026, 3, 16, 12, 0), (2026, 9, 15, 18, 30),
            (2024, 10, 1, 10, 0), (2026, 12, 24, 18, 45), (2026, 3, 18, 9, 0), (2026, 3, 18, 8, 59),
        )
    ]  # fmt: skip


def wrong(engine: Engine, other: Engine, moments: Items, minutes: Sequence[int], seed: int) -> tuple[int, int]:
    """How many answers differ by more than half a second, of how many; both questions."""
    dice, bad, asked = random.Random(seed), 0, 0
    for start in moments:
        for number in minutes:
            asked += 1
            bad += abs(engine.deadline(start, number) - other.deadline(start, number)) > SLACK
        end = start + timedelta(minutes=dice.randrange(1, 14_000))
        asked += 1
        bad += abs(engine.between(start, end) - other.between(start, end)) * 60 > 0.5
    return bad, asked


def wrong_when_clocks_change() -> tuple[int, int]:
    """A desk that never closes, in a zone that changes its clocks: four hours on must be four hours on, every hour of two years."""
    schedule, first = Schedule.continuous("America/Tijuana"), datetime(2025, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(hours=number) for number in range(2 * 365 * 24)]
    return sum(schedule.add(at, timedelta(hours=4)) != at + timedelta(hours=4) for at in moments), len(moments)


def rate(ask: Callable[[Any], Any], items: Items, seconds: float) -> float:
    """Answers a second of this process's own processor time, over one pass bounded in time: waiting for a turn does not count."""
    began, done = time.process_time(), 0
    for item in items:
        ask(item)
        done += 1
        if not done & 15 and time.process_time() - began > seconds:
            break
    return done / (time.process_time() - began)


def rates(engines: dict[str, Engine], rounds: int, seconds: float) -> dict[str, dict[str, list[float]]]:
    """By question and engine, one figure a round; every round asks every engine in turn."""
    moments = starts(20_000, seed=1)
    dice = random.Random(2)
    pairs = [(start, start + timedelta(minutes=dice.randrange(1, 14_000))) for start in moments]
    found: dict[str, dict[str, list[float]]] = {}
    for engine in engines.values():
        engine.deadline(moments[0], 600)
    for _ in range(rounds):
        for question, minutes in MINUTES.items():
            for name, engine in engines.items():
                speed = rate(lambda start, e=engine, m=minutes: e.deadline(start, m), moments, seconds)
                found.setdefault(question, {}).setdefault(name, []).append(speed)
        for name, engine in engines.items():
            speed = rate(lambda pair, e=engine: e.between(*pair), pairs, seconds)
            found.setdefault("inverse", {}).setdefault(name, []).append(speed)
    return found


def lines(found: dict[str, dict[str, list[float]]], wrongs: dict[str, tuple[int, int]]) -> Iterator[str]:
    middle = {q: {name: statistics.median(v) for name, v in row.items()} for q, row in found.items()}
    yield from ("Deadlines a second of processor time, and in the last row intervals; medians.", "")
    names = list(next(iter(middle.values())))
    yield f"| | {' | '.join(names)} | desk : businesstimedelta | desk : bare |"
    yield "|---|" + "---|" * (len(names) + 2)
    for question, row in middle.items():
        cells = " | ".join(f"{row[name]:,.0f}" for name in names)
        yield (
            f"| {question} | {cells} | {ratio(found[question], 'desk', 'businesstimedelta'):,.0f}x | "
            f"{ratio(found[question], 'desk', 'bare'):.2f}x |"
        )
    yield ""
    for pair, (bad, asked) in wrongs.items():
        yield f"* {pair}: {bad} of {asked:,} answers differ"
    yield from ("", "| goal | found | firm | stretch |", "|---|---|---|---|")
    for question, firm, stretch in (("10 h", 40, 60), ("20 h", 80, 120), ("200 h", 700, 1_000), ("inverse", 150, 250)):
        value = ratio(found[question], "desk", "businesstimedelta")
        number = "3" if question == "inverse" else "1"
        yield (
            f"| {number} {question} : businesstimedelta, at least {firm:,}x / {stretch:,}x | {value:,.0f}x | "
            f"{word(value >= firm)} | {word(value >= stretch)} |"
        )
    pairs = zip(found["200 h"]["desk"], found["40 min"]["desk"], strict=True)
    flat = statistics.median(long / short for long, short in pairs)
    yield f"| 2 rate(200 h) : rate(40 min), at least 0.9 / 0.97 | {flat:.2f} | {word(flat >= 0.9)} | {word(flat >= 0.97)} |"
    mistakes = sum(bad for pair, (bad, _) in wrongs.items() if pair.startswith("desk"))
    yield f"| 5 wrong answers of the desk's: none | {mistakes} | {word(mistakes == 0)} | |"


def ratio(row: dict[str, list[float]], name: str, other: str) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(a / b for a, b in zip(row[name], row[other], strict=True))


def word(met: bool) -> str:
    return "met" if met else "**missed**"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run engines", description="Business-time engines side by side.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="each engine and question in a round (default 0.5)")
    parser.add_argument("--check", type=int, default=10_000, help="random starts compared with the bare arithmetic")
    parser.add_argument("--step", type=int, default=200, help="random starts compared with stepping by minutes")
    parser.add_argument("--out", type=Path, default=Path("var/bench"))
    options = parser.parse_args()
    desk, bare, relative, stepping = Desk(), Bare(), BusinessTimeDelta(), Stepping()
    some, all_ = [40, 180, 600], list(MINUTES.values())
    wrongs = {
        "desk : bare arithmetic": wrong(desk, bare, starts(options.check, 11) + edges(), all_, 8),
        "desk : stepping by minutes": wrong(desk, stepping, starts(options.step, 3) + edges(), some, 9),
        "desk, open always, in a zone that changes its clocks": wrong_when_clocks_change(),
        "businesstimedelta : bare arithmetic": wrong(relative, bare, starts(options.check // 20, 11), all_, 8),
    }
    engines: dict[str, Engine] = {"desk": desk, "businesstimedelta": relative, "bare": bare}
    found = rates(engines, options.rounds, options.seconds)
    text = "\n".join(lines(found, wrongs)) + "\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "engines.md").write_text(text)
    (options.out / "engines.json").write_text(json.dumps({"rates": found, "wrong": wrongs}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
