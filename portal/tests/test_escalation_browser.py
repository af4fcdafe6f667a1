"""The page of an escalation's mail in a real browser, signed in as nobody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from channels import links
from escalation.models import EscalationStep
from escalation.services import raising
from tickets.services import intake, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server, requester, report, agent, matrices) -> str:
    """By the machine's time, which is the server's."""
    ticket = triage.open(intake.receive(report(), by=requester, channel="web"), by=agent)
    step = raising.escalate(ticket, by=requester, reason="Nadie me ha contestado.").steps.get()
    return f"{live_server.url}/escalamiento/{links.escalation_token(step)}/"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_level_acknowledges_and_then_answers(browser, address, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Acusar recibo").click()
    expect(page.get_by_role("heading", name="Ya se acusó recibo")).to_be_visible()
    page.get_by_label("Su respuesta").fill("Lo revisa hoy el equipo de nómina.")
    page.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La respuesta quedó registrada")
    page.reload()
    expect(page.get_by_text("Lo revisa hoy el equipo de nómina.")).to_be_visible()
    context.close()
    step = EscalationStep.objects.get()
    assert (step.acknowledged_by, step.answered_by) == ("Teresa Olvera Luna", "Teresa Olvera Luna")


def test_another_site_is_not_told_the_address(page, address):
    page.goto(address)
    referrers: list[str] = []
    page.route("https://elsewhere.example/**", lambda route: _note(route, referrers))
    page.evaluate("() => { location.href = 'https://elsewhere.example/' }")
    page.wait_for_url("https://elsewhere.example/")
    assert len(referrers) == 1
    assert "escalamiento" not in referrers[0]


def _note(route, referrers):
    referrers.append(route.request.headers.get("referer", ""))
    route.fulfill(body="<p>ok")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_accessibility_faults(page, address, theme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto(address)
    faults = [Axe().run(page).response["violations"]]
    page.get_by_text("Responder ahora").click()
    page.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.get_by_label("Su respuesta")).to_be_focused()
    faults.append(Axe().run(page).response["violations"])
    page.get_by_role("button", name="Acusar recibo").click()
    page.get_by_role("heading", name="Ya se acusó recibo").wait_for()
    faults.append(Axe().run(page).response["violations"])
    page.get_by_label("Su respuesta").fill("Sí.")
    page.get_by_role("button", name="Enviar la respuesta").click()
    page.get_by_role("heading", name="La respuesta quedó registrada").wait_for()
    faults.append(Axe().run(page).response["violations"])
    assert faults == [[], [], [], []]
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
