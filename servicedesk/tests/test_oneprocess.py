"""The desk in one process, run as a process of its own: it starts, works, ends cleanly, and outlives its parts' falls."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings as project

from servicedesk.oneprocess import FALLS_ALLOWED, KeptAlive


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def status(port: int, path: str) -> int:
    link = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except OSError:
        return 0
    finally:
        link.close()


class Desk:
    def __init__(self, var: Path) -> None:
        clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.env = clean | {"VAR_DIR": str(var)}
        self.log = var / "log"

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.env, cwd=project.BASE_DIR, capture_output=True, text=True, timeout=90)

    def start(self, port: int) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            command = [sys.executable, "manage.py", "run", "--port", str(port)]
            return subprocess.Popen(command, env=self.env, cwd=project.BASE_DIR, stdout=log, stderr=subprocess.STDOUT)


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
