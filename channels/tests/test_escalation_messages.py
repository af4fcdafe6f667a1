"""Who is told what of a ticket's way up a matrix."""

import re
from datetime import timedelta

from channels import links
from channels.models import OutboundMessage
from channels.tasks import send_due
from core import caching, clock
from core.leases import WorkState
from core.models import Delivery
from core.tasks import run_deliveries
from escalation.models import Contact, Escalation, EscalationStep, Level, Matrix
from escalation.services import answering, raising, sweep
from servicedesk.seeding import escalation
from tickets.models import Ticket
from tickets.services import intake, triage

WHY = "Nadie me ha contestado."
TERESA, JULIO, MARTA = "supervision@mesa.example", "gerencia@mesa.example", "direccion@mesa.example"
HOUR = timedelta(hours=1)


def present(case: Escalation) -> EscalationStep:
    return case.steps.latest("number")


def test_the_level_is_told_what_it_needs_and_by_when(opened, requester, mails, now):
    requester.phone = "55 1234 5678"
    requester.save(update_fields=["phone"])
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    [mail] = mails("escalation_level")
    assert (mail.address, mail.name, mail.recipient, mail.ticket) == (TERESA, "Teresa Olvera Luna", None, opened)
    assert mail.subject == f"[{opened.number}] Escalamiento, nivel 2: acuse recibo antes del martes 10 de marzo, 11:00"
    for body in (mail.text, mail.html):
        for words in (
            opened.number,
            "La nómina quincenal no se timbra",
            "Grupo Alborada",
            "Lucía Herrera Montaño",
            "55 1234 5678",
            "Alta, asignado",
            "Nómina",
            WHY,
            "martes 10 de marzo, 11:00",
            "martes 10 de marzo, 14:00",
            "Supervisor de Mesa de Servicio",
        ):
            assert words in body
    [link] = set(re.findall(r"https?://\S+", mail.text))
    assert links.read_escalation(link.rstrip("/").rpartition("/")[2]) == step
    assert re.findall(r'href="([^"]+)"', mail.html) == [link]


def test_the_words_of_the_customer_are_quoted_and_never_a_subject(opened, requester, mails):
    hostile = 'Urge\r\nBcc: todos@example.test <script>alert(1)</script> \u202e"><img src=x> {{ number }} ' + "ñ" * 1800
    raising.escalate(opened, by=requester, reason=hostile)
    rows = mails()
    assert {row.kind for row in rows} == {"escalation_level", "work_escalated"}
    for row in rows:
        assert "Urge" not in row.subject
        assert "\n" not in row.subject
        assert "<script" not in row.html
        assert "<img" not in row.html
        assert "\u202e" not in row.text + row.html
        assert "{{ number }}" in row.html
        assert "\n> Urge\n> Bcc: todos@example.test <script>" in row.text
        assert "ñ" * 1800 in row.text


def test_the_name_of_a_contact_makes_no_header(opened, requester, mails, post):
    Contact.objects.filter(email=TERESA).update(name="Teresa\r\nBcc: todos@example.test")
    raising.escalate(opened, by=requester, reason=WHY)
    mails()
    send_due()
    mail = next(mail for mail in post.received if TERESA in str(mail["To"]))
    assert mail["Bcc"] is None
    assert not OutboundMessage.objects.exclude(state=WorkState.DONE).exists()


def test_the_customer_who_asked_is_not_told_what_they_did_but_their_colleague_is(
    opened, requester, representative, told, quiet, mails
):
    raising.escalate(opened, by=requester, reason=WHY)
    assert told("escalation_raised") == []
    quiet()
    with clock.at(clock.now() + 5 * HOUR):
        raising.escalate(opened, by=representative, reason="Sigue sin respuesta")
        [mail] = mails("escalation_raised")
    assert mail.recipient == requester
    assert "Ximena Ordaz Leal pidió escalar su ticket al nivel 3" in mail.text
    assert "> Sigue sin respuesta" in mail.text
    assert "Julio Bernal Ortiz (Gerente de Mesa de Servicio)" in mail.text
    assert "acuse recibo y cuando responda" in mail.text


def test_what_the_desk_asked_for_a_caller_is_told_to_the_customer(opened, agent, mails):
    raising.escalate(opened, by=agent, reason="Llamó Lucía: sigue sin solución.")
    [mail] = mails("escalation_raised")
    assert mail.address == "requester@example.test"
    assert "La Mesa de Servicio escaló su ticket al nivel 2, a petición de su compañía" in mail.text
    [level] = mails("escalation_level")
    assert "El cliente lo pidió a la Mesa de Servicio; lo anotó Daniela Ríos Paz:" in level.text


