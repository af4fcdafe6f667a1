"""Verify the product's promises from the database alone."""

import importlib
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Runs every app's `checks.invariants`. Prints each fault; exits with an error when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for config in apps.get_app_configs():
            module = f"{config.name}.checks"
            if find_spec(module) is None:
                continue
            invariants = getattr(importlib.import_module(module), "invariants", None)
            if invariants is None:
                continue
            self.stdout.write(f"{config.verbose_name}…")
            for fault in invariants():
                faults += 1
                self.stderr.write(f"  {fault}")
        if faults:
            raise CommandError(f"{faults} invariants do not hold.")
        self.stdout.write(self.style.SUCCESS("Every invariant holds."))
