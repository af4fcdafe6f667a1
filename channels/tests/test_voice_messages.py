"""Who is told what of a complaint or suggestion, and who never is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from channels import links, voice_links
from channels.models import OutboundMessage
from channels.tasks import send_due
from core import caching, clock
from core.errors import NotVisible
from core.models import Alarm, Delivery
from core.tasks import run_deliveries
from escalation.models import Contact, Matrix
from servicedesk.seeding import escalation
from surveys.models import Voice
from surveys.services import hearing, voices, waiting

JULIO, MARTA = "gerencia@mesa.example", "direccion@mesa.example"
WHY = "No responde lo que pregunté."


@pytest.fixture
def complain(guide, requester, now) -> Callable[..., Voice]:
    """`complain(subject=…)`: a complaint of the requester to the desk's area, with the guide's matrices in force."""
    escalation.everything(guide)
    caching.forget_all()

    def make(by: User = requester, channel: str = "web", **changes) -> Voice:
        values = {
            "kind": "complaint",
            "subject": "Nadie contesta",
            "body": "Llamé tres veces\ny nadie contestó.",
            "direction": escalation.CUSTOMERS,
            "area": "Mesa de Servicio",
        }
        return hearing.receive(hearing.Draft(**{**values, **changes}), by=by, channel=channel)

    return make


def test_the_customer_gets_its_number_and_its_times(complain, requester, mails, now):
    row = complain()
    [mail] = mails("voice_received")
    assert (mail.address, mail.recipient, mail.voice) == (requester.email, requester, row)
    assert mail.subject == f"[{row.number}] Recibimos su queja"
    for body in (mail.text, mail.html):
        assert row.number in body
        assert "Julio Bernal Ortiz" in body
        assert "martes 10 de marzo" in body
        assert "Llamé tres veces" in body
        assert f"/quejas/{row.number}/" in body


def test_the_level_gets_a_link_of_its_own(complain, mails):
    row = complain()
    [mail] = mails("voice_level")
    assert mail.address == JULIO
    assert "acuse recibo antes del martes 10 de marzo" in mail.subject
    [link] = set(re.findall(r"https?://\S+", mail.text))
    assert voice_links.read(link.rstrip("/").rpartition("/")[2]) == row.steps.get()
    assert re.findall(r'href="([^"]+)"', mail.html) == [link]
    assert "\n> Llamé tres veces\n> y nadie contestó." in mail.text
    # Whoever reads the mail in the console cannot answer in the contact's name.
    assert link.rpartition("/queja/")[2].rstrip("/") not in links.without_keys(mail.text)


def test_what_an_agent_wrote_down_is_told_to_the_customer(complain, requester, agent, mails):
    complain(by=agent, channel="phone", author=requester)
    [mail] = mails("voice_received")
    assert mail.address == requester.email
    assert "Daniela Ríos Paz registró a su nombre esta queja" in mail.text


def test_the_customer_hears_of_the_acknowledgement_the_answer_and_the_end(complain, manager, requester, mails, told):
    row = complain()
    mails()
    voices.acknowledge(row, by=manager)
    assert told("voice_acknowledged") == ["requester"]
    row = voices.answer(row, by=manager, text="Ya\ncontestamos.")
    [mail] = mails("voice_answered")
    assert "Julio Bernal Ortiz responde a su queja:\n\n> Ya\n> contestamos." in mail.text
    assert "antes del viernes 13 de marzo" in mail.text
    assert row.next_at is not None
    waiting.sweep(row.next_at)
    [mail] = mails("voice_closed")
    assert mail.address == requester.email
    assert "tres días hábiles" in mail.text


def test_who_agrees_is_not_told_that_it_closed(complain, manager, requester, told, mails):
    row = voices.answer(complain(), by=manager, text="Ya.")
    voices.agree(row, by=requester)
    assert told("voice_closed") == []
    assert [mail.address for mail in mails("voice_work_closed")] == [JULIO]


def test_an_answer_to_a_suggestion_says_what_was_decided(complain, manager, mails):
    voices.answer(complain(kind="suggestion"), by=manager, text="En mayo.", decision="accepted")
    [mail] = mails("voice_answered")
    assert "Qué se decidió: se hará." in mail.text
    assert "sugerencia" in mail.subject


def test_an_appeal_reaches_the_next_level_and_the_supervisors(complain, manager, requester, supervisor, mails, quiet):
    row = voices.answer(complain(), by=manager, text="Ya.")
    quiet()
    voices.appeal(row, by=requester, reason=WHY)
    rows = {(mail.kind, mail.address): mail for mail in mails()}
    assert set(rows) == {("voice_level", MARTA), ("voice_appealed", supervisor.email)}
    assert all(f"> {WHY}" in mail.text and "La respuesta fue:\n> Ya." in mail.text for mail in rows.values())


def test_comments_go_to_the_other_side(complain, manager, agent, requester, supervisor, mails, quiet):
    row = complain()
    quiet()
    voices.comment(row, by=agent, text="¿Qué día?")
    assert [(mail.kind, mail.address) for mail in mails()] == [("voice_comment", requester.email)]
    quiet()
    voices.comment(row, by=requester, text="El lunes.")
    assert {(mail.kind, mail.address) for mail in mails()} == {
        ("voice_work_comment", JULIO),
        ("voice_work_comment", supervisor.email),
    }
    quiet()
    voices.note(row, by=agent, text="Un secreto")
    assert requester.email not in {mail.address for mail in mails()}


def test_the_last_levels_delay_reaches_it_and_the_supervisors(complain, supervisor, mails, quiet, now):
    row = complain(area="Dirección Servicio al Cliente")
    quiet()
    with clock.at(row.next_at):
        waiting.sweep(row.next_at)
        found = {(mail.kind, mail.address): mail.text for mail in mails()}
    assert set(found) == {("voice_reminder", MARTA), ("voice_overdue", supervisor.email)}
    assert "acusar recibo" in found["voice_overdue", supervisor.email]
    assert "Sus teléfonos: 55 5000 0203 (celular)" in found["voice_overdue", supervisor.email]


def test_without_anybody_to_tell_the_supervisors_are(complain, supervisor, mails):
    Contact.objects.update(email="")
    caching.forget_all()
    complain()
    assert [mail.address for mail in mails("voice_nobody")] == [supervisor.email]


def test_without_a_matrix_the_supervisors_are_told(complain, supervisor, mails):
    Matrix.objects.all().update(published_at=None)
    caching.forget_all()
    complain()
    [mail] = mails("voice_nobody")
    assert mail.address == supervisor.email
    assert "No hay matriz" in mail.text


def test_a_level_that_was_passed_before_its_notice_is_not_asked_for_anything(complain, mails, quiet, now):
    row = complain()
    with clock.at(row.next_at):
        waiting.sweep(row.next_at)
        assert [mail.address for mail in mails("voice_level")] == [MARTA]


def test_every_handler_may_run_twice(complain, manager, requester, supervisor, mails):
    row = voices.answer(complain(), by=manager, text="Ya.")
    voices.appeal(row, by=requester, reason=WHY)
    once = [(mail.kind, mail.address) for mail in mails()]
    Delivery.objects.update(state="pending", attempts=0)
    run_deliveries()
    assert [(mail.kind, mail.address) for mail in mails()] == once


def test_whoever_is_pointed_at_is_told_nothing(
    complain, agent, supervisor, manager, requester, mails, now, ticket, quiet
):
    """The supervisor who is pointed at hears of nothing; without another one, those above them do."""
    quiet()
    julio = Contact.objects.get(email=JULIO)
    julio.user = manager
    julio.save(update_fields=["user"])
    caching.forget_all()
    row = complain(
        by=agent, author=requester, channel="phone", pointed_at=[supervisor, manager], area="Mesa de Servicio"
    )
    voices.comment(row, by=requester, text="Otra vez")
    voices.note(row, by=agent, text="Ojo")
    row = voices.answer(row, by=agent, text="Ya.")
    row = voices.appeal(row, by=requester, reason=WHY)
    for _ in range(3):
        row = Voice.objects.get()
        if row.next_at:
            with clock.at(row.next_at):
                waiting.sweep(row.next_at)
                run_deliveries()
    told = {mail.address for mail in mails()}
    assert told
    assert not told & {supervisor.email, manager.email, JULIO}
    for person in (supervisor, manager):
        assert not OutboundMessage.objects.visible_to(person).filter(voice=row).exists()
    for alarm in Alarm.objects.all():
        assert row.subject not in alarm.text
        assert "Julio" not in alarm.text + alarm.key


def test_the_link_of_a_contact_who_gets_pointed_at_stops(complain, supervisor, manager, director, mails):
    row = complain()
    step = row.steps.get()
    token = voice_links.token(step)
    assert voice_links.read(token) == step
    Contact.objects.filter(email=JULIO).update(user=manager)
    voices.point_at(row, by=supervisor, people=[manager], reason="Es de quien se queja.")
    with pytest.raises(NotVisible):
        voice_links.read(token)
    assert [mail.address for mail in mails("voice_level")][-1] == MARTA
    voices.point_at(row, by=supervisor, people=[], reason="Fue un error.")
    with pytest.raises(voice_links.Over) as over:
        voice_links.read(token)
    assert over.value.code == "superseded"


def test_a_link_is_over_when_it_is(complain, manager, requester, now):
    row = complain()
    step = row.steps.get()
    token = voice_links.token(step)
    for wrong in ("x", token[:-1], links.signing.dumps([1, 2, "x", 3], salt=links.ESCALATION_SALT)):
        with pytest.raises(NotVisible):
            voice_links.read(wrong)
    voices.answer(row, by=manager, text="Ya.")
    with pytest.raises(voice_links.Over) as over:
        voice_links.read(token)
    assert over.value.code == "done"
    voices.agree(row, by=requester)
    with pytest.raises(voice_links.Over) as over:
        voice_links.read(token)
    assert over.value.code == "ended"
    with pytest.raises(voice_links.Over) as over:
        voice_links.read(token, at=step.answer_by + timedelta(days=8))
    assert over.value.code == "expired"


def test_what_is_typed_makes_no_header_and_no_markup(complain, mails):
    hostile = 'Urge\r\nBcc: todos@example.test <script>alert(1)</script> \u202e"><img src=x> {{ number }}'
    complain(subject=hostile[:150], body=hostile)
    rows = mails()
    assert rows
    for row in rows:
        assert "\n" not in row.subject
        assert "<script" not in row.html
        assert "<img" not in row.html
        assert "\u202e" not in row.text + row.html
        assert "{{ number }}" in row.html


def test_what_was_written_before_is_not_sent_to_whoever_is_pointed_at_meanwhile(
    complain, supervisor, manager, director, mails, office
):
    """The mail server was away; by the time it is back, the complaint points at the level's contact."""
    row = complain()
    assert {mail.address for mail in mails("voice_level", "voice_received")} >= {JULIO}
    Contact.objects.filter(email=JULIO).update(user=manager)
    manager.email = JULIO
    manager.save(update_fields=["email"])
    voices.point_at(row, by=supervisor, people=[manager], reason="Es de quien se queja.")
    mails()
    office.opens()
    send_due()
    sent = {str(mail["To"]) for mail in office.received}
    assert any(MARTA in address for address in sent)
    assert not any(JULIO in address for address in sent)
    kept = OutboundMessage.objects.get(address=JULIO)
    assert (kept.state, kept.last_error) == ("withdrawn", "La queja señala a esta persona: no se le envía.")


def test_a_contact_with_a_customers_address_is_told_nothing_and_an_alarm_sounds(complain, requester, supervisor, mails):
    Contact.objects.filter(email=JULIO).update(email=requester.email)
    caching.forget_all()
    row = complain()
    assert mails("voice_level") == []
    assert [mail.address for mail in mails("voice_nobody")] == [supervisor.email]
    assert Alarm.objects.get(settled_at=None).text.startswith(f"{row.number}: no se puede escribir al nivel 1")
