import os
import subprocess
import sys

import pytest

from servicedesk.celery import app
from servicedesk.schedule import SCHEDULE
from servicedesk.settings import BASE_DIR


@pytest.mark.parametrize("name", SCHEDULE)
def test_every_periodic_job_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert SCHEDULE[name]["task"] in app.tasks


@pytest.mark.parametrize("name", SCHEDULE)
def test_a_run_that_nobody_took_is_dropped_when_the_next_is_due(name: str) -> None:
    assert SCHEDULE[name]["options"]["expires"] == SCHEDULE[name]["schedule"]


def test_tasks_are_late_acknowledged_json_and_shorter_than_the_visibility_timeout(settings) -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost, app.conf.worker_prefetch_multiplier) == (
        True,
        True,
        1,
    )
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < 300


WAKE = """
import time
import django
django.setup()
from core.tasks import request
started = time.monotonic()
try:
    request("core.run_deliveries")
except Exception as fault:
    print(type(fault).__name__, time.monotonic() - started < 1)
"""


def test_waking_a_worker_fails_at_once_while_redis_is_away(tmp_path) -> None:
    env = {
        "DJANGO_SETTINGS_MODULE": "servicedesk.settings",
        "VAR_DIR": str(tmp_path),
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    env |= {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.run(
        [sys.executable, "-c", WAKE], env=env, cwd=BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert run.stdout == "ConnectionError True\n", run.stderr