def test_whoever_attends_it_is_told_and_whoever_did_it_is_not(opened, requester, agent, desk_group, told, quiet):
    raising.escalate(opened, by=requester, reason=WHY)
    assert told("work_escalated") == ["consultant"]
    with clock.at(clock.now() + 5 * HOUR):
        triage.assign(opened, by=agent, group=desk_group, assignee=agent, reason="Lo sigo yo")
        quiet()
        raising.escalate(opened, by=agent, reason="Volvió a llamar")
        assert told() == [JULIO, "requester"]


def test_an_acknowledgement_and_an_answer_reach_the_customer_and_whoever_asked(
    opened, representative, requester, told, quiet, mails
):
    step = present(raising.escalate(opened, by=representative, reason=WHY))
    quiet()
    answering.acknowledge(step, by=None, name=step.name)
    assert told() == ["representative", "requester"]
    [mail, _] = mails("escalation_acknowledged")
    assert (
        "Teresa Olvera Luna acusó recibo de su escalamiento el martes 10 de marzo, 10:00, por el nivel 2 (Supervisor de"
        in mail.text
    )
    assert "antes del martes 10 de marzo, 14:00" in mail.text
    quiet()
    answering.answer(step, by=None, text="Lo revisa hoy\nel equipo <b>de</b> nómina.", name=step.name)
    assert told("escalation_answered") == ["representative", "requester"]
    mail = mails("escalation_answered")[0]
    assert "> Lo revisa hoy\n> el equipo <b>de</b> nómina." in mail.text
    assert "el equipo &lt;b&gt;de&lt;/b&gt; nómina." in mail.html
    assert "suba al nivel 3: Julio Bernal Ortiz (Gerente de Mesa de Servicio)" in mail.text
    assert "Lo revisa" not in mail.subject
    assert told("work_escalation_answer") == ["consultant"]
    assert TERESA not in told()


def test_a_long_answer_is_told_in_full(opened, requester, mails):
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    answering.answer(step, by=None, text="palabra " * 5000 + "fin.", name=step.name)
    [mail] = mails("escalation_answered")
    assert mail.text.count("palabra") == 5000
    assert "fin." in mail.html


def test_an_agent_who_writes_the_answer_down_is_not_told_of_it(opened, requester, agent, desk_group, told, quiet):
    triage.assign(opened, by=agent, group=desk_group, assignee=agent, reason="Lo sigo yo")
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    quiet()
    answering.answer(step, by=agent, text="Por teléfono: hoy.")
    assert told() == ["requester"]


def test_what_climbs_by_itself_says_so_to_each(opened, requester, mails, quiet, now):
    raising.escalate(opened, by=requester, reason=WHY)
    quiet()
    with clock.at(now + HOUR + timedelta(minutes=1)):
        sweep.waits(clock.now())
        rows = {row.kind: row for row in mails()}
    assert {kind: row.address for kind, row in rows.items()} == {
        "escalation_level": JULIO,
        "escalation_raised": "requester@example.test",
        "work_escalated": "consultant@example.test",
    }
    customer, level = rows["escalation_raised"], rows["escalation_level"]
    assert "Su ticket subió solo al nivel 3. Teresa Olvera Luna no acusó recibo a tiempo." in customer.text
    assert "Teresa Olvera Luna no acusó recibo a tiempo." in level.text
    past = "- Nivel 2, Teresa Olvera Luna (Supervisor de Mesa de Servicio): se le avisó el martes 10 de marzo, 10:00, porque:\n"
    assert f"{past}> {WHY}\n  No acusó recibo." in level.text


def test_a_rule_that_jumps_tells_each_level_once_and_the_others_once(
    requester, report, guide, desk_group, mails, quiet, now
):
    escalation.everything(guide)
    caching.forget_all()
    row = intake.receive(report(), by=requester, channel="web")
    quiet()
    with clock.at(now + 4 * HOUR):
        sweep.plans(clock.now())
        assert sorted((m.kind, m.address) for m in mails() if m.ticket_id == row.pk and "work_b" not in m.kind) == [
            ("escalation_level", JULIO),
            ("escalation_level", TERESA),
            ("escalation_raised", "requester@example.test"),
            ("work_escalated", "agent@example.test"),
        ]
    passed = OutboundMessage.objects.get(kind="escalation_level", address=TERESA)
    assert passed.subject == f"[{row.number}] El escalamiento pasó por su nivel"
    assert "Ya lo tiene el nivel 3, Julio Bernal Ortiz (Gerente de Mesa de Servicio). No hace falta" in passed.text
    assert "http" not in passed.text
    assert "Venció el tiempo de reacción hace más de 2 h" in passed.text


