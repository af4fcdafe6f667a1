"""The page that an escalation's mail leads to: a level acknowledges and answers without signing in."""

import io
import logging
from datetime import timedelta

import pytest
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from channels import links
from core import clock
from escalation.models import Contact, Escalation, EscalationStep
from escalation.services import answering, raising
from servicedesk.seeding import escalation
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, resolution, triage

pytestmark = pytest.mark.django_db
WHY = "Nadie me ha contestado."
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ ticket }} '


@pytest.fixture
def opened(ticket, agent, guide) -> Ticket:
    escalation.everything(guide)
    conversation.reply(ticket, by=ticket.requester, message="Esto lo escribí en la conversación.")
    return triage.open(ticket, by=agent)


@pytest.fixture
def step(opened, requester) -> EscalationStep:
    return raising.escalate(opened, by=requester, reason=WHY).steps.select_related("contact").get()


@pytest.fixture
def address(step) -> str:
    return f"/escalamiento/{links.escalation_token(step)}/"


def acknowledged(step: EscalationStep) -> tuple[bool, bool]:
    row = EscalationStep.objects.get(pk=step.pk)
    return row.acknowledged_at is not None, row.answered_at is not None


def test_the_page_shows_what_the_contact_needs_and_nothing_of_the_conversation(client, opened, address):
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        opened.number,
        opened.title,
        "Grupo Alborada",
        "Lucía Herrera Montaño",
        WHY,
        "hoy 11:00",
        "hoy 14:00",
    ):
        assert words in page
    assert "Teresa Olvera Luna, Supervisor de Mesa de Servicio" in page
    assert opened.description not in page
    assert "en la conversación" not in page


def test_the_page_is_kept_by_nobody_and_its_address_told_to_nobody(client, address):
    for answer in (client.get(address), client.post(address, {"act": "answer"})):
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "'none'" in answer["Content-Security-Policy"]
        assert 'name="robots" content="noindex' in answer.content.decode()


def test_following_the_link_changes_nothing_and_signs_nobody_in(client, opened, step, address):
    before = Ticket.objects.get(pk=opened.pk).version
    for _ in range(3):
        client.get(address)
        client.head(address)
        assert client.put(address).status_code == client.delete(address).status_code == 405
    assert acknowledged(step) == (False, False)
    assert Ticket.objects.get(pk=opened.pk).version == before
    assert client.get("/").status_code == 302


def test_acknowledging_is_written_in_the_contacts_name_and_once(client, step, address, now):
    with clock.at(now + timedelta(minutes=10)):
        answer = client.post(address, {"act": "acknowledge"})
        assert (answer.status_code, answer["Location"]) == (302, address)
        page = client.get(address).content.decode()
        again = client.post(address, {"act": "acknowledge"}, follow=True)
    assert "Teresa Olvera Luna, hoy 10:10. Falta la respuesta" in page
    assert "Acusar recibo" not in page
    assert (again.status_code, "Ya se acusó recibo" in again.content.decode()) == (200, True)
    entries = TicketEvent.objects.filter(kind="escalation_acknowledged")
    assert [(entry.data["who"], entry.actor.role) for entry in entries] == [("Teresa Olvera Luna", "system")]


def test_an_answer_is_recorded_once_and_the_page_says_so_however_often_it_is_sent(client, step, address, now):
    said = {"act": "answer", "text": "Lo revisa hoy\r\nel equipo de nómina."}
    assert client.post(address, said).status_code == 302
    assert acknowledged(step) == (True, True)
    assert EscalationStep.objects.get(pk=step.pk).answer == "Lo revisa hoy\nel equipo de nómina."
    for answer in (client.get(address), client.post(address, said), client.post(address, {"act": "acknowledge"})):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "La respuesta quedó registrada" in page
        assert "Teresa Olvera Luna respondió hoy 10:00" in page
        assert "no se envió" not in page
    assert TicketEvent.objects.filter(kind="escalation_answered").count() == 1


