"""A complaint by telephone in a real browser: written down from its ticket, taken up, commented, and answered."""

import pytest
from playwright.sync_api import Page, expect

from console.tests.test_browser import complaints, sign_in
from surveys.models import Voice

__all__ = ["complaints", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_complaint_goes_from_the_call_to_its_answer(
    page: Page, live_server, sign_in, complaints, supervisor, agent, consultant, ticket, matrices
):
    sign_in(supervisor)
    page.goto(f"{live_server.url}/admin/tickets/ticket/{ticket.number}/change/")
    page.get_by_role("link", name="Registrar una queja sobre este ticket").click()
    expect(page.locator("#alta-ticket")).to_have_value(ticket.number)
    page.get_by_label("Dirección y área").select_option(label="Mesa de Servicio")
    page.locator("#alta-subject").fill("Nadie contesta")
    page.get_by_label("Qué pasó o qué propone").fill("Llamé tres veces.")
    page.get_by_text("Elegir personas").click()
    page.get_by_label(consultant.full_name).check()
    page.get_by_role("button", name="Registrar", exact=True).click()
    voice = Voice.objects.get()
    expect(page.get_by_text(f"quedó registrada con el número {voice.number}")).to_be_visible()
    assert list(voice.pointed_at.all()) == [consultant]

    sign_in(agent)
    page.goto(f"{live_server.url}/admin/surveys/voice/?cola=por-acusar")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nadie contesta")).to_be_visible()
    page.get_by_role("link", name="Acusar recibo").click()
    page.locator("#acto").get_by_role("button", name="Acusar recibo").click()
    expect(page.get_by_text("Con acuse de recibo").first).to_be_visible()
    composer = page.locator("#mensaje")
    composer.get_by_text("Comentario al cliente").click()
    expect(composer.get_by_role("button", name="Enviar el comentario")).to_be_visible()
    composer.locator("textarea").fill("La estamos revisando.")
    composer.get_by_role("button", name="Enviar el comentario").click()
    expect(page.get_by_text("El comentario salió al cliente.")).to_be_visible()
    page.get_by_role("link", name="Responder", exact=True).click()
    page.get_by_label("Respuesta al cliente").fill("Ya contestamos todas las llamadas.")
    page.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.get_by_text("Respondida", exact=True).first).to_be_visible()
    assert Voice.objects.get().state == "answered"
