"""The settings as a new process reads them: what is made once, and what is refused."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from servicedesk import bootstrap

READ = """
import json, sys
from django.conf import settings
names = sys.argv[1:]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def read(tmp_path: Path, *names: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = clean | {"DJANGO_SETTINGS_MODULE": "servicedesk.settings", "VAR_DIR": str(tmp_path)} | env
    return subprocess.run(
        [sys.executable, "-c", READ, *names],
        env=environment,
        cwd=project.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


PRODUCTION = {
    "DATABASE_URL": "postgresql://desk:p%40ss@db.internal:5433/desk",
    "REDIS_URL": "redis://cache.internal/1",
    "SECRET_KEY": "s" * 60,
    "SITE_URL": "https://mesa.example.com/",
    "HTTPS": "true",
}


def test_nothing_set_is_the_embedded_desk_with_a_key_of_its_own(tmp_path) -> None:
    first, second = (json.loads(read(tmp_path, "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS").stdout) for _ in range(2))
    assert first == second
    assert len(first["SECRET_KEY"]) >= 64
    assert first["DEBUG"] is False
    assert first["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_production_reads_everything_from_the_environment(tmp_path) -> None:
    names = (
        "DATABASES",
        "CELERY_BROKER_URL",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "SESSION_COOKIE_SECURE",
        "DEMO_MODE",
    )
    found = json.loads(read(tmp_path, *names, **PRODUCTION).stdout)
    database = found.pop("DATABASES")["default"]
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("db.internal", 5433, "p@ss")
    assert found == {
        "CELERY_BROKER_URL": "redis://cache.internal/1",
        "ALLOWED_HOSTS": ["mesa.example.com"],
        "CSRF_TRUSTED_ORIGINS": ["https://mesa.example.com"],
        "SESSION_COOKIE_SECURE": True,
        "DEMO_MODE": False,
    }
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"SECRET_KEY": ""}, "set SECRET_KEY too"),
        ({"DATABASE_URL": "mysql://desk@db/desk"}, "DATABASE_URL must be postgresql://"),
        ({"SITE_URL": "mesa.example.com"}, "SITE_URL must be a full address"),
        ({"WORKER_CONCURRENCY": "0"}, "WORKER_CONCURRENCY"),
        ({"HTTPS": "maybe"}, "HTTPS"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be console or json"),
    ],
)
def test_what_is_wrong_stops_the_start_and_is_named(tmp_path, wrong: dict[str, str], reason: str) -> None:
    run = read(tmp_path, "DEBUG", **PRODUCTION | wrong)
    assert run.returncode == 1
    assert reason in run.stderr


def test_starting_twice_at_once_makes_one_key(tmp_path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: bootstrap.own_secret_key(tmp_path / "secret_key"), range(32)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_address_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        bootstrap.hosts_for("")


@pytest.mark.django_db
def test_sqlite_writes_ahead_and_waits_its_turn() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            values = {
                name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert values == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == ("1min",)
