"""A complaint and a vote in a real browser: with the mouse, the keyboard, without scripts, on a phone and in the dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.services import system_actor
from core import caching
from servicedesk.seeding import escalation
from surveys.models import Voice
from surveys.services import hearing, suggestions, voices
from surveys.services.hearing import Draft
from tickets.models import Ticket
from tickets.services import conversation, intake, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUBJECT, ANSWER = "Nadie contesta el teléfono", "Ya hablamos con el equipo."


@pytest.fixture
def attended(requester, agent, report, guide) -> Ticket:
    """The requester's ticket, on which an agent wrote."""
    escalation.everything(guide)
    caching.forget_all()
    row = triage.open(intake.receive(report(), by=requester, channel="web"), by=agent)
    return conversation.reply(row, by=agent, message="Lo estamos viendo.")


@pytest.fixture
def without_scripts(browser, live_server):
    """`without_scripts(person)`: a page of theirs with JavaScript switched off."""
    contexts = []

    def enter(person) -> Page:
        client = Client()
        client.force_login(person)
        context = browser.new_context(java_script_enabled=False)
        contexts.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()


def draft(kind="complaint", subject=SUBJECT, **changes) -> Draft:
    place = {"direction": "Dirección de Servicio al Cliente", "area": "Service Delivery"}
    return Draft(**{"kind": kind, "subject": subject, "body": "Llamé tres veces el lunes.", **place, **changes})


def answer(row: Voice, text: str = ANSWER) -> None:
    voices.answer(row, by=system_actor(), name="Paola Quintana Ruiz", text=text)


def test_a_complaint_about_a_ticket_from_its_page_to_the_agreement(signed_in, live_server, requester, agent, attended):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/asuntos/{attended.number}/")
    page.get_by_role("link", name="Tengo una queja sobre este ticket").click()
    expect(page.get_by_label("¿Es sobre un ticket?")).to_have_value(attended.number)
    expect(page.get_by_text("Su queja es confidencial")).to_be_visible()

    # What is missing comes back with the focus on it, and the rest as it was.
    page.get_by_label("¿Qué pasó, o qué propone?").fill("Llamé tres veces el lunes.")
    page.get_by_label(agent.full_name).check()
    page.get_by_text("Dirección de Servicio al Cliente", exact=True).click()
    page.get_by_label("Service Delivery").check()
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_label("Asunto")).to_be_focused()
    expect(page.get_by_label(agent.full_name)).to_be_checked()
    expect(page.get_by_label("Service Delivery")).to_be_checked()
    page.get_by_label("Asunto").fill(SUBJECT)
    page.get_by_role("button", name="Enviar").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    row = Voice.objects.get()
    assert (row.ticket, list(row.pointed_at.all()), row.area) == (attended, [agent], "Service Delivery")
    expect(page.locator("[aria-current=step]").first).to_contain_text("Recibida")
    expect(page.get_by_role("region", name="Quién la atiende")).to_contain_text("Paola Quintana Ruiz")

    # The level answers; the customer does not agree, and the next one answers.
    answer(row)
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="Leer la respuesta").click()
    card = page.get_by_role("region", name="¿Está de acuerdo con la respuesta?")
    expect(card).to_contain_text(ANSWER)
    card.get_by_text("No estoy conforme").click()
    card.get_by_label("¿Qué falta o con qué no está conforme?").fill("Sigue igual.")
    card.get_by_role("button", name="Pedir que se revise").click()
    expect(page.get_by_role("region", name="Quién la atiende").locator("[aria-current=step]")).to_contain_text(
        "Marta Quiroga Vela"
    )
    expect(page.locator(".sd-timeline")).to_contain_text("Sigue igual.")
    answer(row, "Habrá dos líneas más.")
    page.reload()
    page.get_by_role("button", name="Estoy de acuerdo").click()
    expect(page.locator(".sd-head")).to_contain_text("Cerrada")
    row.refresh_from_db()
    assert (row.state, row.ending, row.appeals) == ("closed", "agreed", 1)


def test_the_form_follows_the_ticket_and_the_kind(signed_in, live_server, requester, agent, attended):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/quejas/nueva/")
    expect(page.get_by_label(agent.full_name)).to_have_count(0)
    page.get_by_label("Una queja").check()
    page.get_by_label("¿Es sobre un ticket?").select_option(attended.number)
    page.get_by_label(agent.full_name).check()
    page.get_by_label("Una sugerencia").check()
    expect(page.get_by_text("La leen y la votan los usuarios de su compañía", exact=True)).to_be_visible()
    expect(page.get_by_label(agent.full_name)).to_have_count(0)


