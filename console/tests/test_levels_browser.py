"""The board and the what-if page in a real browser: accessible in both themes, usable by keyboard, and within a telephone."""

from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page, ViewportSize, expect

from console.tests.test_browser import complaints, sign_in  # noqa: F401  (fixtures)
from core import clock
from sla.services.sweep import batch
from tickets.services import intake, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
BOARD, WHAT_IF = "/admin/niveles/", "/admin/niveles/simulador/"
CASE = "?kind=incident&service_line=functional&priority=high&created_at=2026-03-13T18:30&pause-0-start=2026-03-17T10:00&tries=on"


@pytest.fixture
def busy(requester, agent, desk_group, report):
    """Late ones, one in time, and one that was answered."""
    cache.clear()
    now = clock.now()
    for days in (5, 4, 0):
        with clock.at(now - timedelta(days=days)):
            row = intake.receive(report(), by=requester, channel="web")
            if days == 4:
                triage.assign(row, by=agent, group=desk_group)
    batch(now)


def broken(page: Page) -> list[object]:
    """What axe finds wrong in our part of the page: the frame around it is the theme's."""
    page.evaluate("document.querySelectorAll('main.sd details').forEach((one) => { one.open = true })")
    found = Axe().run(page, context="main.sd", options=RULES).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_pages_keep_the_floor_of_accessibility(
    page: Page,
    live_server,
    sign_in,  # noqa: F811
    complaints,  # noqa: F811
    supervisor,
    busy,
    theme: Literal["light", "dark"],
    width: str,
):
    page.set_viewport_size(WIDTHS[width])
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(supervisor)
    for address in (BOARD, WHAT_IF, WHAT_IF + CASE, WHAT_IF + "?kind=incident&company=nadie&created_at=ayer"):
        page.goto(live_server.url + address)
        assert broken(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width]["width"], address


def test_a_number_of_the_board_opens_its_queue(page: Page, live_server, sign_in, complaints, supervisor, busy):  # noqa: F811
    sign_in(supervisor)
    page.goto(live_server.url + BOARD)
    page.locator("a.sd-stat", has_text="Vencidos").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("link", name="Plazo: Vencido")).to_be_visible()


def test_a_case_is_asked_by_keyboard_alone(page: Page, live_server, sign_in, complaints, agent, contract):  # noqa: F811
    sign_in(agent)
    page.goto(live_server.url + WHAT_IF)
    page.get_by_label("Contrato").focus()
    page.keyboard.type("MN-001")
    page.get_by_label("Levantado").fill("2026-03-13T18:30")
    page.get_by_label("Contrato").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Contrato MN-001")).to_be_visible()
    expect(page.locator("#resultado")).to_contain_text("martes 17 de marzo")
    assert "pause" not in page.url
    page.go_back()
    page.go_forward()
    expect(page.get_by_label("Contrato", exact=True)).to_have_value("MN-001")
