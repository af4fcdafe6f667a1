"""What the settings need to work out from the environment. Pure functions, but for the one secret that is made once."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "NORMAL",
    "cache_size": "-65536",
    "mmap_size": "268435456",
    "temp_store": "MEMORY",
}


def own_secret_key(path: Path) -> str:
    """The embedded desk's key, made at the first start and readable by its owner only. Safe when two processes start at once."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def hosts_for(site_url: str) -> list[str]:
    """The hosts a desk at this address answers to; one at a loopback address answers to all its names."""
    host = urlsplit(site_url).hostname
    if not host:
        raise ImproperlyConfigured(
            f"SITE_URL must be a full address such as https://mesa.example.com, not {site_url!r}."
        )
    loopback = ["127.0.0.1", "localhost", "[::1]"]
    return loopback if host in {"127.0.0.1", "localhost", "::1"} else [host]


def database(url: str, var: Path, *, pool_size: int, pool_timeout: int, statement_timeout: int) -> dict[str, Any]:
    """SQLite under `var` with no URL; PostgreSQL behind a pool with one. Timeouts are in seconds, 0 for none."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": var / "db.sqlite3",
            # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing when it must upgrade.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": ";".join(f"PRAGMA {name}={value}" for name, value in PRAGMAS.items()),
            },
            "CONN_MAX_AGE": None,
            # A file, because threads cannot share an in-memory database; its own per process, because test runs may overlap.
            "TEST": {"NAME": var / f"test-{os.getpid()}.sqlite3"},
        }
    config: dict[str, Any] = Env().dj_db_url("DATABASE_URL")
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be postgresql://user:password@host:port/name.")
    options = config.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 3)
    options["options"] = f"-c statement_timeout={statement_timeout}s -c idle_in_transaction_session_timeout=60s"
    options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": pool_timeout}
    return config | {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


def attachment_storage(env: Env, root: Path) -> dict[str, Any]:
    """A private folder; with S3_BUCKET, a private bucket (needs the optional django-storages[s3])."""
    bucket = env.str("S3_BUCKET", "")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": root, "base_url": None},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("S3_ENDPOINT_URL", None),
            "region_name": env.str("S3_REGION", None),
            "access_key": env.str("S3_ACCESS_KEY", None),
            "secret_key": env.str("S3_SECRET_KEY", None),
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }


def smtp(env: Env) -> dict[str, Any]:
    """Django's EMAIL_* settings from EMAIL_URL, such as smtp+tls://user:password@host:587."""
    wanted = (
        "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS", "EMAIL_USE_SSL",
    )  # fmt: skip
    parsed = env.dj_email_url("EMAIL_URL")
    return {name: parsed[name] for name in wanted if name in parsed}
