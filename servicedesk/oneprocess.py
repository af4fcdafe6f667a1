"""The whole desk in one process: web threads, a Celery worker on threads, and the scheduler.

The main thread serves the web, because only there can a signal end it. The worker and the scheduler each run in a thread that is
kept alive: one that falls is started again, and one that keeps falling ends the process, so that whoever supervises it notices.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery, signals
from celery.beat import Service
from celery.worker import WorkController, state

from channels.models import OutboundMessage, Route
from core.leases import WorkState
from core.models import Delivery

log = structlog.get_logger(__name__)

FALLS_ALLOWED = 5
FALLS_WINDOW = 60.0
PAUSE = 1.0


class ThreadWorker(WorkController):
    """A worker for a thread. Its pool is made of threads, so it installs no signal handlers and forks nothing."""

    def on_after_init(self, **kwargs: Any) -> None:
        # Celery's Django support listens to this: it returns or drops the database connections around each task.
        signals.worker_init.send(sender=self, instance=self, conf=self.app.conf, options=kwargs)


class WorkerPart:
    name = "worker"

    def __init__(self, app: Celery, threads: int) -> None:
        self.app, self.threads = app, threads

    def serve(self) -> None:
        """Blocks until stopped."""
        # The whole program was checked before it was shipped; the worker need not do that again at each start.
        os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
        state.should_stop = None
        ThreadWorker(
            app=self.app,
            pool="threads",
            concurrency=self.threads,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        ).start()

    def stop(self) -> None:
        # The worker looks at this at each turn of its loop, at most two seconds apart, and then ends its running tasks first.
        state.should_stop = os.EX_OK  # type: ignore[assignment]


class SchedulerPart:
    name = "scheduler"

    def __init__(self, app: Celery) -> None:
        self.app = app
        self.service: Service | None = None

    def serve(self) -> None:
        """Blocks until stopped. First asks for every periodic job once, so that what came due while down is done at once."""
        for entry in self.app.conf.beat_schedule.values():
            self.app.send_task(entry["task"], **entry["options"])
        self.service = Service(self.app, max_interval=1, scheduler_cls=self.app.conf.beat_scheduler)
        self.service.start()

    def stop(self) -> None:
        if self.service:
            self.service.stop()


class KeptAlive:
    """Runs a part in a thread and starts it again when it falls. After too many falls in a short time, calls `give_up`."""

    def __init__(self, part: Any, give_up: Callable[[str], None], *, pause: float = PAUSE) -> None:
        self.part, self.give_up, self.pause = part, give_up, pause
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, name=part.name, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        falls: deque[float] = deque(maxlen=FALLS_ALLOWED)
        while not self.ending.is_set():
            try:
                self.part.serve()
            except Exception:
                log.exception("part failed", part=self.part.name)
            if self.ending.is_set():
                return
            falls.append(time.monotonic())
            if len(falls) == FALLS_ALLOWED and falls[-1] - falls[0] < FALLS_WINDOW:
                self.give_up(self.part.name)
                return
            log.warning("part is started again", part=self.part.name)
            self.ending.wait(self.pause)

    def stop(self) -> None:
        self.ending.set()
        self.part.stop()

    def join(self, timeout: float) -> bool:
        """Whether the part ended within `timeout` seconds."""
        self.thread.join(timeout)
        return not self.thread.is_alive()


def take_over() -> int:
    """Free what a dead process of this desk had in hand: there is no other to work on its rows. Returns how many were held.

    Should there be one after all, its token refuses its late note, and at worst a mail is repeated with the same Message-ID.
    """
    released: dict[str, Any] = {"lease_until": None, "lease_token": ""}
    held = [rows.filter(state=WorkState.PENDING) for rows in (Delivery.objects, OutboundMessage.objects)]
    return sum(rows.exclude(lease_until=None).update(**released) for rows in [*held, Route.objects])


class Ending:
    """Turns the first SIGINT or SIGTERM into a clean end of the main thread, and the second into an immediate one."""

    def __init__(self) -> None:
        self.asked = False
        self.failed: str | None = None

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle)

    def handle(self, number: int, frame: Any) -> None:
        if self.asked:
            os._exit(128 + number)
        self.asked = True
        raise SystemExit(0)

    def give_up(self, part: str) -> None:
        """A part cannot be kept alive: end the process, with a status that says so."""
        self.failed = part
        os.kill(os.getpid(), signal.SIGTERM)
