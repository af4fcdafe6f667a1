"""The desk in one process, run as a process of its own: it starts, works, ends cleanly, and outlives its parts' falls."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servicedesk.oneprocess import FALLS_ALLOWED, KeptAlive
from servicedesk.tests.embedded import Desk, free_port, status, until


class Falling:
    """A part that fails `falls` times and then serves until stopped."""

    name = "falling"

    def __init__(self, falls: int) -> None:
        self.falls, self.starts = falls, 0
        self.serving, self.stopped = threading.Event(), threading.Event()

    def serve(self) -> None:
        self.starts += 1
        if self.starts <= self.falls:
            raise RuntimeError("fell")
        self.serving.set()
        self.stopped.wait(10)

    def stop(self) -> None:
        self.stopped.set()


def test_a_part_that_falls_is_started_again() -> None:
    part = Falling(falls=2)
    given_up: list[str] = []
    kept = KeptAlive(part, given_up.append, pause=0.01)
    kept.start()
    assert part.serving.wait(5)
    kept.stop()
    assert kept.join(5)
    assert (part.starts, given_up) == (3, [])


def test_a_part_that_keeps_falling_is_given_up() -> None:
    part = Falling(falls=99)
    given_up: list[str] = []
    kept = KeptAlive(part, given_up.append, pause=0.01)
    kept.start()
    assert kept.join(5)
    assert (part.starts, given_up) == (FALLS_ALLOWED, ["falling"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    migrated = desk.manage("migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    return desk


@pytest.fixture
def running(desk: Desk) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    process = desk.start(port)
    try:
        until(lambda: status(port, "/readyz") == 200 or process.poll() is not None)
        assert process.poll() is None, desk.log.read_text()
        yield process, port
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_web_worker_and_scheduler_cleanly(desk: Desk, running, number: signal.Signals) -> None:
    process, port = running
    started = time.monotonic()
    process.send_signal(number)
    assert process.wait(15) == 0
    assert time.monotonic() - started < 10
    assert desk.log.read_text().rstrip().endswith("Ended.")
    assert status(port, "/healthz") == 0


def test_it_returns_after_being_killed(desk: Desk, running) -> None:
    process, port = running
    process.kill()
    process.wait()
    again = desk.start(port)
    try:
        until(lambda: status(port, "/readyz") == 200)
    finally:
        again.terminate()
        assert again.wait(15) == 0


def test_a_port_in_use_is_said_with_a_way_out(desk: Desk, running) -> None:
    refused = desk.manage("run", "--port", str(running[1]))
    assert refused.returncode == 1
    assert f"make run PORT={running[1] + 1}" in refused.stderr


def test_an_outdated_database_is_refused(tmp_path: Path) -> None:
    refused = Desk(tmp_path).manage("run")
    assert refused.returncode == 1
    assert "The database is not up to date" in refused.stderr
