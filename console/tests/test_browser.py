"""A ticket through the desk's hands in a real browser: the agent opens and assigns it, the consultant starts, asks and solves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from tickets.models import Ticket
from tickets.services import conversation, triage
from tickets.vocabulary import State

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sign_in(page: Page, live_server, client: Client):
    """`sign_in(person)`: the browser bears their session."""

    def enter(person: User) -> None:
        fresh = Client()
        fresh.force_login(person)
        page.context.clear_cookies()
        cookie = fresh.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return enter


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console says is wrong: refused scripts and styles among them."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda request: (
            said.append(request.url) if "127.0.0.1" not in request.url and "localhost" not in request.url else None
        ),
    )
    yield said
    assert [
        text
        for text in said
        if not text.startswith(("data:", "Failed to load resource: the server responded with a status of 4"))
    ] == []


def state_of(ticket: Ticket) -> str:
    return str(Ticket.objects.get(pk=ticket.pk).state)


def test_an_agent_and_a_consultant_take_a_ticket_to_its_solution(
    page: Page, live_server, sign_in, complaints, agent, consultant, desk_group, requester, report
):
    from tickets.services import intake

    ticket = intake.receive(report(), by=requester, channel="web")
    sign_in(agent)
    page.goto(f"{live_server.url}/admin/tickets/ticket/?cola=nuevos")
    page.keyboard.press("j")
    expect(page.locator("tr[data-cursor]")).to_contain_text(ticket.number)
    page.keyboard.press("x")
    expect(page.locator(".sd-bulk")).to_be_visible()
    expect(page.locator("[data-chosen]")).to_have_text("1 elegido")
    page.get_by_role("button", name="Abrir y avisar").click()
    expect(page.get_by_text("Resultado de la selección")).to_be_visible()
    assert state_of(ticket) == State.OPEN

    page.goto(f"{live_server.url}/admin/tickets/ticket/?cola=grupo")
    page.get_by_role("link", name=ticket.title).click()
    page.get_by_role("link", name="Asignar", exact=True).click()
    page.get_by_label("Grupo resolutor").select_option(label="Nómina, nivel 2")
    page.locator("#acto").get_by_role("button", name="Asignar").click()
    expect(page.locator(".sd-state").first).to_have_attribute("data-state", "assigned")
    assert state_of(ticket) == State.ASSIGNED

    sign_in(consultant)
    page.goto(f"{live_server.url}/admin/tickets/ticket/{ticket.number}/change/")
    page.get_by_role("link", name="Iniciar").click()
    page.get_by_label("Mensaje al usuario").fill("Lo reviso hoy mismo.")
    page.locator("#acto").get_by_role("button", name="Enviar e iniciar").click()
    expect(page.get_by_text("Falta «Solución prometida»")).to_be_visible()
    expect(page.get_by_label("Mensaje al usuario")).to_have_value("Lo reviso hoy mismo.")
    page.locator("#acto-committed_for").fill("2027-12-31T18:30")
    page.locator("#acto").get_by_role("button", name="Enviar e iniciar").click()
    expect(page.locator(".sd-state").first).to_have_attribute("data-state", "in_progress")
    page.get_by_role("link", name="Esperar al usuario").click()
    page.get_by_label("Qué necesita del usuario").fill("¿Me envía el XML?")
    page.locator("#acto").get_by_role("button", name="Preguntar y esperar").click()
    expect(page.locator(".sd-state").first).to_have_attribute("data-state", "pending_user")

    conversation.reply(ticket, by=requester, message="Va adjunto.")
    page.reload()
    page.get_by_role("link", name="Solucionar").click()
    page.get_by_label("Tipo de solución").select_option("definitive")
    page.get_by_label("Solución", exact=True).fill("Se corrigió el régimen fiscal; vuelva a timbrar.")
    page.locator("#acto").get_by_role("button", name="Enviar la solución").click()
    expect(page.locator(".sd-state").first).to_have_attribute("data-state", "solved")
    assert state_of(ticket) == State.SOLVED


def test_the_composer_looks_internal_before_a_note_is_written(
    page: Page, live_server, sign_in, complaints, agent, ticket
):
    sign_in(agent)
    page.goto(f"{live_server.url}/admin/tickets/ticket/{ticket.number}/change/")
    composer = page.locator("#mensaje form")
    expect(composer).to_have_attribute("data-mode", "public")
    composer.get_by_text("Nota interna").click()
    expect(composer).to_have_attribute("data-mode", "note")
    composer.get_by_label("Mensaje").fill("Posible certificado vencido.")
    composer.get_by_role("button", name="Guardar la nota interna").click()
    expect(page.locator('[data-kind="note"]')).to_contain_text("Posible certificado vencido.")


def test_the_queue_and_the_ticket_fit_a_telephone(page: Page, live_server, sign_in, complaints, agent, ticket):
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(agent)
    for address in (
        "/admin/tickets/ticket/",
        f"/admin/tickets/ticket/{ticket.number}/change/",
        "/admin/tickets/ticket/add/",
    ):
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_promised_date_is_changed_by_keyboard_with_its_reason(
    page: Page, live_server, sign_in, complaints, agent, ticket
):
    triage.open(ticket, by=agent, at=ticket.created_at)
    given = ticket.created_at + timedelta(hours=5)
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=given, at=ticket.created_at)
    sign_in(agent)
    page.goto(f"{live_server.url}/admin/tickets/ticket/{ticket.number}/change/")
    date, reason = page.get_by_label("Nueva fecha de solución"), page.get_by_label("Motivo del cambio")
    expect(reason).to_be_hidden()
    page.get_by_text("Nota interna").click()
    expect(page.get_by_text("Cambiar la fecha prometida")).to_be_hidden()
    page.get_by_role("link", name="Cambiar la fecha").press("Enter")
    expect(date).to_be_focused()
    page.get_by_label("Escribir en el ticket").get_by_role("textbox", name="Mensaje").fill("Tarda un poco más.")
    date.fill("2027-12-31T18:30")
    page.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.get_by_text("Escriba por qué cambia la fecha prometida")).to_be_visible()
    expect(reason).to_be_focused()
    expect(date).to_have_value("2027-12-31T18:30")
    reason.fill("Falta la pieza.")
    page.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.get_by_text("Fechas anteriores (1)")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).commitments.count() == 2
