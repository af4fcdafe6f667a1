"""A small HTTP load generator: a few clients on keep-alive sockets, bounded in time and in requests.

It shares the machine with what it measures, so it does as little as it can: requests are written as bytes and of an answer only the
status, the length and, if asked for, one header are read.
"""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def to_bytes(self, port: int) -> bytes:
        body = self.body.encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


Calls = Callable[[int, random.Random], Call]
"""Makes the i-th call (from 0) of a run."""


@dataclass(slots=True)
class Sample:
    """One run. Times are in milliseconds, over all answers; `rps` counts good answers (2xx, 3xx) only."""

    n: int
    rps: float
    p50: float
    p95: float
    longest: float
    statuses: dict[str, int]
    kept: list[str]

    @property
    def is_good(self) -> bool:
        return bool(self.n) and all(status[0] in "23" for status in self.statuses)


class Client:
    """One socket. Opens it anew whenever the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send it, read all of the answer. Returns its status and its head."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, rest = data[:end], data[end + 4 :]
        low = head.lower()
        if (at := low.find(b"\r\ncontent-length:")) >= 0:
            missing = int(low[at + 17 :].split(b"\r\n", 1)[0]) - len(rest)
            while missing > 0:
                missing -= len(self._more())
        elif b"\r\ntransfer-encoding: chunked" in low:
            while not rest.endswith(b"0\r\n\r\n"):
                rest = rest[-5:] + self._more()
        elif b"\r\nconnection: close" in low:
            while self.socket.recv(65536):
                pass
        if b"\r\nconnection: close" in low:
            self.close()
        return int(head[9:12]), head

    def _more(self) -> bytes:
        assert self.socket is not None
        if not (data := self.socket.recv(65536)):
            raise ConnectionError("closed in the middle of an answer")
        return data

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def run(
    port: int, calls: Calls, *, seconds: float, most: int = 100_000, clients: int = 8, seed: int = 1, keep: str = ""
) -> Sample:
    """Ask until `seconds` have passed or `most` calls were made. `keep` names a header whose values are returned."""
    lock = threading.Lock()
    times: list[float] = []
    statuses: Counter[str] = Counter()
    kept: list[str] = []
    next_call = iter(range(most))
    wanted = keep.lower().encode() + b":"
    start = time.perf_counter()

    def work(number: int) -> None:
        client, dice = Client(port), random.Random(seed * 1000 + number)
        while time.perf_counter() - start < seconds:
            with lock:
                index = next(next_call, None)
            if index is None:
                break
            request = calls(index, dice).to_bytes(port)
            began = time.perf_counter()
            try:
                status, head = client.ask(request)
                outcome = str(status)
            except OSError as error:
                client.close()
                outcome, head = type(error).__name__, b""
            took = time.perf_counter() - began
            with lock:
                times.append(took)
                statuses[outcome] += 1
                if keep:
                    kept.extend(_header(head, wanted))
        client.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall = time.perf_counter() - start
    good = sum(count for status, count in statuses.items() if status[0] in "23")
    return Sample(
        n=len(times),
        rps=good / wall,
        p50=1000 * quantile(times, 0.5),
        p95=1000 * quantile(times, 0.95),
        longest=1000 * max(times, default=0.0),
        statuses=dict(statuses),
        kept=kept,
    )


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _header(head: bytes, wanted: bytes) -> list[str]:
    return [
        line[len(wanted) :].strip().decode() for line in head.split(b"\r\n") if line[: len(wanted)].lower() == wanted
    ]
