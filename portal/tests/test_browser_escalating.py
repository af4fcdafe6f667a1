"""Going up the matrix in a real browser: with the mouse, the keyboard, without scripts, on a phone and in the dark."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from core import caching, clock
from escalation.models import Contact, EscalationStep, Level, Matrix
from escalation.services import answering, raising
from servicedesk.seeding import escalation
from tickets.models import Ticket
from tickets.services import conversation, intake, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "Nadie me ha contestado desde el lunes."


@pytest.fixture
def opened(requester, agent, supervisor, report, guide) -> Ticket:
    escalation.everything(guide)
    caching.forget_all()
    return triage.open(intake.receive(report(), by=requester, channel="web"), by=agent)


def card(page: Page):
    return page.get_by_role("region", name="Escalamiento", exact=True)


def test_a_customer_goes_up_until_somebody_answers_and_on(
    signed_in, live_server, requester, supervisor, manager, opened
):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/asuntos/{opened.number}/")
    box = card(page)
    expect(box.get_by_role("listitem").filter(has_text="Nivel actual")).to_contain_text("Mesa de Servicio")
    box.get_by_text("Escalar al nivel 2", exact=True).click()
    expect(box).to_contain_text("Al escalar avisamos a Teresa Olvera Luna (Supervisor de Mesa de Servicio).")
    expect(box).to_contain_text(re.compile("Debe acusar recibo antes de.+ y responderle antes de"))

    # Without a reason it comes back open, with the focus on what is missing.
    box.get_by_role("button", name="Escalar y avisar").click()
    reason = card(page).get_by_label("¿Qué no ha sido adecuado?")
    expect(reason).to_be_focused()
    expect(card(page)).to_contain_text("Escriba qué no ha sido adecuado.")
    reason.fill(WHY)
    card(page).get_by_role("button", name="Escalar y avisar").dblclick()
    expect(page.locator(".sd-toast")).to_contain_text("Avisamos a Teresa Olvera Luna (Supervisor de Mesa de Servicio).")
    expect(card(page).locator("[aria-current=step]")).to_contain_text("Debe responder antes")
    expect(card(page)).to_contain_text("Podrá escalar al nivel siguiente cuando responda")
    step = EscalationStep.objects.get()
    assert (step.level, step.reason, step.by) == (2, WHY, requester)

    # The supervisor takes it on and answers; the customer reads it, and may go further.
    answering.acknowledge(step, by=supervisor)
    page.reload()
    expect(card(page).locator("[aria-current=step]")).to_contain_text("Acusó recibo")
    answering.answer(step, by=supervisor, text="Lo atiende otra persona desde hoy.")
    page.reload()
    expect(card(page).locator("[aria-current=step]")).to_contain_text("Lo atiende otra persona desde hoy.")
    expect(page.locator(".sd-timeline")).to_contain_text("Lo atiende otra persona desde hoy.")
    card(page).get_by_text("Escalar al nivel 3", exact=True).click()
    card(page).get_by_label("¿Qué no ha sido adecuado?").fill("Sigue igual.")
    card(page).get_by_role("button", name="Escalar y avisar").click()
    expect(card(page).locator("[aria-current=step]")).to_contain_text("Julio Bernal Ortiz")
    page.goto(f"{live_server.url}/asuntos/")
    expect(page.get_by_role("row").filter(has_text=opened.number)).to_contain_text("Escalado, nivel 3")
    assert [row.level for row in EscalationStep.objects.order_by("number")] == [2, 3]


def test_the_keyboard_alone_is_enough(signed_in, live_server, requester, opened):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/asuntos/{opened.number}/")
    card(page).locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(WHY)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".sd-toast")).to_contain_text("Avisamos a Teresa Olvera Luna")
    assert EscalationStep.objects.get().reason == WHY


def test_no_script_is_needed(browser, live_server, requester, opened):
    client = Client()
    client.force_login(requester)
    context = browser.new_context(java_script_enabled=False)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/asuntos/{opened.number}/")
    card(page).get_by_text("Escalar al nivel 2", exact=True).click()
    card(page).get_by_role("button", name="Escalar y avisar").click()
    card(page).get_by_label("¿Qué no ha sido adecuado?").fill(WHY)
    card(page).get_by_role("button", name="Escalar y avisar").click()
    expect(card(page).locator("[aria-current=step]")).to_contain_text("Teresa Olvera Luna")
    context.close()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_the_ladder_has_no_accessibility_faults(
    signed_in, live_server, requester, representative, supervisor, opened, contract, service, agent, width, theme
):
    now = clock.now()
    Ticket.objects.update(service=service)
    matrix = Matrix.objects.create(
        kind="technical",
        contract=contract,
        service=service,
        version=1,
        valid_from=now - timedelta(days=1),
        published_at=now,
    )
    contact = Contact.objects.create(name="Rosa Meza", email="rosa@mesa.example")
    Level.objects.create(matrix=matrix, level=1, role="Consultor Senior", contact=contact)
    caching.forget_all()
    with clock.at(now - timedelta(days=9)):
        step = raising.escalate(opened, by=requester, reason=WHY).steps.get()
        answering.acknowledge(step, by=supervisor)
    with clock.at(now):
        answering.answer(step, by=supervisor, text="Lo atiende otra persona.")
        conversation.reply(opened, by=agent, message="Es el certificado.")
    page = signed_in(representative)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{live_server.url}/asuntos/{opened.number}/")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    expect(page.get_by_role("region", name="Fallas técnicas")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
