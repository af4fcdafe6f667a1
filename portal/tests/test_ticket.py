"""What the customer sees and does on one ticket."""

import errno
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from customers.models import ValidUser
from tickets.models import Attachment, Message, Ticket
from tickets.services import conversation, ending, resolution, triage, work
from tickets.vocabulary import ClosingCode, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(ticket):
    return f"/asuntos/{ticket.number}/"


@pytest.fixture
def solved(ticket, agent):
    triage.open(ticket, by=agent)
    return resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")


def page_of(client, person, address):
    client.force_login(person)
    return client.get(address).content.decode()


def test_a_solved_ticket_asks_for_validation_with_its_date(client, requester, solved, address):
    page = page_of(client, requester, address)
    assert "¿Quedó resuelto?" in page
    assert "quedan 3 días" in page
    assert "el viernes 13 de marzo, 10:00" in page
    assert page.count("Reinicie la sesión.") == 2


def test_accepting_closes_it_as_approved(client, requester, solved, address):
    client.force_login(requester)
    answer = client.post(f"{address}aceptar/", {"version": solved.version}, follow=True)
    row = Ticket.objects.get()
    assert (row.state, row.closing_code) == (State.CLOSED, ClosingCode.APPROVED)
    assert "Gracias. El ticket quedó cerrado." in answer.content.decode()


def test_refusing_needs_a_reason_and_keeps_what_was_typed(client, requester, solved, address):
    client.force_login(requester)
    answer = client.post(f"{address}rechazar/", {"version": solved.version, "reason": " "})
    assert answer.status_code == 422
    assert "Escriba qué sigue fallando." in answer.content.decode()
    client.post(
        f"{address}rechazar/",
        {"version": solved.version, "reason": "Sigue igual.", "files": [SimpleUploadedFile("otra.png", b"x")]},
    )
    assert Ticket.objects.get().state == State.ASSIGNED
    assert Attachment.objects.get().name == "otra.png"
    assert "rechazó la solución: vuelve a revisión" in page_of(client, requester, address)


def test_reading_changes_nothing(client, requester, solved, address):
    client.force_login(requester)
    for act in ("", "comentar/", "aceptar/", "rechazar/", "cancelar/"):
        client.get(f"{address}{act}")
    assert Ticket.objects.get().version == solved.version


def test_a_question_is_shown_and_its_answer_resumes_the_work(client, requester, agent, ticket, address):
    triage.open(ticket, by=agent)
    work.wait_for_user(ticket, by=agent, message="¿Me envía el XML?")
    page = page_of(client, requester, address)
    assert "La Mesa de Servicio espera su respuesta" in page
    assert "Enviar respuesta" in page
    client.post(f"{address}comentar/", {"message": "Va adjunto.", "state": "pending_user"})
    assert Ticket.objects.get().state == State.OPEN


def test_a_comment_keeps_its_files_and_is_sent_once(client, requester, ticket, address):
    client.force_login(requester)
    data = {"message": "Adjunto.", "state": "new", "key": str(uuid.uuid4())}
    client.post(f"{address}comentar/", {**data, "files": [SimpleUploadedFile("a.png", b"x")]})
    client.post(f"{address}comentar/", {**data, "files": [SimpleUploadedFile("a.png", b"x")]})
    assert Message.objects.count() == 1
    assert Attachment.objects.count() == 1


def test_an_empty_comment_is_refused_in_place(client, requester, ticket, address):
    client.force_login(requester)
    answer = client.post(f"{address}comentar/", {"message": "  ", "state": "new"})
    assert answer.status_code == 422
    assert "Escriba su comentario." in answer.content.decode()


def test_an_empty_file_is_named_and_the_text_stays(client, requester, ticket, address):
    client.force_login(requester)
    data = {"message": "Con adjunto.", "state": "new", "files": [SimpleUploadedFile("vacio.txt", b"")]}
    answer = client.post(f"{address}comentar/", data)
    page = answer.content.decode()
    assert (answer.status_code, Message.objects.count()) == (422, 0)
    assert "«vacio.txt» está vacío." in page
    assert "Con adjunto." in page


def test_a_form_of_an_older_state_is_a_409_that_keeps_the_text(client, requester, agent, ticket, address):
    client.force_login(requester)
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.")
    answer = client.post(f"{address}comentar/", {"message": "Escribí mucho.", "state": "new"})
    page = answer.content.decode()
    assert (answer.status_code, Message.objects.filter(body="Escribí mucho.").count()) == (409, 0)
    assert "Mientras escribía, el ticket pasó a «Solucionado»." in page
    assert "Escribí mucho.</textarea>" in page
    assert 'name="state" value="solved"' in page


