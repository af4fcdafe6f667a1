"""What the portal's tests share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from core import caching
from servicedesk.seeding import escalation


@pytest.fixture
def matrices(guide):
    """The guide's matrices in force, and the standard rules."""
    escalation.everything(guide)
    caching.forget_all()


ABANDONED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says when the page is left while it still asks for something. A request that fails is complained of as
«htmx:responseError» or «htmx:sendError» besides."""


@pytest.fixture
def signed_in(page: Page, live_server: Any) -> Iterator[Callable[[User], Page]]:
    """`signed_in(person)`: the browser with that person's session. Whatever the console complains of fails the test, but refused forms."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def enter(person: User) -> Page:
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    yield enter
    assert [text for text in complaints if "status of 422" not in text and not text.startswith(ABANDONED)] == []