@pytest.mark.parametrize(("text", "fault"), [(" ", "Escriba su respuesta."), ("x" * 50_001, "caben 50,000")])
def test_a_fault_stands_beside_its_field_and_the_text_stays(client, step, address, text, fault):
    answer = client.post(address, {"act": "answer", "text": text})
    page = answer.content.decode()
    assert (answer.status_code, acknowledged(step)) == (422, (False, False))
    assert fault in page
    assert text.strip() in page
    assert "<details open>" in page


def test_a_post_that_says_neither_records_nothing(client, step, address):
    assert client.post(address, {}).status_code == 422
    assert acknowledged(step) == (False, False)


def test_what_was_typed_survives_the_acknowledgement(client, step, address):
    for _ in range(2):
        answer = client.post(address, {"act": "acknowledge", "text": "Voy a la mitad de"})
        assert (answer.status_code, "Voy a la mitad de" in answer.content.decode()) == (200, True)
    assert acknowledged(step) == (True, False)


def test_a_level_that_was_passed_while_it_wrote_keeps_its_words(client, step, opened, requester, address, now):
    with clock.at(now + timedelta(hours=5)):
        raising.escalate(opened, by=requester, reason="Sigue igual")
        answer = client.post(address, {"act": "answer", "text": "Ya casi <b>está</b>."})
        page = answer.content.decode()
    assert answer.status_code == 410
    assert "El ticket ya subió de nivel" in page
    assert "Julio Bernal Ortiz" in page
    assert "Esto es lo que usted escribió; no se envió" in page
    assert "Ya casi &lt;b&gt;está&lt;/b&gt;." in page
    assert "Sigue igual" not in page
    assert acknowledged(step) == (False, False)


def test_somebody_elses_answer_is_shown_and_ones_own_kept(client, step, supervisor, address):
    answering.answer(step, by=supervisor, text="Ya lo vi yo.")
    page = client.post(address, {"act": "answer", "text": "Otra cosa."}).content.decode()
    assert "Ya lo vi yo." in page
    assert "Otra cosa." in page
    assert EscalationStep.objects.get(pk=step.pk).answer == "Ya lo vi yo."


def test_a_solved_ticket_needs_no_answer(client, step, opened, agent, desk_group, address):
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent)
    resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Ya no hace falta su respuesta" in answer.content.decode()
    assert "Daniela Ríos Paz" in answer.content.decode()
    assert opened.title not in answer.content.decode()


def test_an_old_link_explains_itself_and_names_nothing(client, step, opened, address, now):
    with clock.at(step.answer_by + timedelta(days=7)):
        answer = client.get(address)
    page = answer.content.decode()
    assert (answer.status_code, "Este enlace ya venció" in page) == (410, True)
    assert opened.title not in page
    assert "Alborada" not in page


def test_a_late_level_may_still_answer(client, step, address, now):
    with clock.at(step.answer_by + timedelta(minutes=1)):
        assert "todavía puede responder" in client.get(address).content.decode()
        client.post(address, {"act": "answer", "text": "Tarde, pero aquí está."})
    assert acknowledged(step) == (True, True)


@pytest.mark.parametrize("token", ["x", "a:b:c", "W10:1:2", "ñ", "x" * 4000])
def test_a_forged_link_is_not_found(client, token):
    assert client.get(f"/escalamiento/{token}/").status_code == 404
    assert client.post(f"/escalamiento/{token}/", {"act": "acknowledge"}).status_code == 404


def test_every_part_of_the_token_counts(client, step, address):
    token = address.split("/")[2]
    for position in range(0, len(token), 7):
        other = "A" if token[position] != "A" else "B"
        changed = f"/escalamiento/{token[:position]}{other}{token[position + 1 :]}/"
        assert client.post(changed, {"act": "acknowledge"}).status_code == 404, position
    assert acknowledged(step) == (False, False)


