"""`python -m bench.ledger` with the desk's environment: what a deadline costs and what its ledger does, and who draws one. Prints JSON."""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType
from zoneinfo import ZoneInfo

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.settings"
django.setup()

from core.worktime import each_day  # noqa: E402
from sla import ledger, schedules, targets  # noqa: E402
from sla.vocabulary import ClockKind, PauseCause  # noqa: E402

DEADLINES = 1_000
ZONE = "America/Mexico_City"
CREATED = datetime(2026, 3, 13, 18, 50, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)  # a Friday before a holiday
PAUSE = (CREATED + timedelta(days=4), CREATED + timedelta(days=5))


def calls_into_the_ledger(work: Callable[[], object]) -> int:
    """How many functions of the ledger's modules were entered meanwhile."""
    entered = 0

    def see(frame: FrameType, event: str, _: object) -> None:
        nonlocal entered
        entered += event == "call" and frame.f_globals["__name__"].startswith(ledger.__name__)

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return entered


def microseconds(work: Callable[[], object], times: int) -> float:
    """Of processor time, the best of five."""
    found = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - began) / times * 1e6)
    return min(found)


def main() -> None:
    week = schedules.Week("Estándar", each_day(range(5), 540, 1140), frozenset(), True)
    windows = schedules.build(week, zone=ZONE)
    subject = targets.Subject(kind="request", service_line="functional", priority="medium", created_at=CREATED)
    rows = [{("medium", ""): {"reaction_minutes": 120, "attention_minutes": 1_200}}]

    def deadline() -> datetime | None:
        plan = targets.plans(subject, rows, windows)[ClockKind.ATTENTION]
        return plan.deadline([PAUSE])

    def drawn() -> ledger.Ledger:
        plan = targets.plans(subject, rows, windows)[ClockKind.ATTENTION]
        account = ledger.Account(
            plan=plan, windows=windows, created_at=CREATED, waits=[ledger.Wait(*PAUSE, PauseCause.USER)]
        )
        return ledger.draw(account, until=None, at=CREATED, zone=ZoneInfo(ZONE))

    result = {
        "deadlines": DEADLINES,
        "calls": calls_into_the_ledger(lambda: [deadline() for _ in range(DEADLINES)]),
        "calls_when_asked": calls_into_the_ledger(drawn),
        "same": drawn().due_at == deadline(),
        "deadline_us": microseconds(deadline, 2_000),
        "ledger_us": microseconds(drawn, 200),
    }
    print(json.dumps(result))


main()
