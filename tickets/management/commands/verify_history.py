"""Prove that no ticket's history was altered, shortened or extended by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickets.checks import history_faults
from tickets.models import TicketEvent


class Command(BaseCommand):
    help = (
        "Verifies the hash chain of every ticket's history. Exits with an error and says where when it does not hold."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for fault in history_faults():
            faults += 1
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{faults} faults in the history.")
        self.stdout.write(self.style.SUCCESS(f"{TicketEvent.objects.count()} events verified: the history is whole."))
