"""A ticket's whole life as people live it: browsers, mails and the API, with the jobs run between the steps."""

import io
import json
import re
import struct
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import SupportGroup, User
from channels.models import OutboundMessage
from channels.tasks import send_due
from core import clock
from core.leases import WorkState
from core.models import Delivery
from core.tasks import run_deliveries
from servicedesk.seeding import catalog, escalation
from servicedesk.testing import at_work
from servicedesk.tests.mailbox import Mailbox, address, text
from sla.models import Clock
from sla.tasks import sweep_clocks
from tickets.models import Ticket
from tickets.services import intake, resolution, triage
from tickets.tasks import close_unvalidated, remind_validation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "una clave larga de prueba"
NOTE = "El certificado del timbrado venció ayer: revisar con Finanzas."
TITLE = "La nómina quincenal no se timbra"
MEXICO = ZoneInfo("America/Mexico_City")


def png(width: int = 8, height: int = 8) -> bytes:
    """A small true image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\x00" + b"\xd0\x30\x30" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def embedded_post(settings: Any, live_server: Any, tmp_path: Any) -> None:
    """Mails are files, as in the embedded desk, and their links lead to this server."""
    settings.EMAIL_BACKEND = "channels.transports.files.EmailBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    settings.SITE_URL = live_server.url
    cache.clear()


@pytest.fixture
def mailbox(settings: Any, embedded_post: None) -> Mailbox:
    return Mailbox(settings.MAIL_DIR)


@pytest.fixture
def mailed(mailbox: Mailbox) -> Callable[[], dict[str, EmailMessage]]:
    """`mailed()`: runs the jobs as the worker would, and gives the new mails by what their subject says to whom."""

    def run() -> dict[str, EmailMessage]:
        for job in (sweep_clocks, run_deliveries, send_due):
            job()
        return {f"{address(mail)}: {said(mail)}": mail for mail in mailbox.new()}

    return run


def said(mail: EmailMessage) -> str:
    """The subject's own words, without the number and the title."""
    found = re.fullmatch(r"\[T\d{7}\] (.+?): .+", mail["Subject"])
    assert found is not None, mail["Subject"]
    return found[1]


@pytest.fixture
def people(guide: Any, requester: User, agent: User, consultant: User, environment: Any) -> SimpleNamespace:
    """The cast, each with a password; the consultant among the experts of applications, level 2."""
    catalog.items()
    escalation.service_desk()
    experts = SupportGroup.objects.get(name=catalog.APPLICATIONS)
    experts.members.add(consultant)
    for person in (requester, agent, consultant):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    at_work(agent, consultant)
    return SimpleNamespace(requester=requester, agent=agent, consultant=consultant, environment=environment)


