"""Pytest plugin: drives the Chromium of this machine, and leaves browser tests out, saying so, where there is none."""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "install Chromium (Debian: apt install chromium; elsewhere: .venv/bin/playwright install chromium), "
    "or set CHROMIUM to its path"
)


@cache
def chromium() -> str | None:
    """The browser to drive: the one that CHROMIUM names, one on the PATH, or one that Playwright downloaded."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None) or downloaded()


def downloaded() -> str | None:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return next((str(path) for path in sorted(home.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)


def needs_browser(item: pytest.Item) -> bool:
    return bool({"page", "context", "browser"} & set(getattr(item, "fixturenames", ())))


def pytest_report_header() -> str:
    found = chromium()
    return f"browser: {found}" if found else f"browser: none, so browser tests are left out; to run them, {HOW}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in filter(needs_browser, items):
        item.add_marker("browser")
        if not chromium():
            item.add_marker(pytest.mark.skip(reason=f"no Chromium here; {HOW}"))
        else:
            # Playwright keeps an event loop in the test's thread, and Django would take that for an asynchronous view.
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    sandbox = [] if os.getuid() else ["--no-sandbox"]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": [*sandbox, "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "es-MX", "timezone_id": "America/Mexico_City"}
