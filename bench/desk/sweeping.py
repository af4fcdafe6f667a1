"""`python -m bench.desk.sweeping DUE RECOUNTED` in a database of `open_tickets`: what the sweeps and a calendar's new day cost. Prints JSON."""

import json
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import QuerySet  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from core import clock, tasks  # noqa: E402
from core.caching import forget_all  # noqa: E402
from core.models import Delivery  # noqa: E402
from customers.models import Calendar, ClosedDay  # noqa: E402
from escalation.models import Escalation, EscalationPlan, EscalationStep  # noqa: E402
from escalation.services import sweep as escalations  # noqa: E402
from sla.models import Breach, Clock, WarningNotice  # noqa: E402
from sla.services import recalculation, sweep  # noqa: E402
from tickets.models import Ticket, TicketEvent  # noqa: E402

ROUNDS = 5
PROBE = 0.02
"""Seconds between two looks at whether somebody would have to wait for a ticket."""


class Measured:
    """The database's open tickets, at the moment at which `due` clocks have something to record."""

    def __init__(self, due: int) -> None:
        self.due = due
        self.last = Ticket.objects.order_by("-pk").values_list("pk", flat=True)[0]
        moments = Clock.objects.filter(next_at__isnull=False).order_by("next_at", "id")
        self.at = moments.values_list("next_at", flat=True)[due - 1]
        self.wakes, self.levels = 0, dict[str, Any]()
        tasks.current_app.send_task = self._count  # type: ignore[method-assign, assignment]

    def _count(self, *args: Any, **kwargs: Any) -> None:
        self.wakes += 1

    def questions(self) -> dict[str, Any]:
        """What each sweep asks first: the server's own time, and whether its plan reads a whole table."""
        asked = {
            "clocks, next 500": Clock.objects.due(self.at).values_list("ticket_id", flat=True)[:500],
            "clocks, ids of all due": Clock.objects.due(self.at).values_list("ticket_id", flat=True)[: self.due],
            "plans, next 500": EscalationPlan.objects.due(self.at).values_list("ticket_id", flat=True)[:500],
        }
        return {name: _explained(rows) for name, rows in asked.items()}

    def warnings(self) -> dict[str, Any]:
        return self._swept(lambda: sweep.batch(self.at).clocks, WarningNotice.objects.all())

    def breaches(self) -> dict[str, Any]:
        ids = self._block(1)
        late = self.at - timedelta(hours=2)
        rows = Clock.objects.filter(ticket_id__in=ids, state="running")
        rows.update(due_at=late, next_at=late + timedelta(microseconds=1), warned_percent=75)
        return self._swept(lambda: sweep.batch(self.at).clocks, Breach.objects.all())

    def escalations(self) -> dict[str, Any]:
        ids = self._block(2)
        Clock.objects.filter(ticket_id__in=ids, state="running").update(due_at=self.at - timedelta(hours=2))
        EscalationPlan.objects.filter(ticket_id__in=ids).update(next_at=self.at)
        _analyze(Clock, EscalationPlan)
        return self._swept(lambda: escalations.plans(self.at).looked, EscalationStep.objects.all())

    def climbs(self) -> dict[str, Any]:
        Escalation.objects.update(next_at=self.at)
        _analyze(Escalation)
        self.levels = _explained(Escalation.objects.due(self.at).values_list("ticket_id", flat=True)[:500])
        return self._swept(lambda: escalations.waits(self.at).looked, EscalationStep.objects.filter(level=3))

    def idle(self) -> float:
        """Milliseconds of a run that finds nothing."""
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert sweep.batch(self.at).clocks == escalations.plans(self.at).looked == 0
            took.append(time.perf_counter() - began)
        return statistics.median(took) * 1000

    def calendar(self, wanted: int) -> dict[str, Any]:
        """A day closed for everybody: chunk after chunk until `wanted` tickets are done, while others ask for tickets of theirs."""
        calendar = Calendar.objects.get()
        ClosedDay.objects.create(calendar=calendar, date=date(2026, 3, 12), name="Día nuevo")
        admin = User.objects.create_user("admin@bench.example", full_name="Admin", role=Role.ADMIN)
        forget_all()
        job = recalculation.request(by=admin, calendar=calendar, reason="Se cerró el jueves", at=self.at)
        took, done, began = [], 0, time.perf_counter()
        with _Prober(self.last) as prober:
            while done < wanted:
                started = time.perf_counter()
                with transaction.atomic():
                    found = recalculation.chunk(job)
                took.append(time.perf_counter() - started)
                if found is None:
                    break
                done, job.cursor = done + found[0], found[1]
        seconds = time.perf_counter() - began
        return {
            "tickets": done,
            "changed": job.changed,
            "seconds": seconds,
            "rate": done / seconds,
            "longest_transaction_ms": max(took) * 1000,
            "waits_ms": sorted(wait * 1000 for wait in prober.waits)[-5:],
            "probes": len(prober.waits),
        }

    def _block(self, number: int) -> list[int]:
        """`due` tickets that nothing else here touches."""
        first = self.last - number * self.due + 1
        return list(range(first, first + self.due))

    def _swept(self, batch: Callable[[], int], written: QuerySet[Any]) -> dict[str, Any]:
        rows, events, owed, self.wakes = written.count(), TicketEvent.objects.count(), Delivery.objects.count(), 0
        tasks.cache.clear()
        began, batches, looked = time.perf_counter(), 0, 0
        while found := batch():
            batches, looked = batches + 1, looked + found
        seconds = time.perf_counter() - began
        return {
            "due": looked,
            "batches": batches,
            "seconds": seconds,
            "rate": looked / seconds,
            "rows": written.count() - rows,
            "history": TicketEvent.objects.count() - events,
            "owed": Delivery.objects.count() - owed,
            "wakes": self.wakes,
        }


class _Prober(threading.Thread):
    """Somebody else, who takes one ticket after the other for a change and notes how long each made them wait."""

    def __init__(self, last: int) -> None:
        super().__init__(daemon=True)
        self.last, self.waits, self.over = last, list[float](), threading.Event()

    def run(self) -> None:
        dice = random.Random(7)
        try:
            while not self.over.wait(PROBE):
                began = time.perf_counter()
                with transaction.atomic():
                    list(Ticket.objects.select_for_update().filter(pk=dice.randrange(1, self.last)).values_list("pk"))
                self.waits.append(time.perf_counter() - began)
        finally:
            connection.close()

    def __enter__(self) -> "_Prober":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()


def _explained(rows: Any) -> dict[str, Any]:
    took, nodes = [], set[str]()
    for _ in range(ROUNDS):
        plan = json.loads(rows.explain(format="json", analyze=True))[0]
        took.append(plan["Execution Time"])
        nodes |= set(_nodes(plan["Plan"]))
    return {"ms": statistics.median(took), "rows": plan["Plan"]["Actual Rows"], "nodes": sorted(nodes)}


def _nodes(plan: dict[str, Any]) -> list[str]:
    return [plan["Node Type"], *(name for part in plan.get("Plans", ()) for name in _nodes(part))]


def _analyze(*models: type[Any]) -> None:
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def main(due: int, recounted: int) -> None:
    bench = Measured(due)
    with clock.at(bench.at):
        found: dict[str, Any] = {"tickets": bench.last, "questions": bench.questions()}
        found["warnings"], found["breaches"] = bench.warnings(), bench.breaches()
        found["escalations"] = bench.escalations()
        found["climbs"], found["idle_ms"] = bench.climbs(), bench.idle()
        found["questions"]["levels, next 500"] = bench.levels
        if recounted:
            found["calendar"] = bench.calendar(recounted)
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
