"""The matrices in a real browser: legible to everybody, on a phone and on paper."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core import caching, clock
from escalation.matrices import day_of
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing
from servicedesk.seeding import escalation, standard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lists(contract, admin) -> None:
    """Every matrix in force, a service whose list is missing, and somebody who is away today."""
    escalation.everything(standard.terms())
    row = publishing.begin(Matrix(kind="technical", contract=contract, service=contract.services.get()), by=admin)
    contact = Contact.objects.create(name="Óscar Villanueva", email="oscar.villanueva.saenz@mesa.example", phone="55 1")
    Level.objects.create(matrix=row, level=1, role="Consultor", contact=contact)
    publishing.publish(row, by=admin)
    contract.services.create(name="Redes y VPN")
    today = day_of(clock.now())
    julio, marta = (Contact.objects.get(name=name) for name in ("Julio Bernal Ortiz", "Marta Quiroga Vela"))
    Absence.objects.create(
        contact=julio, substitute=marta, starts_on=today - timedelta(days=2), ends_on=today + timedelta(days=2)
    )
    caching.forget_all()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("which", ["mesa", "tecnicas", "quejas"])
def test_the_lists_have_no_accessibility_faults_and_print_without_the_page_around_them(
    signed_in, live_server, representative, lists, which, width, theme
):
    page = signed_in(representative)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{live_server.url}/contacto/?lista={which}")
    expect(page.get_by_role("button", name="Imprimir")).to_be_visible()
    expect(page.get_by_text("En su ausencia hasta")).to_have_count(0 if which == "tecnicas" else 1)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_text("Impresa el")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Principal")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Listas de contacto")).to_be_hidden()
    expect(page.get_by_text("Impresa el")).to_be_visible()
