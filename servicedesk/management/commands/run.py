"""`manage.py run`: the desk in one process, for trying it and for small installations."""

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from servicedesk.celery import app
from servicedesk.oneprocess import Ending, KeptAlive, SchedulerPart, WorkerPart, take_over

DEMO_SIGN_INS = {
    "agente": "agente de la Mesa de Servicio",
    "consultor": "consultor",
    "supervisor": "supervisor",
    "bpo": "BPO",
    "admin": "administración",
    "cliente": "cliente",
    "representante": "representante de la misma empresa",
    "ajeno": "cliente de otra empresa",
}
CONSOLE_SIGN_INS = {"agente", "consultor", "supervisor", "bpo", "admin"}
# Twice what a form accepts: up to there the form itself says what is too much, and keeps what was written.
LARGEST_REQUEST = 2 * settings.ATTACHMENT_MAX_BYTES * settings.ATTACHMENT_MAX_FILES
PATIENCE = 8.0


class Command(BaseCommand):
    help = "Runs web, worker and scheduler together in this process. Ctrl-C ends them."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))
        parser.add_argument("--threads", type=int, default=8, help="web threads")
        parser.add_argument("--prepare", action="store_true", help="first migrate, and load the guide and the demo")

    def handle(self, *args: Any, host: str, port: int, threads: int, prepare: bool, **options: Any) -> None:
        if prepare:
            self.prepare()
        else:
            self.refuse_unmigrated()
        ending = Ending()
        server = self.bind(host, port, threads)
        if settings.EMBEDDED:
            take_over()
            connection.close()
        parts = [
            KeptAlive(WorkerPart(app, settings.CELERY_WORKER_CONCURRENCY), ending.give_up),
            KeptAlive(SchedulerPart(app), ending.give_up),
        ]
        ending.install()
        try:
            for part in parts:
                part.start()
            self.announce(host, port)
            server.run()
        except SystemExit:
            pass
        self.say("Ending: no new requests; finishing what is running ...")
        for part in reversed(parts):
            part.stop()
        clean = [part.join(PATIENCE) for part in parts]
        if ending.failed:
            self.say(f"The {ending.failed} kept failing, so the desk ended. Its log above says why.")
        else:
            self.say(
                "Ended." if all(clean) else "Ended. A job was still running; it will be taken up at the next start."
            )
        sys.stdout.flush()
        sys.stderr.flush()
        # A job that does not end must not hold the process: its row's lease expires and the next start takes it up.
        os._exit(1 if ending.failed or not ending.asked else 0)

    def prepare(self) -> None:
        """Brings the data up to date; each step does nothing where nothing is missing."""
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("database", lambda: call_command("migrate", verbosity=0)),
            ("the guide's defaults", lambda: call_command("seed_guide", stdout=self.stdout)),
        ]
        if settings.DEMO_MODE:
            steps.append(("demo companies", lambda: call_command("demo", stdout=self.stdout)))
        for number, (name, do) in enumerate(steps, start=1):
            started = time.monotonic()
            self.say(f"[{number}/{len(steps)}] {name} ...")
            do()
            self.say(f"[{number}/{len(steps)}] {name}: {time.monotonic() - started:.1f} s")

    def refuse_unmigrated(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date. Run `manage.py migrate` first (`make run` does).")
        connection.close()

    def bind(self, host: str, port: int, threads: int) -> Any:
        try:
            return waitress.create_server(
                get_wsgi_application(),
                host=host,
                port=port,
                threads=threads,
                ident=None,
                max_request_body_size=LARGEST_REQUEST,
                max_request_header_size=65_536,
                channel_timeout=60,
                connection_limit=200,
                asyncore_use_poll=True,
                clear_untrusted_proxy_headers=not settings.TRUSTED_PROXIES,
            )
        except OSError as fault:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({fault.strerror}). Choose another port: make run PORT={port + 1}"
            ) from fault

    def announce(self, host: str, port: int) -> None:
        site = f"http://{host}:{port}"
        self.say("")
        self.say(f"  Portal   {site}/")
        self.say(f"  Console  {site}/admin/")
        self.say(f"  API      {site}/api/v1/docs/")
        self.say(f"  Health   {site}/healthz  {site}/readyz")
        secret = Path(settings.VAR_DIR) / "demo-password"
        if settings.DEMO_MODE and secret.exists():
            self.say("")
            self.say(f"  Demo sign-ins, all with the password {secret.read_text().strip()}")
            for name, role in DEMO_SIGN_INS.items():
                place = "console" if name in CONSOLE_SIGN_INS else "portal"
                self.say(f"    {name + '@demo.example':<28} {place:<8} {role}")
        self.say("")
        self.say("  Ctrl-C ends everything.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
