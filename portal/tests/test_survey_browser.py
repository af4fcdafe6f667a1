"""From the survey's mail to its page, its answer and its change, in a real browser, signed in as nobody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from channels.models import OutboundMessage
from core import clock
from servicedesk.seeding import surveys
from surveys.models import Survey, SurveyLimits
from surveys.tests.asking import closed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mail(live_server, settings, report, requester, agent, consultant, guide) -> OutboundMessage:
    """By the machine's time, which is the server's."""
    settings.SITE_URL = live_server.url
    surveys.everything()
    SurveyLimits.objects.update(days_between=0)
    closed(report, requester, agent, consultant)
    return OutboundMessage.objects.get(kind="survey_invited")


def address_of(mail: OutboundMessage) -> str:
    return next(line for line in mail.text.splitlines() if "/encuesta/" in line).partition("?")[0]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_click_in_the_mail_an_answer_and_a_change(browser, mail, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.set_content(mail.html)
    page.get_by_role("link", name="2 Mal").click()
    expect(page.get_by_role("radio", name="2 Mal").first).to_be_checked()
    assert Survey.objects.get().state == "invited"
    page.get_by_role("radio", name="No").check()
    page.get_by_label("¿Algo más que quiera decirnos?").fill("Tardaron dos días.")
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gracias por su respuesta")
    expect(page.get_by_text("2 de 5: mal")).to_be_visible()
    page.get_by_role("link", name="Cambiar mi respuesta").click()
    expect(page.get_by_label("¿Algo más que quiera decirnos?")).to_have_value("Tardaron dos días.")
    page.get_by_role("radio", name="4 Bien").first.check(force=True)
    page.get_by_role("button", name="Guardar el cambio").click()
    expect(page.get_by_text("4 de 5: bien")).to_be_visible()
    context.close()
    survey = Survey.objects.get()
    assert (survey.score, survey.comment, survey.answers.count()) == (4, "Tardaron dos días.", 2)


def test_it_is_answered_with_the_keyboard(page, mail):
    page.goto(address_of(mail))
    page.get_by_role("radio", name="1 Muy mal").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="3 Regular").first).to_be_checked()
    page.get_by_role("button", name="Enviar mi respuesta").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 de 5: regular")).to_be_visible()


def test_another_site_is_not_told_the_address(page, mail):
    page.goto(address_of(mail))
    referrers: list[str] = []

    def note(route):
        referrers.append(route.request.headers.get("referer", ""))
        route.fulfill(body="<p>ok")

    page.route("https://elsewhere.example/**", note)
    page.evaluate("() => { location.href = 'https://elsewhere.example/' }")
    page.wait_for_url("https://elsewhere.example/")
    assert len(referrers) == 1
    assert "encuesta" not in referrers[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_have_no_accessibility_faults(page: Page, mail, theme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    address = address_of(mail)
    faults = []

    def look() -> None:
        faults.append([(one["id"], one["nodes"][0]["html"][:120]) for one in Axe().run(page).response["violations"]])
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    page.goto(f"{address}?v=4")
    look()
    page.goto(address)
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(page.get_by_text("Elija una calificación.")).to_be_visible()
    look()
    page.get_by_role("radio", name="5 Muy bien").first.check(force=True)
    page.get_by_role("button", name="Enviar mi respuesta").click()
    page.get_by_role("heading", name="Gracias por su respuesta").wait_for()
    look()
    Survey.objects.update(expires_at=clock.now())
    page.goto(address)
    page.get_by_role("heading", name="Ya tenemos su respuesta").wait_for()
    look()
    assert faults == [[], [], [], []]
