"""The machine: what it is, and whether it was equally fast before and after a block of measurements."""

import hashlib
import os
import platform
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 10_000
TOLERANCE = 0.15


@dataclass(frozen=True, slots=True)
class Speed:
    """Millions of hashing rounds a second: on one thread, and on as many as there are cores."""

    one: float
    all: float

    def differs_from(self, other: "Speed") -> bool:
        """Whether the machine was another one: by more than 15 %, on either count."""
        return _apart(self.one, other.one) > TOLERANCE or _apart(self.all, other.all) > TOLERANCE


def _apart(a: float, b: float) -> float:
    return abs(a - b) / max(a, b)


def calibrate(seconds: float = 0.6) -> Speed:
    """Two short measurements, `seconds` each. Hashing leaves the interpreter's lock, so threads use every core."""
    return Speed(_rate(1, seconds), _rate(os.cpu_count() or 1, seconds))


def _rate(threads: int, seconds: float) -> float:
    done: list[float] = []

    def work() -> None:
        rounds, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            hashlib.pbkdf2_hmac("sha256", b"x", b"salt", ROUNDS)
            rounds += ROUNDS
        done.append(rounds / passed / 1e6)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done)


def description() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({_model()}), {memory:.0f} GB, {_system()}, Python {platform.python_version()}"


def load() -> float:
    """How many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)