def test_accepting_a_solution_that_changed_is_a_409(client, requester, agent, solved, address):
    client.force_login(requester)
    conversation.reply(solved, by=agent, message="Olvidé decirle algo.")
    answer = client.post(f"{address}aceptar/", {"version": solved.version})
    assert (answer.status_code, Ticket.objects.get().state) == (409, State.SOLVED)


def test_refusing_what_was_already_closed_keeps_the_reason_for_a_follow_up(
    client, requester, representative, solved, address
):
    resolution.accept(solved, by=representative)
    client.force_login(requester)
    answer = client.post(f"{address}rechazar/", {"version": solved.version, "reason": "Sigue fallando."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Sigue fallando.</textarea>" in page
    assert "Abrir un ticket de seguimiento" in page


def test_a_comment_on_what_ended_says_first_that_it_opens_a_follow_up(client, requester, agent, ticket, address):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    page = page_of(client, requester, address)
    assert "Si comenta, abriremos un ticket de seguimiento ligado a éste." in page
    answer = client.post(f"{address}comentar/", {"message": "Ya lo tengo.", "state": "rejected"})
    follow_up = Ticket.objects.get(follow_up_of=ticket)
    assert answer["Location"] == f"/asuntos/{follow_up.number}/"
    assert f'href="/asuntos/{follow_up.number}/"' in client.get(address).content.decode()


def test_a_suspended_user_cannot_open_a_follow_up_and_reads_why(client, requester, agent, ticket, address):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    ValidUser.objects.update(status=ValidUser.Status.SUSPENDED)
    client.force_login(requester)
    answer = client.post(f"{address}comentar/", {"message": "Ya lo tengo.", "state": "rejected"})
    assert (answer.status_code, Ticket.objects.count()) == (403, 1)
    assert "Su usuario está suspendido" in answer.content.decode()
    assert "Ya lo tengo.</textarea>" in answer.content.decode()


def test_cancelling_ones_own_ticket_takes_a_reason(client, requester, ticket, address):
    client.force_login(requester)
    answer = client.post(f"{address}cancelar/", {"version": ticket.version, "reason": ""})
    assert answer.status_code == 422
    assert "Escriba por qué lo cancela." in answer.content.decode()
    client.post(f"{address}cancelar/", {"version": ticket.version, "reason": "Ya se arregló."})
    assert Ticket.objects.get().state == State.CANCELLED


def test_a_representative_does_not_cancel_what_another_raised(client, representative, ticket, address):
    assert "Cancelar el ticket" not in page_of(client, representative, address)
    answer = client.post(f"{address}cancelar/", {"version": ticket.version, "reason": "x"})
    assert (answer.status_code, Ticket.objects.get().state) == (403, State.NEW)
    assert "Cancela el propio solicitante" in answer.content.decode()


def test_a_representative_validates_for_the_requester(client, representative, solved, address):
    client.force_login(representative)
    client.post(f"{address}aceptar/", {"version": solved.version})
    assert Ticket.objects.get().state == State.CLOSED


def test_internal_notes_and_their_files_are_nowhere_on_the_page(client, requester, agent, ticket, address):
    conversation.note(ticket, by=agent, message="Cliente difícil.", files=[SimpleUploadedFile("interno.txt", b"x")])
    page = page_of(client, requester, address)
    assert "Cliente difícil." not in page
    assert "interno.txt" not in page
    assert "Nota interna" not in page


def test_the_clocks_are_explained(client, requester, ticket, address, now):
    with clock.at(now + timedelta(minutes=30)):
        page = page_of(client, requester, address)
    for words in ("Reacción", "objetivo 1 h hábil", "vence en 30 min", "Atención", "Cómo se calculó"):
        assert words in page


@pytest.fixture
def promised(ticket, agent, now):
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(hours=5))
    conversation.reply(
        ticket,
        by=agent,
        message="Tarda.",
        committed_for=now + timedelta(days=2),
        commitment_reason="El proveedor <i>no</i> llegó.",
        at=now + timedelta(hours=1),
    )
    return ticket


def test_the_customer_reads_the_date_how_it_stands_and_those_before(client, requester, promised, address, now):
    with clock.at(now + timedelta(hours=2)):
        page = page_of(client, requester, address)
    for words in (
        "Solución prometida",
        "jueves 12 de marzo, 10:00",
        "Vigente",
        "La cambió Daniela Ríos Paz, hoy 11:00",
        "Fechas anteriores (1)",
        "Renegociada hoy 11:00",
        "El proveedor &lt;i&gt;no&lt;/i&gt; llegó.",
        "Nueva fecha de solución: jueves 12 de marzo, 10:00.",
    ):
        assert words in page
    assert "Cambiar la fecha" not in page


@pytest.mark.parametrize(
    ("act", "hours", "words"),
    [
        (None, 47, ["Vence hoy", "vence en 1 h"]),
        (None, 49, ["Incumplida", "venció hace 1 h"]),
        ("solve", 3, ["Cumplida", "entregada a tiempo"]),
        ("solve", 50, ["Incumplida", "entregada tarde"]),
        ("cancel", 3, ["Sin efecto", "el ticket terminó"]),
        ("cancel", 50, ["Incumplida", "no se cumplió"]),
    ],
)
def test_each_fate_of_a_promise_has_its_word(client, requester, agent, promised, address, now, act, hours, words):
    with clock.at(now + timedelta(hours=hours)):
        if act == "solve":
            resolution.solve(promised, by=agent, solution_type="definitive", solution="Listo.")
        elif act == "cancel":
            ending.cancel(promised, by=agent, reason="Ya no.")
        page = page_of(client, requester, address)
    tag = words[0]
    assert re.search(rf'class="sd-tag"[^>]*><svg.*?</svg>{tag}</span>', page)
    assert words[1] in page


@pytest.mark.parametrize("version", ["", "-1", "abc", "9" * 30, "1.5"])
def test_a_damaged_version_does_no_harm(client, requester, solved, address, version):
    client.force_login(requester)
    assert client.post(f"{address}aceptar/", {"version": version}).status_code in (302, 409, 422)


EVIL = "<img src=x onerror=alert(1)>"


def test_nothing_that_people_typed_runs(client, requester, agent, ticket, address):
    conversation.reply(ticket, by=requester, message=EVIL, files=[SimpleUploadedFile(f"{EVIL}.png", b"x")])
    triage.reclassify(ticket, by=agent, reason=EVIL, changes={"title": EVIL})
    for person in (requester, agent):
        person.full_name = EVIL
        person.save(update_fields=["full_name"])
    for where in (address, "/", "/asuntos/", "/buscar/?q=img"):
        assert "<img src=x" not in page_of(client, requester, where)


class FullDisk(FileSystemStorage):
    """A disk without room."""

    def _save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("act", "field"), [("comentar", "message"), ("rechazar", "reason")])
