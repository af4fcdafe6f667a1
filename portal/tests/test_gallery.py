"""The gallery: who sees it, that it keeps the floor of accessibility, and that the page's script does what it says."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, ViewportSize, expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.mark.django_db
class TestWhoSeesIt:
    def test_a_visitor_finds_nothing(self, client: Client) -> None:
        assert client.get(reverse("portal:gallery")).status_code == 404

    def test_a_requester_finds_nothing(self, client: Client, requester) -> None:
        client.force_login(requester)
        assert client.get(reverse("portal:gallery")).status_code == 404

    def test_the_desk_sees_it(self, client: Client, agent) -> None:
        client.force_login(agent)
        assert client.get(reverse("portal:gallery")).status_code == 200

    def test_a_demonstration_shows_it_to_all(self, client: Client, settings) -> None:
        settings.DEMO_MODE = True
        assert client.get(reverse("portal:gallery")).status_code == 200

    def test_only_a_known_theme_reaches_the_page(self, client: Client, settings) -> None:
        settings.DEMO_MODE = True
        assert b'data-theme="dark"' in client.get(reverse("portal:gallery"), {"theme": "dark"}).content
        assert b"data-theme=" not in client.get(reverse("portal:gallery"), {"theme": '"><script>'}).content


@pytest.fixture
def gallery(page: Page, live_server, settings) -> Iterator[Page]:
    """The gallery, open; whatever the console complains about fails the test."""
    settings.DEMO_MODE = True
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}{reverse('portal:gallery')}")
    yield page
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_keeps_the_floor_of_accessibility(
    gallery: Page, theme: Literal["light", "dark"], width: str
) -> None:
    gallery.set_viewport_size(WIDTHS[width])
    gallery.emulate_media(color_scheme=theme, reduced_motion="reduce")
    gallery.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    found = Axe().run(gallery, options=RULES).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []


def test_nothing_makes_a_phone_scroll_sideways(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 320, "height": 700})
    assert gallery.evaluate("document.documentElement.scrollWidth") == 320


def test_the_slash_goes_to_the_search(gallery: Page) -> None:
    gallery.keyboard.press("/")
    expect(gallery.locator("#q")).to_be_focused()


def test_the_theme_is_chosen_kept_and_given_back(gallery: Page) -> None:
    gallery.get_by_role("button", name="Cuenta de Lucía Herrera").click()
    choice = gallery.get_by_role("button", name="Apariencia")
    expect(choice).to_have_text("Apariencia: la del sistema")
    choice.click()
    choice.click()
    expect(choice).to_have_text("Apariencia: oscura")
    gallery.reload()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    gallery.get_by_role("button", name="Cuenta de Lucía Herrera").click()
    gallery.get_by_role("button", name="Apariencia").click()
    expect(gallery.locator("html")).not_to_have_attribute("data-theme", re.compile(".*"))


def test_a_dialog_is_modal_and_its_way_back_closes_it(gallery: Page) -> None:
    gallery.get_by_role("button", name="Cancelar el ticket").click()
    dialog = gallery.get_by_role("dialog", name="¿Cancelar T0048374?")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("one => one.matches(':modal')")
    dialog.get_by_role("button", name="No, conservarlo").click()
    expect(dialog).to_be_hidden()


def answer_posts(route: Route) -> None:
    if route.request.method == "POST":
        route.fulfill(body="<p>recibido</p>", content_type="text/html")
    else:
        route.continue_()


def test_a_form_is_sent_once_however_often_its_button_is_pressed(gallery: Page) -> None:
    gallery.route("**/componentes/", answer_posts)
    stopped, busy = gallery.get_by_role("button", name="Enviar comentario").evaluate(
        """button => {
            const stopped = [];
            window.addEventListener("submit", (event) => stopped.push(event.defaultPrevented));
            button.form.comment.value = "Una sola vez";
            button.click();
            button.click();
            return [stopped, button.getAttribute("aria-busy")];
        }"""
    )
    assert (stopped, busy) == ([False, True], "true")
    expect(gallery.get_by_text("recibido")).to_be_visible()


def test_a_draft_outlives_the_page_until_it_is_sent(gallery: Page) -> None:
    comment = gallery.get_by_label("Comentario", exact=True)
    comment.fill("Sigue fallando en la sucursal Norte")
    expect(gallery.locator("form[data-draft] [data-draft-note]")).to_contain_text("Borrador guardado a las")
    gallery.reload()
    expect(comment).to_have_value("Sigue fallando en la sucursal Norte")
    gallery.route("**/componentes/", answer_posts)
    gallery.get_by_role("button", name="Enviar comentario").click()
    expect(gallery.get_by_text("recibido")).to_be_visible()
    gallery.go_back()
    gallery.reload()
    expect(comment).to_have_value("")


def test_chosen_files_are_listed_and_can_be_taken_back(gallery: Page) -> None:
    chooser = gallery.locator("#id_attachments").first
    chooser.set_input_files({"name": "uno.txt", "mimeType": "text/plain", "buffer": b"a" * 2048})
    chooser.set_input_files({"name": "dos.txt", "mimeType": "text/plain", "buffer": b"b"})
    chosen = gallery.locator("[data-preview] .sd-file")
    expect(chosen).to_have_text(["uno.txt2 KB", "dos.txt1 byte"])
    gallery.get_by_role("button", name="Quitar uno.txt").click()
    expect(chosen).to_have_text(["dos.txt1 byte"])
    assert chooser.evaluate("one => [...one.files].map((file) => file.name)") == ["dos.txt"]


def test_a_countdown_follows_the_pages_clock(gallery: Page) -> None:
    gallery.clock.install()
    gallery.reload()
    first = gallery.locator(".sd-clock[data-clock='running'] time")
    expect(first).to_have_text(re.compile("vence en 2 h (09|10) min"))
    gallery.clock.run_for(60 * 60 * 1000)
    expect(first).to_have_text(re.compile("vence en 1 h (08|09|10) min"))


def test_without_scripts_menus_dialogs_and_files_still_work(browser, live_server, settings) -> None:
    settings.DEMO_MODE = True
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('portal:gallery')}")
    page.get_by_role("button", name="Cuenta de Lucía Herrera").click()
    expect(page.get_by_role("button", name="Salir")).to_be_visible()
    expect(page.get_by_role("button", name="Apariencia")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancelar el ticket").click()
    expect(page.get_by_text("Dejaremos de atenderlo.")).to_be_visible()
    page.get_by_role("button", name="No, conservarlo").click()
    expect(page.get_by_text("Dejaremos de atenderlo.")).to_be_hidden()
    expect(page.get_by_text("Elegir archivos")).to_be_visible()
    context.close()
