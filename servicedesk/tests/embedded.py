"""The embedded desk as a process of its own, for tests that start, end and kill it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from django.conf import settings as project


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
    """What a GET answers; 0 when nobody does."""
    link = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        link.close()


class Desk:
    """One desk: its data under `var`, its output in `log`. It knows nothing of the environment of the tests but what `more` says."""

    def __init__(self, var: Path, **more: str) -> None:
        clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.env = clean | {"VAR_DIR": str(var)} | more
        self.log = var / "log"

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.env, cwd=project.BASE_DIR, capture_output=True, text=True, timeout=90)

    def start(self, port: int, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = [sys.executable, "manage.py", "run", "--port", str(port), *arguments]
            return subprocess.Popen(command, env=self.env, cwd=project.BASE_DIR, stdout=log, stderr=subprocess.STDOUT)