def test_a_full_disk_keeps_the_text_and_leaves_nothing_half_done(
    client, requester, solved, address, monkeypatch, act, field
):
    monkeypatch.setattr(Attachment._meta.get_field("file"), "storage", FullDisk())
    client.force_login(requester)
    data = {field: "Va la captura.", "state": "solved", "version": solved.version}
    answer = client.post(f"{address}{act}/", {**data, "files": [SimpleUploadedFile("a.png", b"x")]})
    page = answer.content.decode()
    assert (answer.status_code, Ticket.objects.get().version) == (422, solved.version)
    assert "No pudimos guardar sus archivos" in page
    assert "Va la captura.</textarea>" in page
    assert Attachment.objects.count() == 0
    assert Message.objects.filter(body="Va la captura.").count() == 0


def test_other_words_in_the_same_form_are_another_comment_and_never_lost(client, requester, ticket, address):
    client.force_login(requester)
    key = str(uuid.uuid4())
    for text in ("Falla al timbrar.", "Ya encontré la causa."):
        client.post(f"{address}comentar/", {"message": text, "state": "new", "key": key})
    assert sorted(Message.objects.values_list("body", flat=True)) == ["Falla al timbrar.", "Ya encontré la causa."]


def test_the_same_words_with_another_file_are_another_comment(client, requester, ticket, address):
    client.force_login(requester)
    data = {"message": "Adjunto.", "state": "new", "key": str(uuid.uuid4())}
    for content in (b"uno", b"dos"):
        client.post(f"{address}comentar/", {**data, "files": [SimpleUploadedFile("a.png", content)]})
    assert Attachment.objects.count() == 2
