"""Load what the guide itself says."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.services import system_actor
from servicedesk.seeding import catalog, escalation, improvements, standard, surveys


class Command(BaseCommand):
    help = (
        "Loads the guide's defaults: calendar, targets, matrix, services, groups, escalation matrices. "
        "Safe to repeat; changes nothing that exists."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            system_actor()
            escalation.everything(standard.terms())
            catalog.items()
            improvements.rules()
            surveys.everything()
        self.stdout.write("The guide's defaults are in place.")
