"""The yearly question in a real browser: by thumb on a small telephone, by keyboard, without scripts, in both themes."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import clock
from core.tasks import run_deliveries
from improvements import days
from surveys import tokens
from surveys.models import NpsInvitation
from surveys.services import campaigns, nps_sweep
from surveys.tests.nps_cast import draft, of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUESTION = "¿Cuán probable es que recomiende el producto o servicio de MásNegocio?"


@pytest.fixture
def address(live_server, supervisor, requester) -> str:
    """The link of a mail that left just now, by the true clock: the server has no other."""
    now = clock.now()
    with clock.at(now - timedelta(days=1)):
        today = days.of(clock.now())
        given = draft(year=today.year, opens_on=today, closes_on=today + timedelta(days=20))
        campaigns.start(campaigns.draft(given, by=supervisor), by=supervisor)
    NpsInvitation.objects.update(state="invited", invited_at=now - timedelta(hours=20), next_at=None)
    nps_sweep.mails(now)
    run_deliveries()
    return f"{live_server.url}/nps/{tokens.nps_token(of(requester, today.year))}/"


def answered() -> tuple[int | None, str]:
    row = NpsInvitation.objects.get()
    return row.score, row.why


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 360])
def test_the_pages_can_be_used_by_everybody(page: Page, address, scheme, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for path in (f"{address}?v=7", address):
        page.goto(path)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [box.bounding_box() for box in page.locator(".sd-scale label").all()]
    assert len(boxes) == 11
    assert all(box and box["width"] >= 40 and box["height"] >= 44 for box in boxes)
    page.get_by_role("radio", name="3", exact=True).check(force=True)
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gracias por decírnoslo")
    assert Axe().run(page).response["violations"] == []
    assert answered() == (3, "")


def test_a_mails_grade_is_marked_sent_changed_and_kept(page: Page, address):
    page.goto(f"{address}?v=9")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(page.get_by_role("radio", name="9", exact=True)).to_be_checked()
    assert answered() == (None, "")
    page.get_by_label("¿Por qué?").fill("Responden rápido.")
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gracias por recomendarnos")
    page.reload()
    expect(page.get_by_text("Responden rápido.")).to_be_visible()
    page.get_by_role("link", name="Cambiar mi respuesta").click()
    expect(page.get_by_role("radio", name="9", exact=True)).to_be_checked()
    page.locator(".sd-scale label", has_text="10").click()
    page.get_by_role("button", name="Guardar el cambio").click()
    expect(page.get_by_text("10 de 10")).to_be_visible()
    assert answered() == (10, "Responden rápido.")


def test_the_keyboard_alone_is_enough(page: Page, address):
    page.goto(address)
    first = page.get_by_role("radio", name="0", exact=True)
    first.focus()
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="8", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("¿Por qué?")).to_be_focused()
    page.keyboard.type("Bien, en general.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gracias por su respuesta")
    assert answered() == (8, "Bien, en general.")


def test_without_scripts_and_without_a_grade_it_says_what_is_missing(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_label("¿Por qué?").fill("Se me olvidó el número")
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(page.get_by_text("Elija una calificación de 0 a 10.")).to_be_visible()
    expect(page.get_by_label("¿Por qué?")).to_have_value("Se me olvidó el número")
    context.close()