@pytest.fixture
def enter(new_context: Any, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`enter(person)`: a browser of that person's own, signed in through the door for them. Complaints of a page fail the test."""
    complaints: list[str] = []

    def sign_in(person: User | None = None) -> Page:
        page: Page = new_context().new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        if person is not None:
            page.goto(f"{live_server.url}/{'admin/login' if person.is_desk else 'entrar'}/")
            page.get_by_label("Correo").fill(person.email)
            page.get_by_label("Contraseña").fill(PASSWORD)
            page.get_by_role("button", name="Entrar").click()
            page.wait_for_url(lambda url: "login" not in url and "entrar" not in url)
        return page

    yield sign_in
    assert complaints == []


@pytest.fixture
def api(live_server: Any) -> Callable[[User, str], Any]:
    """`api(person, path)`: what the API answers to a key of theirs, made as an administrator makes it."""
    keys: dict[int, str] = {}

    def get(person: User, path: str) -> Any:
        if person.pk not in keys:
            printed = io.StringIO()
            call_command("api_token", person.email, stdout=printed)
            keys[person.pk] = printed.getvalue().strip()
        headers = {"Authorization": f"Token {keys[person.pk]}"}
        with urllib.request.urlopen(urllib.request.Request(live_server.url + path, headers=headers)) as answer:
            return json.load(answer)

    return get


def act(page: Page, link: str, button: str, **fields: str) -> None:
    """One transition from the ticket's page in the console: its link, its form, its button."""
    page.get_by_role("link", name=link, exact=True).click()
    form = page.locator("#acto")
    for name, value in fields.items():
        control = form.locator(f"[name={name}]")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(label=value)
        else:
            control.fill(value)
    form.get_by_role("button", name=button).click()


def is_in_state(page: Page, words: str) -> None:
    expect(page.locator(".sd-head .sd-state")).to_have_text(words, ignore_case=True)


def test_a_ticket_lives_from_the_catalogue_to_its_acceptance(people, enter, mailed, api, live_server):
    customer, expert = people.requester.email, people.consultant.email
    threads: set[tuple[Any, Any]] = set()
    letters: list[EmailMessage] = []

    def expect_mails(*subjects: str) -> dict[str, EmailMessage]:
        new = mailed()
        assert sorted(new) == sorted(subjects)
        for mail in new.values():
            assert mail["Subject"].startswith(f"[{number}] ")
            assert mail["Auto-Submitted"] == "auto-generated"
            threads.add((mail["In-Reply-To"], mail["References"]))
            letters.append(mail)
        return new

    # The customer raises it from the catalogue, with a screenshot.
    portal = enter(people.requester)
    expect(portal.get_by_role("heading", level=1)).to_be_visible()
    portal.goto(f"{live_server.url}/catalogo/")
    portal.get_by_role("link", name="Error en la aplicación").first.click()
    portal.get_by_label("¿En qué servicio?").select_option(label=str(people.environment))
    portal.get_by_label("Título").fill(TITLE)
    portal.get_by_label("¿Qué pasa?").fill("Al timbrar la quincena 5 termina con CFDI33118.")
    portal.get_by_label("A un departamento").check()
    portal.get_by_label("Con dificultades").check()
    portal.locator("input[type=file]").set_input_files(
        {"name": "captura de pantalla.png", "mimeType": "image/png", "buffer": png()}
    )
    portal.get_by_role("button", name="Levantar ticket").click()
    expect(portal.get_by_role("heading", level=1)).to_have_text(TITLE)
    is_in_state(portal, "Nuevo")
    row = Ticket.objects.get()
    number = row.number
    place = f"{live_server.url}/asuntos/{number}/"
    assert portal.url == place
    receipt = expect_mails(f"{customer}: Recibimos su ticket")[f"{customer}: Recibimos su ticket"]
    assert "CFDI33118" in text(receipt)
    with portal.expect_download() as download:
        portal.get_by_role("link", name="captura de pantalla.png").click()
    assert download.value.path().read_bytes() == png()

    # An agent opens it, leaves a note that only the desk sees, and assigns it to the second level.
    console = enter(people.agent)
    console.goto(f"{live_server.url}/admin/tickets/ticket/?cola=nuevos")
    console.get_by_role("link", name=TITLE).click()
    act(console, "Abrir", "Abrir y avisar al usuario")
    is_in_state(console, "Abierto")
    expect_mails(f"{customer}: Su ticket está listo para ser atendido")
    composer = console.locator("#mensaje form")
    composer.get_by_text("Nota interna").click()
    composer.get_by_label("Mensaje").fill(NOTE)
    composer.get_by_role("button", name="Guardar la nota interna").click()
    expect(console.locator('[data-kind="note"]')).to_contain_text(NOTE)
    expect_mails()
    act(console, "Asignar", "Asignar", group="Aplicaciones, nivel 2")
    is_in_state(console, "Asignado")
    expect_mails(
        f"{customer}: Su ticket pasó a Aplicaciones",
        f"{expert}: Ticket asignado a Aplicaciones",
    )

    # The consultant promises a date, asks; the user answers; the consultant solves.
    promised = (clock.now() + timedelta(days=3)).astimezone(MEXICO).replace(second=0, microsecond=0)
    bench = enter(people.consultant)
    bench.goto(f"{live_server.url}/admin/tickets/ticket/{number}/change/")
    expect(bench.locator('[data-kind="note"]')).to_contain_text(NOTE)
    act(
        bench,
        "Iniciar",
        "Enviar e iniciar",
        message="Lo corrijo y le aviso.",
        committed_for=f"{promised:%Y-%m-%dT%H:%M}",
    )
    is_in_state(bench, "En proceso")
    started = expect_mails(f"{customer}: Ya trabajamos en su ticket")
    assert "Lo corrijo y le aviso." in text(started.popitem()[1])
    act(bench, "Esperar al usuario", "Preguntar y esperar", message="¿Me envía el XML?")
    is_in_state(bench, "Pendiente por usuario")
    expect_mails(f"{customer}: Necesitamos su respuesta")
    assert api(people.requester, f"/api/v1/tickets/{number}/sla/")["clocks"][0]["state"] in ("met", "paused")

    portal.goto(place)
    expect(portal.get_by_text("La Mesa de Servicio espera su respuesta")).to_be_visible()
    portal.get_by_role("textbox", name="Comentario").fill("Va el XML de la quincena 5.")
    portal.get_by_role("button", name="Enviar respuesta").click()
    is_in_state(portal, "En proceso")
    expect_mails(f"{expert}: Respondió {people.requester.full_name}")

    bench.reload()
    act(
        bench,
        "Solucionar",
        "Enviar la solución",
        solution_type="Solución definitiva",
        solution="Se corrigió el régimen fiscal; vuelva a timbrar.",
    )
    is_in_state(bench, "Solucionado")
    solved = expect_mails(f"{customer}: Su ticket está solucionado, falta que lo valide")
    assert f"{live_server.url}/validar/" in text(solved.popitem()[1])

    # The customer accepts.
    portal.goto(place)
    portal.get_by_role("button", name="Sí, cerrar el ticket").click()
    is_in_state(portal, "Cerrado")
    expect(portal.get_by_text("Aprobado por el cliente").first).to_be_visible()
    expect_mails()
    row.refresh_from_db()
    assert (row.state, row.closing_code) == ("closed", "approved")

    # One thread, one id per mail, and nothing internal in any of them, nor on the page.
    assert threads == {(f"<{row.key}@demo.example>", f"<{row.key}@demo.example>")}
    assert len({mail["Message-ID"] for mail in letters}) == len(letters)
    for mail in letters:
        assert NOTE not in text(mail)
        assert NOTE not in mail.get_body(("html",)).get_content()
    assert NOTE not in portal.content()

    # The API tells the same.
    for person in (people.requester, people.agent):
        ticket = api(person, f"/api/v1/tickets/{number}/")
        assert (ticket["state"], ticket["closing_code"], ticket["group"]["name"]) == (
            "closed",
            "approved",
            "Aplicaciones",
        )
        assert moment(ticket["committed_for"]) == promised
        events = [event["kind"] for event in api(person, f"/api/v1/tickets/{number}/events/")["results"]]
        life = ["receive", "open", "note", "assign", "start", "wait_for_user", "resume", "solve", "accept"]
        assert events == [kind for kind in life if kind != "note" or person.is_desk]
        messages = [message["body"] for message in api(person, f"/api/v1/tickets/{number}/messages/")["results"]]
        notes = [NOTE] if person.is_desk else []
        asked = ["Lo corrijo y le aviso.", "¿Me envía el XML?", "Va el XML de la quincena 5."]
        assert messages == [row.description, *notes, *asked, row.solution]
    [file] = api(people.requester, f"/api/v1/tickets/{number}/attachments/")["results"]
    assert (file["name"], file["size_bytes"]) == ("captura de pantalla.png", len(png()))
    told = {c["kind"]: c for c in api(people.requester, f"/api/v1/tickets/{number}/sla/")["clocks"]}
    kept = {c.kind: c for c in Clock.objects.filter(ticket=row)}
    assert set(told) == set(kept) == {"reaction", "attention"}
    for kind, fact in told.items():
        assert (fact["state"], fact["breached"]) == ("met", False)
        assert (moment(fact["due_at"]), moment(fact["met_at"])) == (kept[kind].due_at, kept[kind].met_at)
        assert moment(fact["ledger"]["due_at"]) == kept[kind].due_at
        expect(portal.locator("aside")).to_contain_text(fact["ledger"]["sentence"])
    assert (moment(told["reaction"]["met_at"]), moment(told["attention"]["met_at"])) == (
        row.reacted_at,
        row.attended_at,
    )
    everything_holds()


def moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def everything_holds() -> None:
    assert not Delivery.objects.exclude(state=WorkState.DONE).exists()
    assert not OutboundMessage.objects.exclude(state=WorkState.DONE).exists()
    call_command("check_invariants", stdout=io.StringIO())
    call_command("verify_history", stdout=io.StringIO())


@pytest.fixture
def solved_ago(people, report):
    """`solved_ago(timedelta(days=10))`: a ticket that was solved that long ago."""

    def make(ago: timedelta) -> Ticket:
        with clock.at(clock.now() - ago):
            ticket = intake.receive(report(), by=people.requester, channel="web")
            triage.open(ticket, by=people.agent)
            return resolution.solve(ticket, by=people.agent, solution_type="workaround", solution="Reinicie la sesión.")

    return make


def periodic(mailed: Callable[[], dict[str, EmailMessage]]) -> dict[str, EmailMessage]:
    """The periodic jobs twice, as two schedulers would ask for them; the mails of both."""
    mails: dict[str, EmailMessage] = {}
    for _ in range(2):
        remind_validation()
        close_unvalidated()
        new = mailed()
        assert not set(new) & set(mails)
        mails |= new
    return mails


def test_a_solution_left_alone_is_reminded_closed_and_followed_up(people, enter, mailed, solved_ago, live_server):
    ticket = solved_ago(timedelta(days=10))
    customer, solved_at = people.requester.email, ticket.solved_at
    assert ticket.validation_due_at == solved_at + timedelta(hours=72)

    def at(hours: float) -> tuple[list[str], str]:
        with clock.at(solved_at + timedelta(hours=hours)):
            mails = periodic(mailed)
        return sorted(mails), Ticket.objects.get(pk=ticket.pk).state

    first, state = at(0)
    assert (f"{customer}: Su ticket está solucionado, falta que lo valide" in first, state) == (True, "solved")
    assert at(47.9) == ([], "solved")
    assert at(48.1) == ([f"{customer}: Queda un día para validar la solución"], "solved")
    assert at(60) == ([], "solved")
    assert at(72) == ([], "solved")
    assert at(72.01) == ([f"{customer}: Su ticket quedó cerrado"], "closed")
    assert at(73) == ([], "closed")
    row = Ticket.objects.get(pk=ticket.pk)
    assert (row.closing_code, row.closed_at) == ("unvalidated", solved_at + timedelta(hours=72.01))

    page = enter(people.requester)
    page.goto(f"{live_server.url}/asuntos/{ticket.number}/")
    expect(page.get_by_text("Sin validación del usuario").first).to_be_visible()
    page.get_by_role("textbox", name="Comentario").fill("Volvió a fallar con la quincena 6.")
    page.get_by_role("button", name="Abrir un ticket de seguimiento").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Seguimiento de {ticket.number}")
    follow_up = Ticket.objects.get(follow_up_of=ticket)
    assert page.url == f"{live_server.url}/asuntos/{follow_up.number}/"
    assert (follow_up.state, follow_up.description) == ("new", "Volvió a fallar con la quincena 6.")
    assert Ticket.objects.get(pk=ticket.pk).version == row.version
    assert list(mailed()) == [f"{customer}: Recibimos su ticket"]
    page.goto(f"{live_server.url}/asuntos/{ticket.number}/")
    expect(page.get_by_role("link", name=follow_up.number).first).to_be_visible()
    everything_holds()


def test_the_link_of_the_mail_validates_without_signing_in(people, enter, mailed, solved_ago):
    ticket = solved_ago(timedelta(hours=2))
    mail = mailed()[f"{people.requester.email}: Su ticket está solucionado, falta que lo valide"]
    accept, refuse = re.findall(r"http\S+/validar/\S+", text(mail))
    page = enter()
    page.goto(refuse)
    expect(page.get_by_label("¿Qué sigue fallando?")).to_be_visible()
    page.goto(accept)
    expect(page.get_by_text("Reinicie la sesión.")).to_be_visible()
    assert Ticket.objects.get().state == "solved"
    page.get_by_role("button", name="Sí, cerrar el ticket").click()
    expect(page.get_by_text("Gracias, el ticket quedó cerrado")).to_be_visible()
    row = Ticket.objects.get()
    assert (row.state, row.closing_code, row.version) == ("closed", "approved", ticket.version + 1)
    page.goto(accept)
    expect(page.get_by_text("ya terminó")).to_be_visible()
    mailed()
    everything_holds()
