"""`manage.py api_token EMAIL`: print a new key to the API, and nothing else."""

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from api import tokens
from api.scopes import DEFAULT_SCOPES, Scope
from core.errors import InvalidInput


class Command(BaseCommand):
    help = "Print a new API key that acts for EMAIL. It is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--scopes", nargs="+", default=list(DEFAULT_SCOPES), help=f"any of: {' '.join(Scope.values)}"
        )
        parser.add_argument("--days", type=int, default=365, help="how long it is valid (default 365)")
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument(
            "--rotate", action="store_true", help="replace the person's other keys, which stop after --grace hours"
        )
        parser.add_argument("--grace", type=int, default=24, help="hours that replaced keys still work (default 24)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        wanted = {
            "scopes": [scope for given in options["scopes"] for scope in re.split(r"[,\s]+", given) if scope],
            "days": options["days"],
            "name": options["name"][:80],
        }
        try:
            if options["rotate"]:
                _, key = tokens.rotate(user, **wanted, grace=timedelta(hours=max(options["grace"], 0)))
            else:
                _, key = tokens.issue(user, **wanted)
        except InvalidInput as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
