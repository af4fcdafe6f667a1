"""A living demo: companies with different contracts, their people, and a year of tickets."""

import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from servicedesk.seeding.demo import actions, bulk, lives, matrices, nps, people, surveys, voices
from tickets.models import Ticket

LIVED = 240
"""Tickets that go through the real services; beyond them, copies are made in bulk."""


class Command(BaseCommand):
    help = "Creates the demo's companies, people and tickets, deterministic for a seed. Only in demo mode (DEMO_MODE=true)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tickets", type=int, default=LIVED, help="how many tickets the desk shall hold")
        parser.add_argument("--seed", type=int, default=2019)
        parser.add_argument(
            "--now", type=datetime.fromisoformat, help="the present of the demo, aware ISO 8601 (default: this moment)"
        )

    def handle(self, *args: Any, tickets: int, seed: int, now: datetime | None, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("This is not a demo: set DEMO_MODE=true to create demo people and tickets here.")
        self.started = time.monotonic()
        now = now or clock.now().replace(microsecond=0)
        people.create(people.demo_password(settings.VAR_DIR), now)
        matrices.create(now)
        missing = tickets - Ticket.objects.count()
        if not Ticket.objects.exists() and missing > 0:
            wanted = min(tickets, LIVED if tickets <= LIVED else LIVED * 2)
            for done in lives.create(wanted, seed=seed, now=now):
                self.progress("tickets lived", done, wanted)
            missing = tickets - Ticket.objects.count()
            surveys.create(now, seed=seed)
            nps.create(now, seed=seed)
            voices.create(now)
            actions.create(now)
        if missing > 0:
            for done in bulk.copy(missing, seed=seed):
                self.progress("tickets copied", done, missing)
        self.stdout.write(f"The demo holds {Ticket.objects.count()} tickets.")

    def progress(self, what: str, done: int, total: int) -> None:
        """A bar on a terminal; elsewhere a line now and then."""
        bar = "█" * (30 * done // total)
        text = f"  {what} {bar:░<30} {done:,}/{total:,} {time.monotonic() - self.started:.0f} s"
        if sys.stdout.isatty():
            self.stdout.write(f"\r{text}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total or done % max(total // 10, 1) == 0:
            self.stdout.write(text)
