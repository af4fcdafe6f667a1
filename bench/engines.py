"""`bench/run engines`: business time beside businesstimedelta, the bare arithmetic and numpy, answers compared.

Runs in the peers' environment, which it makes if need be; needs no database. Speed is answers a second of this process's
own processor time, which waiting for a turn does not touch.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import answers, machine, places
from bench.blocks import Log, block
from bench.goals import Row, as_data, judge, table, times, word
from bench.reckoners import Bare, BusinessTimeDelta, Desk, Engine, Vector

MINUTES = {"40 min": 40, "3 h": 180, "10 h": 600, "20 h": 1_200, "200 h": 12_000}
INVERSE, BATCH, IN_ORDER = "inverse", "batch, 10 h", "batch, 10 h, starts in order"
RELATIVE = "businesstimedelta"
BATCH_MINUTES = 600

Round = dict[str, dict[str, float]]
"""Question -> engine -> answers a second."""


class Bench:
    """The engines, what they are asked, and the rounds that were kept."""

    def __init__(self, seconds: float, batch: int) -> None:
        self.seconds = seconds
        self.desk, self.bare, self.relative, self.vector = Desk(), Bare(), BusinessTimeDelta(), Vector()
        self.engines: dict[str, Engine] = {"desk": self.desk, RELATIVE: self.relative, "bare": self.bare}
        self.moments = answers.starts(20_000, 1)
        dice = random.Random(2)
        self.pairs = [(start, start + timedelta(minutes=dice.randrange(1, 14_000))) for start in self.moments]
        self.many = answers.starts(batch, 4, unit=timedelta(seconds=1))
        # New objects in the order of time, as a database hands them over: sorting alone leaves them scattered in memory.
        self.batches = {BATCH: self.many, IN_ORDER: [at + timedelta() for at in sorted(self.many)]}
        self.rounds: list[Round] = []

    def round(self, number: int) -> Round:
        """Every engine asked every question once; the other way round every second time."""
        engines = list(self.engines.items())[:: 1 if number % 2 == 0 else -1]
        found: Round = {}
        for question, minutes in MINUTES.items():
            for name, engine in engines:
                ask = lambda start, e=engine, m=minutes: e.deadline(start, m)  # noqa: E731
                found.setdefault(question, {})[name] = rate(ask, self.moments, self.seconds)
        for name, engine in engines:
            ask = lambda pair, e=engine: e.between(*pair)  # noqa: E731
            found.setdefault(INVERSE, {})[name] = rate(ask, self.pairs, self.seconds)
        for question, starts in self.batches.items():
            plain = self.vector.array(starts)
            found[question] = {
                "desk": whole(lambda b=starts: self.desk.deadlines(b, BATCH_MINUTES), len(starts)),
                "desk, one by one": rate(lambda at: self.desk.deadline(at, BATCH_MINUTES), starts, self.seconds),
                "numpy": whole(lambda b=plain: self.vector.seconds(b, BATCH_MINUTES), len(starts)),
                "numpy, datetimes": whole(lambda b=starts: self.vector.deadlines(b, BATCH_MINUTES), len(starts)),
            }
        return found

    def ratios(self, question: str, name: str, other: str) -> list[float]:
        """The rounds' own ratios, so that what slowed a round slowed both sides of it."""
        return [found[question][name] / found[question][other] for found in self.rounds]

    def middle(self, question: str, name: str) -> float:
        return statistics.median(found[question][name] for found in self.rounds)


def rate(ask: Callable[[Any], Any], items: Sequence[Any], seconds: float) -> float:
    """Over one pass at most, bounded in time."""
    began, done = time.process_time(), 0
    for item in items:
        ask(item)
        done += 1
        if not done & 15 and time.process_time() - began > seconds:
            break
    return done / (time.process_time() - began)


def whole(ask: Callable[[], Any], count: int) -> float:
    began = time.process_time()
    ask()
    return count / (time.process_time() - began)


