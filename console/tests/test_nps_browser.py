"""A campaign from its draft to a talk with a detractor, in a real browser; and every page for everybody."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from core import clock
from core.tasks import run_deliveries
from improvements import days
from servicedesk.seeding import improvements
from surveys.models import Campaign, NpsInvitation
from surveys.nps_table import Line
from surveys.services import nps, nps_history, nps_sweep
from surveys.tests.nps_cast import people, running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CONSOLE = ("/admin/nps/", "/admin/nps/campanas/", "/admin/nps/campanas/nueva/", "/admin/nps/respuestas/",
           "/admin/nps/detractores/", "/admin/nps/importar/")  # fmt: skip

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def wrong(page: Page) -> list:
    """What axe finds in our part of the page: the frame around it is the theme's."""
    page.evaluate("document.querySelectorAll('main.sd details').forEach((one) => { one.open = true })")
    found = Axe().run(page, context="main.sd", options=RULES).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.fixture
def desk(page: Page, live_server, supervisor):
    client = Client()
    client.force_login(supervisor)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return page


@pytest.fixture
def lived(supervisor, company, contract, service, requester):
    """A campaign that began some days ago by the true clock, with answers; and an earlier year."""
    improvements.rules()
    people(company, 5)
    now = clock.now()
    opens_on = days.of(now - timedelta(days=3))
    with clock.at(now - timedelta(days=3)):
        row = running(supervisor, year=opens_on.year, opens_on=opens_on, closes_on=opens_on + timedelta(days=30))
    with clock.at(now - timedelta(days=2)):
        nps_sweep.mails(clock.now())
        NpsInvitation.objects.update(state="invited", invited_at=clock.now(), next_at=None)
        for invitation, score in zip(NpsInvitation.objects.order_by("pk"), (10, 9, 7, 2), strict=False):
            nps.answer(invitation, score=score, why=f"Porque {score}")
        run_deliveries()
    line = Line(2019, company.pk, company.name, service.pk, service.name, 20, 5, 3, 2)
    nps_history.store([line], by=supervisor, source="nps.xlsx")
    return row


def test_a_campaign_is_prepared_checked_started_and_closed(desk: Page, live_server, requester, company):
    desk.goto(f"{live_server.url}/admin/nps/campanas/")
    desk.get_by_role("link", name="Preparar una campaña").first.click()
    desk.get_by_label("Nombre").fill("La de este año")
    today = clock.now().date()
    desk.get_by_label("Año").fill(str(today.year))
    desk.get_by_label("Abre").fill(today.isoformat())
    desk.get_by_role("button", name="Vista previa").click()
    expect(desk.get_by_text("1 persona de 1 compañía")).to_be_visible()
    expect(desk.get_by_label("Nombre")).to_have_value("La de este año")
    assert not Campaign.objects.exists()
    desk.get_by_role("button", name="Guardar el borrador").click()
    desk.get_by_role("link", name="Revisar e iniciar").click()
    desk.get_by_role("button", name="Iniciar la campaña").click()
    expect(desk.get_by_text("La campaña empezó: se le preguntará a 1 persona.")).to_be_visible()
    desk.get_by_role("button", name="Cerrar la campaña").click()
    desk.get_by_role("button", name="Sí, cerrarla").click()
    expect(desk.get_by_text("La campaña terminó.", exact=False).first).to_be_visible()
    assert Campaign.objects.get().state == "closed"


def test_a_detractor_is_talked_with(desk: Page, live_server, lived):
    desk.goto(f"{live_server.url}/admin/nps/detractores/")
    expect(desk.get_by_text("Porque 2")).to_be_visible()
    desk.get_by_role("link", name="Registrar conversación").click()
    desk.get_by_role("button", name="Registrar conversación").click()
    expect(desk.get_by_text("Escriba qué se habló")).to_be_visible()
    desk.get_by_label("Qué se habló y qué se acordó").fill("Le llamamos hoy.")
    desk.get_by_role("button", name="Registrar conversación").click()
    expect(desk.get_by_text("Le llamamos hoy.")).to_be_visible()
    assert NpsInvitation.objects.get(score=2).loop_note == "Le llamamos hoy."


def test_earlier_years_are_looked_at_before_they_are_stored(desk: Page, live_server, company, supervisor):
    desk.goto(f"{live_server.url}/admin/nps/importar/")
    head = "año,empresa,servicio,invitados,promotores,pasivos,detractores\n"

    def choose(text: str) -> None:
        file = {"name": "nps.csv", "mimeType": "text/csv", "buffer": (head + text).encode()}
        desk.get_by_label("Archivo CSV o Excel (.xlsx)").set_input_files(file)  # type: ignore[arg-type]
        desk.get_by_role("button", name="Revisar el archivo").click()

    choose("2019,Grupo Alvorada,,10,3,2,1\n")
    expect(desk.get_by_text("¿Quiso decir «Grupo Alborada»?")).to_be_visible()
    assert wrong(desk) == []
    choose("2019,Grupo Alborada,,10,3,2,1\n")
    expect(desk.get_by_text("Así quedarían")).to_be_visible()
    assert wrong(desk) == []
    desk.get_by_role("button", name="Importar", exact=True).click()
    expect(desk.get_by_text("Se importó 1 resultado de 2019.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_for_everybody(desk: Page, live_server, lived, scheme, width):
    desk.set_viewport_size({"width": width, "height": 900})
    desk.emulate_media(color_scheme=scheme)
    answer = NpsInvitation.objects.filter(score=2).get()
    for path in (*CONSOLE, f"/admin/nps/campanas/{lived.pk}/", f"/admin/nps/respuestas/{answer.pk}/"):
        desk.goto(live_server.url + path)
        assert wrong(desk) == [], path
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, path
