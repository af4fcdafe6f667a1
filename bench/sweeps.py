"""What goes by itself at size: sweeps, escalations and a calendar's new day over a million open tickets, beside ten thousand.

`bench/run sweeps --help`. Writes var/bench/sweeps.md and sweeps.json.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine, places, systems
from bench.goals import Row, table, word

Found = dict[str, Any]
SMALL = 20_000
SWEEPS = ("warnings", "breaches", "escalations", "climbs")
NEXT_MS, ALL_MS, ESCALATED, LONGEST_MS = 5.0, 60.0, 2_000, 1_000
"""The goals: the next 500 due; the ids of 10,000 due; escalations a second, history written; the longest that a ticket is held."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run sweeps", description="The jobs over very many open tickets.")
    parser.add_argument(
        "--size", type=int, default=1_000_000, help="open tickets (default a million; some minutes to build)"
    )
    parser.add_argument("--due", type=int, default=10_000, help="how many are due at once")
    parser.add_argument(
        "--recount", type=int, default=-1, help="tickets that the new day reaches (default all; 0 for none)"
    )
    parser.add_argument("--out", type=Path, default=places.SCRATCH)
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    try:
        server = places.server_of(url)
        before = machine.calibrate()
        with places.broker() as broker:
            small = measured(url, broker, SMALL, min(options.due, SMALL // 4), 0)
            large = measured(
                url, broker, options.size, options.due, options.size if options.recount < 0 else options.recount
            )
        after = machine.calibrate()
    except places.Unusable as fault:
        print(fault, file=sys.stderr)
        return 2
    text = "\n".join(lines(small, large, server, before, after)) + "\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "sweeps.md").write_text(text)
    (options.out / "sweeps.json").write_text(
        json.dumps({"small": small, "large": large, "goals": list(goals(small, large))}, indent=1)
    )
    return 0


def measured(server: str, broker: str, size: int, due: int, recount: int) -> Found:
    """A fresh database of `size` open tickets, filled, vacuumed, measured and dropped."""
    with places.database(server, f"open_{size}") as url:
        env = systems.Base(url, broker).env(url) | {"LOG_LEVEL": "WARNING"}
        systems.manage(env, "migrate", "--verbosity", "0")
        systems.run(places.OWN_PYTHON, "bench.desk.open_tickets", env, str(size))
        places.settle(url)
        print(f"  {size:,} open tickets are there", flush=True)
        found: Found = json.loads(systems.run(places.OWN_PYTHON, "bench.desk.sweeping", env, str(due), str(recount)))
        return found


def lines(small: Found, large: Found, server: str, before: machine.Speed, after: machine.Speed) -> Iterator[str]:
    changed = ": **the machine changed under it**" if before.differs_from(after) else ""
    yield from ("#### Jobs over open tickets", "")
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine.description()}. {server}. `bench/run {' '.join(sys.argv[1:])}`."
    yield (
        f"Calibrator {before.all:.2f} before and {after.all:.2f} Mrounds/s after, load average {machine.load():.1f}{changed}."
    )
    yield ""
    yield from _questions(small, large)
    yield ""
    yield from _sweeps(small, large)
    yield ""
    if found := large.get("calendar"):
        yield (
            f"A day closed for everybody: {found['tickets']:,} tickets ({found['changed']:,} of them moved) in "
            f"{found['seconds']:,.0f} s, {found['rate']:,.0f}/s, in chunks; the longest transaction took "
            f"{found['longest_transaction_ms']:,.0f} ms. Meanwhile somebody asked for a ticket {found['probes']:,} times, and "
            f"waited at most {max(found['waits_ms'], default=0):,.0f} ms."
        )
        yield ""
    yield from table(goals(small, large))


def _questions(small: Found, large: Found) -> Iterator[str]:
    sizes = f"{small['tickets']:,} open | {large['tickets']:,} open"
    yield from (f"| what is asked first, server time | {sizes} | plan |", "|---|---|---|---|")
    for name, many in large["questions"].items():
        few, nodes = small["questions"][name], ", ".join(many["nodes"])
        yield f"| {name} | {few['ms']:.2f} ms ({few['rows']}) | {many['ms']:.2f} ms ({many['rows']}) | {nodes} |"
    yield f"| a run that finds nothing | {small['idle_ms']:.1f} ms | {large['idle_ms']:.1f} ms | |"


def _sweeps(small: Found, large: Found) -> Iterator[str]:
    sizes = f"{small['tickets']:,} open | {large['tickets']:,} open"
    yield from (f"| sweep | {sizes} | batches | history events | tasks asked for |", "|---|---|---|---|---|---|")
    for name in SWEEPS:
        few, many = small[name], large[name]
        rates = " | ".join(f"{found['rate']:,.0f}/s ({found['due']:,} due)" for found in (few, many))
        yield f"| {name} | {rates} | {many['batches']} | {many['history']:,} | {many['wakes']} |"


def goals(small: Found, large: Found) -> Iterator[Row]:
    questions, up = large["questions"], large["escalations"]
    first, every = questions["clocks, next 500"]["ms"], questions["clocks, ids of all due"]
    yield "13 the next 500 due: at most 5 ms / 2 ms", f"{first:.2f} ms", word(first <= NEXT_MS), word(first <= 2)
    goal = f"13 ids of {every['rows']:,} due: at most 60 ms / 30 ms"
    yield goal, f"{every['ms']:.1f} ms", word(every["ms"] <= ALL_MS), word(every["ms"] <= 30)
    scans = [name for name, asked in questions.items() if "Seq Scan" in asked["nodes"]]
    yield "13 no table is read whole", ", ".join(scans) or "none is", word(not scans), ""
    ratio = small["warnings"]["rate"] / large["warnings"]["rate"]
    yield "13 warnings a second, few open : many open, at most 1.2x", f"{ratio:.2f}x", word(ratio <= 1.2), ""
    rate, whole = up["rate"], up["history"] == up["due"]
    told = f"{rate:,.0f}/s, {up['history']:,} events of {up['due']:,}"
    goal = "14 escalations, history written: at least 2,000/s / 5,000/s"
    yield goal, told, word(whole and rate >= ESCALATED), word(whole and rate >= 5_000)
    if found := large.get("calendar"):
        longest = max([found["longest_transaction_ms"], *found["waits_ms"]])
        told = f"{longest:,.0f} ms, {found['tickets']:,} tickets"
        yield "15 a calendar's new day: no lock over 1 s", told, word(longest <= LONGEST_MS), ""
    tasks = max(large[name]["wakes"] / large[name]["batches"] for name in SWEEPS)
    yield "17 tasks asked for: at most one a batch of 500", f"{tasks:.2f} a batch", word(tasks <= 1), ""


if __name__ == "__main__":
    sys.exit(main())
