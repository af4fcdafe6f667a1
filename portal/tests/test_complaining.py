"""Presenting a complaint or a suggestion in the portal (guide 2.2, 3.13, 3.13.1)."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import caching
from customers.models import ValidUser
from portal.models import Submission
from surveys.models import Voice
from tickets.models import Ticket
from tickets.services import conversation, intake, triage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("matrices", "now")]
AREA = "Dirección de Servicio al Cliente | Service Delivery"


def filled(**changes):
    data = {
        "key": str(uuid.uuid4()),
        "kind": "complaint",
        "subject": "Nadie contesta el teléfono",
        "body": "Llamé tres veces el lunes.",
        "ticket": "",
        "where": AREA,
    }
    return {**data, **changes}


def text_of(answer) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def attended(ticket, agent) -> Ticket:
    """The requester's ticket, on which an agent wrote."""
    triage.open(ticket, by=agent)
    return conversation.reply(ticket, by=agent, message="Lo estamos viendo.")


def test_a_complaint_is_received_and_its_page_says_what_follows(client, requester):
    client.force_login(requester)
    answer = client.post("/quejas/nueva/", filled())
    row = Voice.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/quejas/{row.number}/")
    assert (row.kind, row.author, row.area, row.channel) == ("complaint", requester, "Service Delivery", "web")
    page = text_of(client.get(answer["Location"]))
    assert f"Recibimos su queja {row.number}." in page
    assert "Paola Quintana Ruiz (Gerente Service Delivery) debe acusar recibo antes de hoy" in page
    assert "Llamé tres veces el lunes." in page


def test_who_does_not_know_the_area_leaves_it_to_us(client, requester):
    client.force_login(requester)
    client.post("/quejas/nueva/", filled(where="no-se", kind="suggestion"))
    row = Voice.objects.get()
    assert (row.kind, row.area) == ("suggestion", "Mesa de Servicio")


def test_every_area_of_the_matrix_is_offered_with_who_is_in_charge(client, requester):
    client.force_login(requester)
    page = text_of(client.get("/quejas/nueva/"))
    assert "Service Delivery Paola Quintana Ruiz, Gerente Service Delivery Acusa recibo en" in page
    assert "Dirección de Operaciones" in page
    assert "Gonzalo Tapia Leyva, Subdirector de Operaciones" in page


def test_a_ticket_comes_with_its_people(client, requester, agent, attended):
    client.force_login(requester)
    page = client.get(f"/quejas/nueva/?ticket={attended.number}").content.decode()
    assert re.search(rf'<option value="{attended.number}" selected', page)
    assert f'name="person_{agent.pk}"' in page
    client.post("/quejas/nueva/", filled(ticket=attended.number, **{f"person_{agent.pk}": "on"}))
    row = Voice.objects.get()
    assert (row.ticket, list(row.pointed_at.all())) == (attended, [agent])


def test_a_suggestion_is_about_nobody(client, requester, agent, attended):
    client.force_login(requester)
    client.post("/quejas/nueva/", filled(kind="suggestion", ticket=attended.number, **{f"person_{agent.pk}": "on"}))
    assert list(Voice.objects.get().pointed_at.all()) == []


def test_a_person_of_another_ticket_is_asked_for_again(client, requester, agent, supervisor, attended, report):
    other = intake.receive(report(title="Otro"), by=requester, channel="web")
    client.force_login(requester)
    for person in (agent, supervisor):
        answer = client.post("/quejas/nueva/", filled(ticket=other.number, **{f"person_{person.pk}": "on"}))
        assert (answer.status_code, Voice.objects.count()) == (422, 0)
        assert "vuelva a marcar sobre quién es" in answer.content.decode()


def test_the_internal_notes_name_nobody(client, requester, supervisor, attended):
    conversation.note(attended, by=supervisor, message="Nota interna.")
    client.force_login(requester)
    assert f"person_{supervisor.pk}" not in client.get(f"/quejas/nueva/?ticket={attended.number}").content.decode()


def test_the_fragment_follows_the_kind_and_the_ticket(client, requester, agent, attended):
    client.force_login(requester)
    address = "/quejas/nueva/personas/"
    with_ticket = client.get(address, {"kind": "complaint", "ticket": attended.number}).content.decode()
    assert f'name="person_{agent.pk}"' in with_ticket
    marked = client.get(address, {"kind": "complaint", "ticket": attended.number, f"person_{agent.pk}": "on"})
    assert re.search(rf'name="person_{agent.pk}"[^>]*checked', marked.content.decode())
    assert "La leen y la votan" in text_of(client.get(address, {"kind": "suggestion", "ticket": attended.number}))
    assert "person_" not in client.get(address, {"kind": "suggestion", "ticket": attended.number}).content.decode()
    assert client.get(address).status_code == 200