def test_a_closed_account_acts_no_more(client, step, consultant, address):
    Contact.objects.filter(pk=step.contact_id).update(user=consultant)
    consultant.is_active = False
    consultant.save(update_fields=["is_active"])
    assert client.post(address, {"act": "acknowledge"}).status_code == 404
    assert acknowledged(step) == (False, False)


@pytest.mark.parametrize("who", ["requester", "representative", "outsider"])
def test_a_customer_to_whom_it_was_forwarded_finds_nothing(client, step, address, who, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address).status_code == 404
    assert client.post(address, {"act": "acknowledge"}).status_code == 404
    assert acknowledged(step) == (False, False)


def test_somebody_of_the_desk_who_is_signed_in_acts_for_the_contact(client, step, agent, address):
    client.force_login(agent)
    client.post(address, {"act": "acknowledge"})
    assert EscalationStep.objects.get(pk=step.pk).acknowledged_by == "Teresa Olvera Luna"


def test_what_people_typed_is_text(client, opened, requester):
    requester.full_name = f"Eva {HOSTILE[:40]}"
    requester.save(update_fields=["full_name"])
    Ticket.objects.filter(pk=opened.pk).update(title=HOSTILE)
    step = raising.escalate(opened, by=requester, reason=HOSTILE + "ñ" * 1900).steps.get()
    address = f"/escalamiento/{links.escalation_token(step)}/"
    pages = [client.get(address), client.post(address, {"act": "acknowledge", "text": HOSTILE})]
    client.post(address, {"act": "answer", "text": HOSTILE})
    for answer in (*pages, client.get(address)):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "ñ" * 1900 in pages[0].content.decode()


def test_the_buttons_are_protected_against_forged_posts(step, address):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"act": "acknowledge"}).status_code == 403
    assert acknowledged(step) == (False, False)


def test_too_many_presses_wait_and_the_text_stays(client, step, address):
    for _ in range(20):
        assert client.post(address, {"act": "answer", "text": ""}).status_code == 422
    answer = client.post(address, {"act": "answer", "text": "Lo veo hoy."})
    page = answer.content.decode()
    assert (answer.status_code, acknowledged(step)) == (429, (False, False))
    assert "Espere un minuto" in page
    assert "Lo veo hoy." in page
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("page", ["escalamiento", "validar"])
def test_no_log_holds_the_token(step, address, page):
    written = io.StringIO()
    ours = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter))
    handler = logging.StreamHandler(written)
    handler.setFormatter(ours.formatter)
    logging.getLogger().addHandler(handler)
    token = address.split("/")[2]
    strict = Client(enforce_csrf_checks=True)
    strict.post(f"/{page}/{token}/", {"act": "acknowledge"})
    strict.get(f"/{page}/{token}/")
    logging.getLogger().removeHandler(handler)
    said = written.getvalue()
    assert "CSRF" in said
    assert f"/{page}/…/" in said
    assert token[:30] not in said
    assert token[-30:] not in said


def test_a_reader_without_an_account_reads_the_desks_zone_and_one_with_it_theirs(client, step, consultant, address):
    consultant.time_zone = "America/Cancun"
    consultant.save(update_fields=["time_zone"])
    Contact.objects.filter(pk=step.contact_id).update(user=consultant)
    assert "hoy 12:00" in client.get(address).content.decode()


def test_the_page_costs_the_same_however_long_the_way_was(
    client, opened, requester, supervisor, now, django_assert_num_queries
):
    def visit() -> None:
        step = Escalation.objects.get().steps.select_related("contact").latest("number")
        with django_assert_num_queries(4):
            client.get(f"/escalamiento/{links.escalation_token(step)}/")

    case = raising.escalate(opened, by=requester, reason=WHY)
    client.get(f"/escalamiento/{links.escalation_token(case.steps.get())}/")
    visit()
    for _ in (3, 4):
        answering.answer(Escalation.objects.get().steps.latest("number"), by=supervisor, text="Sí.")
        raising.escalate(opened, by=requester, reason=WHY)
    visit()
