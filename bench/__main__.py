"""The command: prepares, measures, writes var/bench/results.md and results.json. See README.md."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime

from bench import machine, places, report, systems
from bench.blocks import Log
from bench.measuring import Part, Scenario, measure

COUNTED = ("list", "list, own tickets", "detail", "create", "transition", "queue", "page")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures the desk beside what it is compared with.")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of every scenario (default 5; fewer is for trying)"
    )
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="how long each system is asked in a round (default 3)"
    )
    parser.add_argument(
        "--sizes",
        type=lambda text: sorted({int(part.replace("_", "")) for part in text.split(",")}),
        default=[1_000, 100_000],
        help="tickets in the desk's databases, by commas (default 1000,100000; a million takes some minutes to build)",
    )
    parser.add_argument("--only", choices=("peers", "sizes"), help="one block instead of both")
    parser.add_argument("--base", default="", metavar="URL", help="a small desk to copy, instead of making one")
    parser.add_argument(
        "--noisy",
        action="store_true",
        help="keep every block, whatever the calibrator says: then only ratios mean something",
    )
    parser.add_argument(
        "--worker-class", choices=("sync", "gthread"), default="sync", help="of gunicorn, for all alike"
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    url = os.environ.get("DATABASE_URL", "")
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that what was made is taken away
    try:
        result = report.Result(
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            machine=machine.description(),
            server=places.server_of(url),
            command=" ".join(["bench/run", *sys.argv[1:]]),
            rounds=options.rounds,
            log=Log(keeps_all=options.noisy),
        )
        with ExitStack() as stack:
            broker = stack.enter_context(places.broker())
            base = stack.enter_context(systems.base(url, broker, options.base))
            if options.only != "sizes":
                peers(result, url, base, options)
                result.minutes = (time.monotonic() - started) / 60
                result.write()
            if options.only != "peers":
                sizes(result, url, base, options)
    except places.Unusable as fault:
        print(fault, file=sys.stderr)
        return 2
    result.minutes = (time.monotonic() - started) / 60
    print(result.write())
    return 0


def peers(result: report.Result, url: str, base: systems.Base, options: argparse.Namespace) -> None:
    """The desk, its nearest relative and the bare limit, with a thousand tickets each."""
    size, seconds = 1_000, options.seconds
    print(f"Beside others, {size:,} tickets each", flush=True)
    with ExitStack() as stack:
        desk = stack.enter_context(systems.desk(url, base, size, options.worker_class))
        helpdesk = stack.enter_context(systems.helpdesk(url, size, options.worker_class))
        limit = stack.enter_context(systems.limit(url, size, options.worker_class))
        result.counts |= {
            f"desk {size:,}": desk.counted(list(COUNTED)),
            "helpdesk": helpdesk.counted(["list", "detail", "create", "transition", "page"]),
            "limit": limit.counted(["list", "detail", "create", "transition"]),
        }

        def all_three(name: str, call: str, slow: float = seconds) -> Scenario:
            parts = (
                Part("desk", desk, call, seconds),
                Part("helpdesk", helpdesk, call, slow),
                Part("limit", limit, call, seconds),
            )
            return Scenario(name, parts)

        result.peers = [
            all_three("create", "create"),
            all_three("transition", "transition"),
            all_three("list", "list", max(seconds, 2.0)),
            all_three("detail", "detail", max(seconds, 2.0)),
            Scenario("page", (Part("desk", desk, "page", seconds), Part("helpdesk", helpdesk, "page", seconds))),
            Scenario(
                "authentication",
                (Part("token", desk, "list", seconds), Part("session", desk, "list by session", seconds)),
            ),
        ]
        measure(result.peers, options.rounds, result.log, _say)


def sizes(result: report.Result, url: str, base: systems.Base, options: argparse.Namespace) -> None:
    """The desk alone at several sizes, each in a database of its own, all of them up at once."""
    print(f"At sizes {', '.join(f'{size:,}' for size in options.sizes)}", flush=True)
    seconds = options.seconds
    with ExitStack() as stack:
        desks = {
            size: stack.enter_context(systems.desk(url, base, size, options.worker_class)) for size in options.sizes
        }
        largest = options.sizes[-1]
        limit = stack.enter_context(systems.limit(url, largest, options.worker_class))
        for size, desk in desks.items():
            result.counts[f"desk {size:,}"] = desk.counted(list(COUNTED))

        def at_all(name: str, call: str, clients: int = 8) -> Scenario:
            return Scenario(name, [Part(f"{size:,}", desk, call, seconds, clients) for size, desk in desks.items()])

        queues = at_all("queue", "queue", clients=1)
        queues.parts = [*queues.parts, Part("stock", limit, "queue", max(seconds, 3.0), 1)]
        result.sizes = [
            at_all("create", "create"),
            at_all("transition", "transition"),
            at_all("list", "list"),
            at_all("list, own tickets", "list, own tickets"),
            at_all("detail", "detail"),
            queues,
            at_all("queue, late", "queue, late", clients=1),
            at_all("search", "search", clients=1),
        ]
        result.size_columns = [f"{size:,}" for size in options.sizes]
        measure(result.sizes, options.rounds, result.log, _say)


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


sys.exit(main())