def test_without_scripts_a_button_shows_the_people(client, requester, agent, attended):
    client.force_login(requester)
    answer = client.post("/quejas/nueva/", filled(ticket=attended.number, look="1", subject=""))
    page = answer.content.decode()
    assert (answer.status_code, Voice.objects.count()) == (200, 0)
    assert f'name="person_{agent.pk}"' in page
    assert "Llamé tres veces el lunes." in page
    assert "Escriba el asunto." not in page


def test_what_is_missing_is_named_and_nothing_is_lost(client, requester):
    client.force_login(requester)
    sent = filled(kind="", subject="", body="Llamé <b>tres</b> veces.", where="no-existe")
    answer = client.post("/quejas/nueva/", {**sent, "files": [SimpleUploadedFile("captura.png", b"png")]})
    page = answer.content.decode()
    assert (answer.status_code, Voice.objects.count()) == (422, 0)
    for words in (
        "Elija si es una queja o una sugerencia.",
        "Escriba el asunto.",
        "Esa área ya no está en la lista",
        "Llamé &lt;b&gt;tres&lt;/b&gt; veces.",
        "Vuelva a elegir sus archivos: «captura.png».",
    ):
        assert words in page


def test_sending_the_same_form_twice_makes_one(client, requester):
    client.force_login(requester)
    data = filled()
    first, second = client.post("/quejas/nueva/", data), client.post("/quejas/nueva/", data)
    assert (Voice.objects.count(), Submission.objects.count()) == (1, 1)
    assert first["Location"] == second["Location"]
    client.post("/quejas/nueva/", {**data, "body": "Otra cosa."})
    assert Voice.objects.count() == 2


@pytest.mark.parametrize("asked", ["T9999999", "x", "", "T" * 3000, "\x00"])
def test_a_ticket_that_is_not_there_is_as_if_not_asked_for(client, requester, asked):
    client.force_login(requester)
    answer = client.get("/quejas/nueva/", {"ticket": asked})
    assert answer.status_code == 200
    assert client.post("/quejas/nueva/", filled(ticket=asked)).status_code == (302 if not asked else 422)


@pytest.mark.parametrize("who", ["outsider", "colleague"])
def test_the_ticket_of_somebody_else_is_neither_shown_nor_taken(client, request, attended, agent, who):
    client.force_login(request.getfixturevalue(who))
    absent = client.get("/quejas/nueva/?ticket=T9999999").content
    foreign = client.get(f"/quejas/nueva/?ticket={attended.number}").content
    assert without_noise(foreign) == without_noise(absent)
    assert b"person_" not in foreign
    assert (
        attended.title.encode()
        not in client.get("/quejas/nueva/personas/", {"kind": "complaint", "ticket": attended.number}).content
    )
    answer = client.post("/quejas/nueva/", filled(ticket=attended.number, **{f"person_{agent.pk}": "on"}))
    assert (answer.status_code, Voice.objects.count()) == (422, 0)
    assert attended.title not in answer.content.decode()


def without_noise(body: bytes) -> bytes:
    return re.sub(rb'(csrfmiddlewaretoken" value="|name="key" value="|value=")[^"]+', rb"\1", body)


def test_a_representative_complains_about_a_ticket_of_the_company(client, representative, attended):
    client.force_login(representative)
    client.post("/quejas/nueva/", filled(ticket=attended.number))
    assert Voice.objects.get().ticket == attended


def test_hostile_texts_are_shown_as_text(client, requester):
    client.force_login(requester)
    client.post("/quejas/nueva/", filled(subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>"))
    row = Voice.objects.get()
    for address in ("/quejas/", f"/quejas/{row.number}/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert" in page


def test_a_subject_of_two_megabytes_is_refused_with_its_size(client, requester):
    client.force_login(requester)
    answer = client.post("/quejas/nueva/", filled(subject="a" * 2_000_000))
    assert (answer.status_code, Voice.objects.count()) == (422, 0)
    assert "El asunto tiene 2000000 caracteres; caben 200." in answer.content.decode()


@pytest.mark.parametrize("where", ["Dirección de Servicio al Cliente | Nómina", "|", "x" * 5000, "\x00", ""])
def test_a_forged_area_is_refused(client, requester, where):
    client.force_login(requester)
    answer = client.post("/quejas/nueva/", filled(where=where))
    assert (answer.status_code, Voice.objects.count()) == (422, 0)


def test_who_is_suspended_is_told_so_and_may_still_call(client, requester):
    ValidUser.objects.filter(user=requester).update(status=ValidUser.Status.SUSPENDED)
    caching.forget_all()
    client.force_login(requester)
    for answer in (client.get("/quejas/nueva/"), client.post("/quejas/nueva/", filled())):
        assert (answer.status_code, Voice.objects.count()) == (403, 0)
        assert "suspendid" in answer.content.decode()
    assert client.get("/quejas/").status_code == 200


@pytest.mark.parametrize("address", ["/quejas/", "/quejas/nueva/", "/sugerencias/"])
def test_strangers_and_the_desk_stay_out(client, agent, address):
    assert client.get(address).status_code == 302
    client.force_login(agent)
    assert client.get(address).status_code == 403