def checks(bench: Bench, number: int) -> list[answers.Check]:
    """Everything that could be a wrong answer of the desk's comes first; the last line is about the others."""
    desk, lengths = bench.desk, list(MINUTES.values())
    batch = 0
    for starts in bench.batches.values():
        known = bench.vector.seconds(bench.vector.array(starts), BATCH_MINUTES)
        batch += int((bench.vector.array(desk.deadlines(starts, BATCH_MINUTES)) != known).sum())
    return [
        answers.against_stepping(desk.schedule, number, lengths),
        answers.edges(desk.schedule),
        answers.open_always(),
        answers.closed_on_changes(number // 5, lengths[:4]),
        answers.against("desk : bare, all that was timed", desk, bench.bare, bench.moments, lengths),
        answers.Check("desk : numpy, both batches", batch, 2 * len(bench.many)),
        answers.against("businesstimedelta : bare", bench.relative, bench.bare, bench.moments[: number // 20], lengths),
    ]


def ledger() -> dict[str, Any]:
    """Asked of the desk's own environment, since ledgers need the whole of it."""
    done = subprocess.run(
        [places.OWN_PYTHON, "-m", "bench.ledger"],
        cwd=places.ROOT,
        env=places.clean_env(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


def goals(bench: Bench, found: Sequence[answers.Check], drawn: dict[str, Any], *, noisy: bool) -> Iterator[Row]:
    short = [bench.ratios(question, "desk", RELATIVE) for question in ("40 min", "3 h", "10 h")]
    worst = [min(ratios) for ratios in zip(*short, strict=True)]
    yield judge("1 up to 10 h (the worst of three) : businesstimedelta", worst, 40, 60, noisy=noisy)
    for question, firm, stretch in (("20 h", 80, 120), ("200 h", 700, 1_000)):
        ratios = bench.ratios(question, "desk", RELATIVE)
        yield judge(f"1 {question} : businesstimedelta", ratios, firm, stretch, noisy=noisy)
    limit = [min(row) for row in zip(*(bench.ratios(q, "desk", "bare") for q in MINUTES), strict=True)]
    yield judge("1 any length (the worst of five) : bare", limit, 0.5, 0.5, noisy=noisy)
    flat = [row["200 h"]["desk"] / row["40 min"]["desk"] for row in bench.rounds]
    yield judge("2 rate(200 h) : rate(40 min)", flat, 0.9, 0.97, noisy=noisy)
    yield judge("3 inverse : businesstimedelta", bench.ratios(INVERSE, "desk", RELATIVE), 150, 250, noisy=noisy)
    for question in bench.batches:
        yield judge(
            f"4 {question} : numpy on plain seconds", bench.ratios(question, "desk", "numpy"), 0.25, 0.5, noisy=noisy
        )
    mistakes = sum(check.wrong for check in found if check.name.startswith("desk"))
    asked = sum(check.asked for check in found if check.name.startswith("desk"))
    yield "5 wrong answers of the desk's: none", f"{mistakes} of {asked:,}", word(mistakes == 0), ""
    goal = "A ledger is drawn only when asked"
    if not drawn:
        yield goal, "not measured", "", ""
        return
    silent = drawn["calls"] == 0 < drawn["calls_when_asked"] and drawn["same"]
    found_text = (
        f"{drawn['deadlines']:,} deadlines made {drawn['calls']} calls to it, drawing one {drawn['calls_when_asked']}"
    )
    yield goal, found_text, word(silent), ""


def lines(
    bench: Bench, log: Log, found: Sequence[answers.Check], drawn: dict[str, Any], rows: list[Row]
) -> Iterator[str]:
    yield f"# Business time, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    yield ""
    yield f"{machine.description()}. `{' '.join(['bench/run engines', *sys.argv[1:]])}`."
    yield from log.lines(len(bench.rounds))
    yield from (
        "",
        "Deadlines (in the last row lengths) a second of processor time; ratios are medians of the rounds' own.",
        "",
    )
    yield "| | desk | businesstimedelta | bare | desk : businesstimedelta | desk : bare |"
    yield "|---|---|---|---|---|---|"
    for question in (*MINUTES, INVERSE):
        cells = " | ".join(f"{bench.middle(question, name):,.0f}" for name in ("desk", RELATIVE, "bare"))
        ratios = " | ".join(times(statistics.median(bench.ratios(question, "desk", o))) for o in (RELATIVE, "bare"))
        yield f"| {question} | {cells} | {ratios} |"
    yield ""
    yield f"{len(bench.many):,} at once. The desk and «numpy, datetimes» take and give datetimes, «numpy» plain seconds."
    yield from ("", "| | desk | desk, one by one | numpy | numpy, datetimes | desk : numpy | at once : one by one |")
    yield "|---|---|---|---|---|---|---|"
    for question in bench.batches:
        names = ("desk", "desk, one by one", "numpy", "numpy, datetimes")
        cells = " | ".join(f"{bench.middle(question, name):,.0f}" for name in names)
        ratios = " | ".join(times(statistics.median(bench.ratios(question, "desk", o))) for o in ("numpy", names[1]))
        yield f"| {question} | {cells} | {ratios} |"
    yield ""
    yield from (f"* {check.name}: {check.wrong} of {check.asked:,} answers differ" for check in found)
    if drawn:
        yield (
            f"* A promise with a pause: {drawn['deadline_us']:.0f} µs from the terms to its deadline, "
            f"{drawn['ledger_us']:.0f} µs with its ledger, which nobody drew who did not ask."
        )
    yield from ("", *table(rows))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run engines", description="Business-time engines side by side.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="each engine and question in a round (default 0.2)")
    parser.add_argument("--check", type=int, default=10_000, help="random starts compared with stepping by minutes")
    parser.add_argument("--batch", type=int, default=1_000_000, help="starts asked at once")
    parser.add_argument("--noisy", action="store_true", help="keep every round, whatever the calibrator says")
    parser.add_argument("--out", type=Path, default=places.SCRATCH)
    options = parser.parse_args()
    bench, log = Bench(options.seconds, options.batch), Log(keeps_all=options.noisy)
    found, drawn = checks(bench, options.check), ledger()
    for number in range(options.rounds):
        kept = block(log, lambda attempt, n=number: bench.round(n))
        bench.rounds += [kept] if kept else []
        print(f"  round {number + 1} of {options.rounds}: {log.kept} kept, {log.dropped} dropped", flush=True)
    if not bench.rounds:
        print(
            "The machine was never the same for the length of a round: wait until it is quiet, or say --noisy.",
            file=sys.stderr,
        )
        return 1
    rows = list(goals(bench, found, drawn, noisy=options.noisy))
    text = "\n".join(lines(bench, log, found, drawn, rows)) + "\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "engines.md").write_text(text)
    data = {
        "rounds": bench.rounds,
        "log": asdict(log),
        "checks": [asdict(check) for check in found],
        "ledger": drawn,
        "goals": as_data(rows),
    }
    (options.out / "engines.json").write_text(json.dumps(data, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
