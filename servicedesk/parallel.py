"""Pytest plugin, loaded before the settings: gives each parallel test process a Redis database of its own.

The databases of PostgreSQL and SQLite are told apart by pytest-django; Redis would be shared, and tests empty it.
"""

import os
from urllib.parse import urlsplit, urlunsplit

DATABASES = 16


def own_redis(url: str, worker: str) -> str:
    """`url` for the worker «gw0», «gw1»…: the same server, another database."""
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw")) + 1
    return urlunsplit(parts._replace(path=f"/{number % DATABASES}"))


if os.environ.get("REDIS_URL") and os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["REDIS_URL"] = own_redis(os.environ["REDIS_URL"], os.environ["PYTEST_XDIST_WORKER"])