def test_the_same_address_on_two_levels_is_told_twice(opened, requester, mails, now):
    Contact.objects.filter(email=JULIO).update(email=TERESA)
    raising.escalate(opened, by=requester, reason=WHY)
    with clock.at(now + 5 * HOUR):
        raising.escalate(opened, by=requester, reason="Sigue")
        assert [row.address for row in mails("escalation_level")] == [TERESA, TERESA]


def test_a_reaction_that_runs_twice_sends_once(opened, requester, mails):
    raising.escalate(opened, by=requester, reason=WHY)
    before = [(row.pk, row.message_id) for row in mails()]
    assert Delivery.objects.filter(event="LevelNotified").update(state=WorkState.PENDING, attempts=0) == 2
    assert [(row.pk, row.message_id) for row in mails()] == before
    assert len({message_id for _, message_id in before}) == len(before)


def test_the_technical_list_names_its_next_level_to_its_readers_alone(
    opened, requester, representative, consultant, contract, service, mails, quiet, now
):
    matrix = Matrix.objects.create(
        kind="technical", contract=contract, service=service, version=1, valid_from=now, published_at=now
    )
    for level, name in ((1, "Erika Lozano"), (2, "Tomás Rivas")):
        contact = Contact.objects.create(name=name, email=f"n{level}@mesa.example")
        Level.objects.create(matrix=matrix, level=level, role=f"Especialista {level}", contact=contact)
    caching.forget_all()
    Ticket.objects.filter(pk=opened.pk).update(service=service)
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    answering.answer(step, by=None, text="Lo vemos.", name=step.name)
    answers = {row.address.partition("@")[0]: row.text for row in mails("escalation_answered")}
    assert "Listado" not in answers["requester"]
    quiet()
    row = Ticket.objects.get(pk=opened.pk)
    step = present(raising.escalate(row, by=representative, reason="Hay dudas", kind="technical"))
    [level] = mails("escalation_level")
    assert level.address == "n1@mesa.example"
    assert "nivel 1 del Listado de Escalamiento de Fallas Técnicas" in level.text
    answering.answer(step, by=None, text="Es la base de datos.", name=step.name)
    answers = {row.address.partition("@")[0]: row.text for row in mails("escalation_answered")}
    assert set(answers) == {"requester", "representative"}
    assert "Tomás Rivas" in answers["representative"]
    assert "Tomás Rivas" not in answers["requester"]


def test_nothing_waits_for_anybodys_hours(opened, requester, representative, supervisor, mails, now):
    with clock.at(now.replace(hour=9) + timedelta(days=5)):  # Sunday 03:00 in Mexico City
        raising.escalate(opened, by=representative, reason=WHY)
        rows = mails()
        assert {row.kind for row in rows} == {"escalation_level", "escalation_raised", "work_escalated"}
        assert {row.next_at for row in rows} == {clock.now()}
        assert {row.only_if for row in rows} == {""}


def test_no_handler_is_parked(opened, requester, representative, supervisor, now):
    step = present(raising.escalate(opened, by=representative, reason=WHY))
    answering.answer(step, by=supervisor, text="Sí.")
    with clock.at(now + 30 * HOUR):
        raising.escalate(opened, by=requester, reason=WHY)
        for _ in range(6):
            sweep.waits(clock.now())
            run_deliveries()
    assert set(Delivery.objects.values_list("state", "last_error")) == {(WorkState.DONE, "")}


def test_the_desk_reads_the_mail_without_the_key_that_is_its_contacts(client, opened, requester, supervisor, mails):
    raising.escalate(opened, by=requester, reason=WHY)
    [mail] = mails("escalation_level")
    [token] = re.findall(r"/escalamiento/([^/]+)/", mail.text)
    client.force_login(supervisor)
    for path in (f"{mail.pk}/change/", ""):
        page = client.get(f"/admin/channels/outboundmessage/{path}").content.decode()
        assert TERESA in page
        assert token not in page
    assert "/escalamiento/…/" in client.get(f"/admin/channels/outboundmessage/{mail.pk}/change/").content.decode()
