"""The page that a complaint's mail leads to: a level acknowledges, comments and answers without signing in."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from channels import voice_links
from core import caching, clock
from escalation.models import Contact
from servicedesk.seeding import escalation
from surveys.models import Voice, VoiceFile, VoiceStep
from surveys.services import hearing, voices, waiting

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ voice }} '


def heard(by, **changes) -> Voice:
    values = {
        "kind": "complaint",
        "subject": "Nadie contesta",
        "body": "Llamé tres veces y nadie contestó.",
        "direction": escalation.CUSTOMERS,
        "area": "Mesa de Servicio",
        "files": [SimpleUploadedFile("pantalla.txt", b"lo que vi")],
    }
    return hearing.receive(hearing.Draft(**{**values, **changes}), by=by, channel="web")


@pytest.fixture
def voice(guide, requester, now) -> Voice:
    escalation.everything(guide)
    caching.forget_all()
    return heard(requester)


@pytest.fixture
def step(voice) -> VoiceStep:
    return voice.steps.select_related("contact").get()


@pytest.fixture
def address(step) -> str:
    return f"/queja/{voice_links.token(step)}/"


def state() -> str:
    return Voice.objects.get().state


def test_the_page_shows_what_the_contact_needs(client, voice, address):
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (voice.number, voice.subject, voice.body, "Grupo Alborada", "Lucía Herrera Montaño", "pantalla.txt"):
        assert words in page
    assert "Responde por Julio Bernal Ortiz, Gerente Mesa de Servicio" in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]


def test_looking_changes_nothing(client, voice, address):
    for _ in range(2):
        client.get(address)
        client.head(address)
    assert Voice.objects.get().version == voice.version


def test_it_is_acknowledged_once_however_often_it_is_pressed(client, address, step, now):
    for _ in range(2):
        assert client.post(address, {"act": "acknowledge"}).status_code == 302
    assert state() == "acknowledged"
    entry = Voice.objects.get().entries.get(kind="acknowledge")
    assert (entry.name, entry.actor.role) == ("Julio Bernal Ortiz", "system")
    assert "Ya se acusó recibo" in client.get(address).content.decode()


def test_what_was_typed_beside_the_acknowledgement_stays(client, address):
    page = client.post(address, {"act": "acknowledge", "text": "Estoy en ello"})
    assert page.status_code == 200
    assert "Estoy en ello" in page.content.decode()
    assert state() == "acknowledged"


def test_it_is_answered_in_the_contacts_name(client, address):
    assert client.post(address, {"act": "answer", "text": "Ya contestamos."}).status_code == 302
    row = Voice.objects.get()
    assert (row.state, row.answer_text, row.answered_by) == ("answered", "Ya contestamos.", "Julio Bernal Ortiz")
    again = client.get(address)
    assert again.status_code == 200
    assert "La respuesta quedó registrada" in again.content.decode()


def test_an_empty_answer_says_what_is_missing(client, address):
    page = client.post(address, {"act": "answer", "text": "  "})
    assert page.status_code == 422
    assert "Escriba su respuesta." in page.content.decode()
    assert state() == "received"


def test_a_suggestion_asks_what_was_decided_and_keeps_the_text(client, guide, requester, now):
    escalation.everything(guide)
    caching.forget_all()
    step = heard(requester, kind="suggestion").steps.select_related("contact").get()
    address = f"/queja/{voice_links.token(step)}/"
    page = client.post(address, {"act": "answer", "text": "En mayo."})
    assert page.status_code == 422
    assert "Elija qué se decidió" in page.content.decode()
    assert "En mayo." in page.content.decode()
    client.post(address, {"act": "answer", "text": "En mayo.", "decision": "accepted"})
    assert Voice.objects.get().decision == "accepted"


def test_a_note_reaches_the_desk_and_not_the_customer(client, address, requester, agent):
    assert client.post(address, {"act": "note", "note": "Revisen la línea 2"}).status_code == 302
    entry = Voice.objects.get().entries.get(kind="note")
    assert (entry.name, entry.is_public, entry.data["text"]) == ("Julio Bernal Ortiz", False, "Revisen la línea 2")
    assert "Revisen la línea 2" in client.get(address).content.decode()
    empty = client.post(address, {"act": "note", "note": ""})
    assert empty.status_code == 422
    assert "Escriba la nota." in empty.content.decode()


def test_an_appeals_reason_and_the_answer_before_it_are_shown_to_the_next_level(client, voice, manager, requester):
    voices.appeal(voices.answer(voice, by=manager, text="Fue el lunes."), by=requester, reason="No fue el lunes.")
    step = VoiceStep.objects.select_related("contact").get(number=2)
    page = client.get(f"/queja/{voice_links.token(step)}/").content.decode()
    assert "Fue el lunes." in page
    assert "No fue el lunes." in page


def test_the_file_is_had_with_the_link_while_it_serves(client, voice, address, supervisor, manager):
    row = VoiceFile.objects.get()
    got = client.get(f"{address}archivos/{row.pk}/")
    assert b"".join(got.streaming_content) == b"lo que vi"
    assert got["Content-Type"] == "application/octet-stream"
    assert client.get(f"{address}archivos/{row.pk + 1}/").status_code == 404
    assert client.get(f"{address}archivos/{10**30}/").status_code == 404
    voices.answer(voice, by=manager, text="Ya.")
    assert client.get(f"{address}archivos/{row.pk}/").status_code == 404


def test_a_level_that_was_passed_is_told_who_has_it_now(client, voice, address):
    with clock.at(voice.next_at):
        waiting.sweep(voice.next_at)
        page = client.post(address, {"act": "answer", "text": "Un momento"})
    assert page.status_code == 410
    assert "Marta Quiroga Vela" in page.content.decode()
    assert "Un momento" in page.content.decode()
    assert state() == "received"


def test_the_link_of_whoever_gets_pointed_at_is_no_link(client, voice, address, supervisor, manager):
    Contact.objects.filter(email="gerencia@mesa.example").update(user=manager)
    voices.point_at(voice, by=supervisor, people=[manager], reason="Es de quien se queja.")
    for method in (client.get, client.post):
        answer = method(address, {"act": "answer", "text": "Nada"})
        assert answer.status_code == 404
        assert voice.subject not in answer.content.decode()
    row = VoiceFile.objects.get()
    assert client.get(f"{address}archivos/{row.pk}/").status_code == 404
    assert state() == "received"


def test_whom_it_points_at_finds_nothing_behind_a_forwarded_link(voice, step, address, supervisor, agent, manager):
    voices.point_at(voice, by=manager, people=[supervisor], reason="Es de quien se queja.")
    client = Client()
    client.force_login(supervisor)
    assert client.get(address).status_code == 404
    assert client.post(address, {"act": "note", "note": "Soy yo."}).status_code == 404
    client.force_login(agent)
    assert client.get(address).status_code == 200
    voices.withdraw(voice, by=voice.author)
    assert client.get(address).status_code == 200
    client.force_login(supervisor)
    assert client.get(address).status_code == 404


def test_a_customer_finds_nothing_behind_a_forwarded_link(requester, address):
    client = Client()
    client.force_login(requester)
    assert client.get(address).status_code == 404
    assert client.post(address, {"act": "acknowledge"}).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 400, "WyJhIl0:1:2"])
def test_a_forged_link_is_absent(client, db, token):
    assert client.get(f"/queja/{token}/").status_code == 404


def test_what_people_type_is_text(client, guide, requester, now):
    escalation.everything(guide)
    caching.forget_all()
    row = heard(requester, subject=HOSTILE, body=HOSTILE)
    voices.comment(row, by=requester, text=HOSTILE)
    page = client.get(f"/queja/{voice_links.token(row.steps.select_related('contact').get())}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ voice }}" in page


def test_a_late_level_may_still_answer(client, voice, director, now):
    with clock.at(voice.next_at):
        waiting.sweep(voice.next_at)
    step = VoiceStep.objects.select_related("contact").get(number=2)
    assert step.answer_by is not None
    with clock.at(step.answer_by + timedelta(minutes=1)):
        waiting.sweep(clock.now())
        address = f"/queja/{voice_links.token(step)}/"
        assert "todavía puede responder" in client.get(address).content.decode()
        assert client.post(address, {"act": "answer", "text": "Perdón por la demora."}).status_code == 302
    assert state() == "answered"