def test_what_was_typed_waits_for_its_return(signed_in, live_server, requester, attended):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/quejas/nueva/")
    page.get_by_label("Asunto").fill(SUBJECT)
    expect(page.locator("[data-draft-note]")).to_contain_text("Borrador guardado")
    page.goto(f"{live_server.url}/")
    page.goto(f"{live_server.url}/quejas/nueva/")
    expect(page.get_by_label("Asunto")).to_have_value(SUBJECT)


def test_no_script_is_needed(without_scripts, live_server, requester, agent, attended):
    page = without_scripts(requester)
    page.goto(f"{live_server.url}/quejas/nueva/")
    page.get_by_label("Una queja").check()
    page.get_by_label("Asunto").fill(SUBJECT)
    page.get_by_label("¿Qué pasó, o qué propone?").fill("Llamé tres veces el lunes.")
    page.get_by_label("¿Es sobre un ticket?").select_option(attended.number)
    page.get_by_role("button", name="Ver quiénes escribieron en el ticket").click()
    page.get_by_label(agent.full_name).check()
    expect(page.get_by_label("Asunto")).to_have_value(SUBJECT)
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    row = Voice.objects.get()
    assert list(row.pointed_at.all()) == [agent]
    page.get_by_role("textbox", name="Comentario").fill("También el martes.")
    page.get_by_role("button", name="Enviar comentario").click()
    expect(page.locator(".sd-timeline")).to_contain_text("También el martes.")
    answer(row)
    page.reload()
    page.get_by_role("button", name="Estoy de acuerdo").click()
    expect(page.locator(".sd-head")).to_contain_text("Cerrada")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_vote_and_back(signed_in, without_scripts, live_server, requester, colleague, attended, scripts):
    row = hearing.receive(draft("suggestion", "Avisar por mensaje"), by=requester, channel="web")
    page = signed_in(colleague) if scripts else without_scripts(colleague)
    page.goto(f"{live_server.url}/sugerencias/")
    vote = page.get_by_role("button", name=re.compile("^Votar"))
    back = page.get_by_role("button", name=re.compile("^Quitar mi voto"))
    votes = page.locator(f"#votos-{row.number}")
    vote.focus()
    page.keyboard.press("Enter")
    expect(votes).to_contain_text("1 voto")
    if scripts:
        expect(back).to_be_focused()
    back.click()
    expect(votes).to_contain_text("0 votos")
    expect(vote).to_be_visible()
    row.refresh_from_db()
    assert (row.votes_count, row.votes.count()) == (0, 0)


@pytest.fixture
def furnished(requester, representative, supervisor, attended) -> dict[str, str]:
    """Complaints and suggestions at every step; the addresses to look at."""
    rows = [
        hearing.receive(draft(subject=f"{SUBJECT}, vez {n}", ticket=attended), by=requester, channel="web")
        for n in range(18)
    ]
    answer(rows[0])
    answer(rows[1])
    voices.appeal(rows[1], by=requester, reason="Sigue igual.")
    answer(rows[2])
    voices.agree(rows[2], by=requester)
    ideas = [
        hearing.receive(draft("suggestion", f"Idea {n}", body="Más tableros. " * 40), by=requester, channel="web")
        for n in range(2)
    ]
    suggestions.share(ideas[0], by=supervisor, subject="Tableros", body="Más tableros.")
    suggestions.vote(ideas[0], by=representative)
    voices.answer(ideas[1], by=system_actor(), text="Lo haremos.", decision="accepted")
    return {
        "lista": "/quejas/",
        "sugerencias": "/quejas/?vista=sugerencias",
        "ideas": "/sugerencias/",
        "decididas": "/sugerencias/?orden=decididas",
        "nueva": f"/quejas/nueva/?ticket={attended.number}",
        "recibida": f"/quejas/{rows[3].number}/",
        "respondida": f"/quejas/{rows[0].number}/",
        "apelada": f"/quejas/{rows[1].number}/",
        "cerrada": f"/quejas/{rows[2].number}/",
        "compartida": f"/quejas/{ideas[0].number}/",
        "inicio": "/",
        "contacto": "/contacto/?lista=quejas",
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_have_no_accessibility_faults(signed_in, live_server, representative, furnished, theme, width):
    page = signed_in(representative)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    faults = {}
    for name, address in furnished.items():
        page.goto(f"{live_server.url}{address}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        found = Axe().run(page).response["violations"]
        if found:
            faults[name] = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults[f"{name}: overflows"] = []
    page.goto(f"{live_server.url}/quejas/nueva/")
    page.get_by_role("button", name="Enviar").click()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert faults == {}
