"""The portal in a real browser: raising a ticket with a pasted screenshot, and the accessibility of the main pages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from servicedesk.seeding import catalog, escalation, standard
from tickets.models import Attachment, CatalogItem, Ticket
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """() => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array([137, 80, 78, 71])], "image.png", {type: "image/png"}));
  const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.querySelector("[name=description]").dispatchEvent(paste);
}"""


def test_a_ticket_is_raised_with_a_pasted_screenshot(signed_in, live_server, requester, environment):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/levantar/")
    page.get_by_label("Algo no funciona").check()
    page.get_by_label("Mi aplicación").check()
    page.get_by_label("¿En qué servicio?").select_option(label=str(environment))
    page.get_by_label("Título").fill("La nómina no se timbra")
    page.get_by_label("¿Qué pasa?").fill("Marca CFDI33118.")
    page.evaluate(PASTE)
    expect(page.locator(".sd-files")).to_contain_text("captura-")
    page.get_by_label("A un departamento").check()
    page.get_by_label("Con dificultades").check()
    expect(page.locator("#promesa")).to_contain_text("Prioridad alta")
    # What the page still asks for would be abandoned by the click, and complained of.
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Levantar ticket").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("La nómina no se timbra")
    row = Ticket.objects.get()
    assert page.url == f"{live_server.url}/asuntos/{row.number}/"
    assert Attachment.objects.get().name.startswith("captura-")
    expect(page.locator(".sd-timeline")).to_contain_text("captura-")


def test_a_similar_ticket_appears_while_the_title_is_typed(signed_in, live_server, requester, ticket):
    page = signed_in(requester)
    page.goto(f"{live_server.url}/levantar/")
    page.get_by_label("Título").press_sequentially("No se timbra la nómina", delay=5)
    expect(page.locator("#parecidos")).to_contain_text(ticket.number)


def test_a_solution_is_refused_with_its_reason(signed_in, live_server, requester, agent, ticket):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    page = signed_in(requester)
    page.goto(f"{live_server.url}/asuntos/{ticket.number}/")
    page.get_by_text("No, sigue fallando").click()
    page.get_by_label("¿Qué sigue fallando?").fill("Sigue igual.")
    page.get_by_role("button", name="Rechazar la solución").click()
    expect(page.locator(".sd-head")).to_contain_text("Asignado")


def test_everything_can_be_done_without_scripts(browser, live_server, requester, agent, ticket):
    client = Client()
    client.force_login(requester)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/levantar/")
    page.get_by_label("Algo no funciona").check()
    page.get_by_label("Mi aplicación").check()
    page.get_by_label("A una persona").check()
    page.get_by_label("Puede esperar").check()
    page.get_by_role("button", name="Calcular").click()
    expect(page.locator("#promesa")).to_contain_text("Prioridad baja")
    page.goto(f"{live_server.url}/asuntos/{ticket.number}/")
    page.get_by_role("button", name="Cancelar el ticket").first.click()
    page.get_by_label("¿Por qué lo cancela?").fill("Ya se arregló.")
    page.get_by_role("button", name="Cancelar el ticket").last.click()
    expect(page.locator(".sd-head")).to_contain_text("Cancelado")
    context.close()


@pytest.fixture
def furnished(requester, agent, consultant, group, report, environment) -> dict[str, str]:
    """A portal with something on every page; the addresses to look at."""
    standard.terms()
    catalog.items()
    escalation.service_desk()
    rows = [intake.receive(report(title=f"Asunto número {n}"), by=requester, channel="web") for n in range(18)]
    for row in rows[:4]:
        triage.open(row, by=agent)
    work.wait_for_user(rows[0], by=agent, message="¿Cuál es el folio?")
    conversation.reply(rows[1], by=requester, message="Va la captura.")
    resolution.solve(rows[1], by=agent, solution_type="definitive", solution="Listo.")
    triage.assign(rows[2], by=agent, group=group)
    resolution.solve(rows[3], by=agent, solution_type="definitive", solution="Listo.")
    resolution.accept(rows[3], by=requester)
    return {
        "inicio": "/",
        "catalogo": "/catalogo/",
        "levantar": "/levantar/",
        "plantilla": f"/levantar/{CatalogItem.objects.order_by('pk')[0].pk}/",
        "asuntos": "/asuntos/",
        "vacio": "/asuntos/?q=zzzz",
        "validar": f"/asuntos/{rows[1].number}/",
        "responder": f"/asuntos/{rows[0].number}/",
        "cerrado": f"/asuntos/{rows[3].number}/",
        "contacto": "/contacto/",
        "buscar": "/buscar/?q=asunto",
        "clave": "/cuenta/clave/",
    }


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_pages_have_no_accessibility_faults(signed_in, live_server, requester, furnished, theme, width):
    page = signed_in(requester)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    faults = {}
    for name, address in furnished.items():
        page.goto(f"{live_server.url}{address}")
        found = Axe().run(page).response["violations"]
        if found:
            faults[name] = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults[f"{name}: overflows"] = []
    assert faults == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_for_strangers_have_no_accessibility_faults(page, live_server, guide, width):
    page.set_viewport_size({"width": width, "height": 900})
    faults = {}
    for address in ("/entrar/", "/contacto/", "/cuenta/clave/olvidada/", "/no-existe/"):
        page.goto(f"{live_server.url}{address}")
        found = Axe().run(page).response["violations"]
        if found:
            faults[address] = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]
    assert faults == {}
