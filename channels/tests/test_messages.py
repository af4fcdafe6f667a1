"""Who is told what after each event."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from accounts.models import User
from channels.models import OutboundMessage
from channels.tasks import send_due
from core import clock, events
from core.models import Delivery
from core.tasks import run_deliveries
from sla.tasks import sweep_clocks
from tickets.services import conversation, ending, intake, resolution, triage, work
from tickets.tasks import close_unvalidated, remind_validation


@pytest.fixture
def assigned(ticket, agent, group, consultant, quiet):
    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group)
    quiet()
    return row


@pytest.fixture
def solved(assigned, consultant, quiet):
    return resolution.solve(
        assigned, by=consultant, solution_type="definitive", solution="Timbre la quincena otra vez."
    )


def test_whoever_reports_gets_a_copy_of_the_ticket(requester, report, mails, now):
    files = [ContentFile(b"x", name="pantalla.png")]
    ticket = intake.receive(report(files=files), by=requester, channel="web")
    [mail] = mails()
    assert (mail.kind, mail.address, mail.recipient, mail.ticket) == ("receipt", requester.email, requester, ticket)
    assert mail.subject == f"[{ticket.number}] Recibimos su ticket: La nómina quincenal no se timbra"
    for body in (mail.text, mail.html):
        for words in (
            ticket.number,
            "La nómina quincenal no se timbra",
            "Lucía Herrera Montaño",
            "Grupo Alborada",
            "Al timbrar la quincena 5",
            "Alta",
            "pantalla.png",
            "martes 10 de marzo, 10:00",
            f"/asuntos/{ticket.number}/",
        ):
            assert words in body
    # High priority, functional: 1 business hour to react, 10 to attend.
    assert "Reacción (1 h hábil): a más tardar el martes 10 de marzo, 11:00" in mail.text
    assert "Atención (10 h hábiles): a más tardar el miércoles 11 de marzo, 10:00" in mail.text


def test_a_ticket_registered_by_an_agent_is_confirmed_in_other_words(requester, agent, report, mails, now):
    ticket = intake.register(report(), by=agent, requester=requester, channel="phone")
    [mail] = mails()
    assert (mail.kind, mail.address) == ("registered", requester.email)
    assert mail.subject == f"[{ticket.number}] Registramos su ticket: La nómina quincenal no se timbra"
    assert "Daniela Ríos Paz, de la Mesa de Servicio, registró su ticket" in mail.text
    assert "listo para ser atendido" in mail.text


def test_a_representative_who_reports_for_a_colleague_gets_a_copy_too(requester, representative, report, told):
    intake.receive(report(), by=representative, requester=requester, channel="web")
    assert told("receipt") == ["representative", "requester"]


def test_a_report_that_is_refused_is_answered_to_nobody(requester, report, mails):
    requester.valid_user.status = "suspended"
    requester.valid_user.save(update_fields=["status"])
    with pytest.raises(Exception, match="suspendido"):
        intake.receive(report(), by=requester, channel="email")
    assert mails() == []


def test_opening_tells_the_user_that_it_is_ready(ticket, agent, quiet, mails):
    quiet()
    triage.open(ticket, by=agent)
    [mail] = mails()
    assert (mail.kind, mail.address) == ("opened", "requester@example.test")
    assert "está listo para ser atendido" in mail.text
    assert "Atención (10 h hábiles)" in mail.text
    assert "Reacción" not in mail.text


def test_assigning_tells_the_user_and_the_whole_group_until_it_has_a_person(
    ticket, agent, group, consultant, quiet, told
):
    second = User.objects.create_user("second@example.test", full_name="Elena Duarte", role="consultant")
    group.members.add(second)
    triage.open(ticket, by=agent)
    quiet()
    triage.assign(ticket, by=agent, group=group)
    assert told("assigned") == ["requester"]
    assert told("work_assigned") == ["consultant", "second"]
    quiet()
    triage.assign(ticket, by=agent, group=group, assignee=second, reason="Lo conoce.")
    assert told("work_assigned") == ["second"]


def test_the_reason_of_a_reassignment_is_for_the_desk_only(assigned, agent, group, mails):
    triage.assign(assigned, by=agent, group=group, reason="El anterior no contesta")
    assert "no contesta" in mails("work_assigned")[0].text
    assert "no contesta" not in mails("assigned")[0].text


def test_whoever_did_it_is_not_told(ticket, agent, desk_group, quiet, told):
    quiet()
    triage.assign(ticket, by=agent, group=desk_group)
    assert told() == ["requester"]


def test_people_who_left_are_not_told(assigned, agent, consultant, requester, told):
    consultant.is_active = requester.is_active = False
    consultant.save(update_fields=["is_active"])
    requester.save(update_fields=["is_active"])
    conversation.reply(assigned, by=agent, message="Hola")
    assert told() == []


def test_a_customer_put_in_a_group_by_mistake_gets_no_notice_of_work(
    assigned, group, outsider, colleague, requester, told
):
    group.members.add(outsider, colleague)
    conversation.reply(assigned, by=requester, message="¿Cómo va?")
    assert told() == ["consultant"]


def test_starting_tells_the_promised_date_in_the_readers_zone(assigned, consultant, requester, mails, now):
    requester.time_zone = "America/Tijuana"
    requester.save(update_fields=["time_zone"])
    work.start(assigned, by=consultant, message="Reviso el PAC.", committed_for=now + timedelta(hours=3))
    [mail] = mails()
    assert mail.kind == "started"
    assert "> Reviso el PAC." in mail.text
    assert "Solución prometida: martes 10 de marzo, 12:00 (en 3 h)." in mail.text


def test_a_public_message_of_the_desk_goes_to_the_user(assigned, consultant, told, mails):
    conversation.reply(assigned, by=consultant, message="¿Qué versión usa?")
    assert told() == ["requester"]
    assert "¿Qué versión usa?" in mails()[0].html


def test_the_customers_message_goes_to_the_person_in_charge_else_to_the_group(
    assigned, consultant, requester, quiet, told
):
    conversation.reply(assigned, by=requester, message="¿Cómo va?")
    assert told("work_message") == ["consultant"]
    quiet()
    triage.take(assigned, by=consultant)
    conversation.reply(assigned, by=requester, message="¿Y ahora?")
    assert told() == ["consultant"]


def test_before_it_has_a_group_the_customers_message_goes_to_the_first_level(
    ticket, requester, desk_group, consultant, quiet, told
):
    quiet()
    conversation.reply(ticket, by=requester, message="Agrego un dato.")
    assert told() == ["agent"]


def test_the_user_hears_what_their_representative_wrote(assigned, representative, told):
    conversation.reply(assigned, by=representative, message="Es urgente.")
    assert told("message") == ["requester"]
    assert told("work_message") == ["consultant"]


def test_an_internal_note_reaches_the_person_in_charge_and_no_customer(
    assigned, agent, consultant, requester, representative, quiet, mails
):
    triage.take(assigned, by=consultant)
    quiet()
    conversation.note(
        assigned, by=agent, message="El cliente se equivocó", files=[ContentFile(b"x", name="interno.txt")]
    )
    rows = mails()
    assert [(row.kind, row.address) for row in rows] == [("work_note", consultant.email)]
    assert "El cliente no la ve" in rows[0].text
    resolution.solve(assigned, by=consultant, solution_type="workaround", solution="Listo.")
    conversation.reply(assigned, by=requester, message="Gracias")
    for row in mails():
        if row.recipient.is_customer:
            assert "se equivocó" not in row.text + row.html
            assert "interno.txt" not in row.text + row.html


def test_a_file_of_the_customer_is_told_by_its_name(assigned, requester, mails):
    conversation.attach(assigned, by=requester, files=[ContentFile(b"x", name="bitácora.log")])
    [mail] = mails()
    assert (mail.kind, mail.address) == ("work_message", "consultant@example.test")
    assert mail.subject == f"[{assigned.number}] Archivos de Lucía Herrera Montaño: {assigned.title}"
    assert "- bitácora.log" in mail.text


def test_waiting_for_the_user_says_what_is_needed_and_what_it_does_to_the_clock(assigned, consultant, mails):
    work.wait_for_user(assigned, by=consultant, message="¿Nos manda el XML?")
    [mail] = mails()
    assert (mail.kind, mail.address) == ("awaited", "requester@example.test")
    assert "> ¿Nos manda el XML?" in mail.text
    assert "el tiempo de atención está en pausa" in mail.text


def test_waiting_for_a_vendor_does_not_say_which_one(assigned, consultant, mails):
    work.wait_for_vendor(assigned, by=consultant, vendor="PAC del Norte", vendor_reference="REF-77")
    [mail] = mails()
    assert mail.kind == "vendor"
    assert "El tiempo de atención sigue corriendo." in mail.text
    assert "PAC del Norte" not in mail.text + mail.html
    assert "REF-77" not in mail.text + mail.html


def test_the_users_answer_is_told_to_the_desk(assigned, consultant, requester, quiet, mails):
    work.wait_for_user(assigned, by=consultant, message="¿Nos manda el XML?")
    quiet()
    conversation.reply(assigned, by=requester, message="Aquí está.")
    [mail] = mails()
    assert (mail.kind, mail.address) == ("work_resumed", "consultant@example.test")
    assert mail.subject == f"[{assigned.number}] Respondió Lucía Herrera Montaño: {assigned.title}"
    assert "> Aquí está." in mail.text


def test_only_a_change_of_priority_is_told_to_the_user(assigned, agent, quiet, mails):
    triage.reclassify(assigned, by=agent, reason="Es técnico", changes={"service_line": "technical"})
    assert mails() == []
    triage.reclassify(assigned, by=agent, reason="Afecta a todos", changes={"impact": "extensive"})
    [mail] = mails("reclassified")
    assert mail.subject == f"[{assigned.number}] La prioridad de su ticket ahora es crítica: {assigned.title}"


def test_the_solution_comes_with_links_to_accept_and_refuse_and_the_date(solved, requester, mails):
    [mail] = mails()
    assert (mail.kind, mail.address) == ("solved", requester.email)
    assert "solucionó su ticket (solución definitiva)" in mail.text
    assert "> Timbre la quincena otra vez." in mail.text
    assert "antes del viernes 13 de marzo, 10:00 (quedan 3 días)" in mail.text
    assert "Sí, cerrar el ticket" in mail.html
    assert "No, sigue fallando" in mail.html
    assert mail.html.count("/validar/") == 2


def test_a_solution_that_was_answered_before_its_notice_is_not_asked_about(solved, requester, told):
    resolution.accept(solved, by=requester)
    assert told("solved") == []


def test_the_reminder_goes_out_a_day_before_and_says_when_it_closes(solved, requester, quiet, mails, now):
    quiet()
    with clock.at(now + timedelta(hours=49)):
        remind_validation()
        [mail] = mails()
    assert (mail.kind, mail.address) == ("reminder", requester.email)
    assert "antes del viernes 13 de marzo, 10:00 (quedan 23 h)" in mail.text


def test_a_refused_solution_is_told_to_the_group_and_the_supervisors(solved, requester, supervisor, quiet, told, mails):
    quiet()
    resolution.refuse(solved, by=requester, reason="Sigue saliendo el error.")
    assert told() == ["consultant", "supervisor"]
    assert all("> Sigue saliendo el error." in row.text for row in mails())


def test_the_user_hears_that_somebody_else_refused_for_them(solved, representative, quiet, told):
    quiet()
    resolution.refuse(solved, by=representative, reason="No.")
    assert told("refused") == ["requester"]


def test_each_way_of_closing_has_its_words(solved, agent, group, quiet, mails, report, requester, now):
    quiet()
    with clock.at(now + timedelta(hours=73)):
        close_unvalidated()
        [mail] = mails()
    assert "No recibimos su validación dentro del plazo" in mail.text
    assert "(sin validación del usuario)" in mail.text
    other = intake.register(report(), by=agent, requester=requester, channel="phone")
    quiet()
    ending.close_as_invalid(other, by=agent, reason="No es de este servicio.")
    [mail] = mails()
    assert "no cumple con los requisitos (inválido)" in mail.text
    assert "> No es de este servicio." in mail.text


def test_an_agent_who_records_the_approval_confirms_it_to_the_user(solved, agent, quiet, mails):
    quiet()
    resolution.accept(solved, by=agent, note="Llamó a las 12.")
    [mail] = mails()
    assert "(aprobado por el cliente)" in mail.text
    assert "Llamó" not in mail.text


def test_a_rejection_and_a_cancellation_give_their_reason(ticket, agent, report, requester, quiet, mails):
    other = intake.register(report(), by=agent, requester=requester, channel="phone")
    quiet()
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    ending.cancel(other, by=agent, cause="duplicate", duplicate_of=ticket, reason="Ya estaba.")
    rejected, cancelled = mails()
    assert (rejected.kind, cancelled.kind) == ("rejected", "cancelled")
    assert "> Falta el formato." in rejected.text
    assert f"porque es un duplicado de {ticket.number}" in cancelled.text


def test_the_users_own_cancellation_is_told_to_whoever_attends_it(assigned, requester, told):
    ending.cancel(assigned, by=requester, reason="Ya no hace falta.")
    assert told() == ["consultant"]


def test_a_breach_is_told_to_the_person_in_charge_and_the_supervisors(
    assigned, consultant, supervisor, manager, quiet, mails, told, now
):
    with clock.at(now + timedelta(hours=30)):
        sweep_clocks()
        assert told("work_breached") == ["consultant", "supervisor"]
        mail = mails("work_breached")[0]
    assert mail.subject == f"[{assigned.number}] Venció la atención: {assigned.title}"
    assert "Venció el miércoles 11 de marzo, 10:00. El objetivo era de 10 h hábiles." in mail.text


def test_handling_an_event_twice_writes_its_messages_once(ticket, agent, mails):
    triage.open(ticket, by=agent)
    mails()
    before = OutboundMessage.objects.count()
    for row in Delivery.objects.all():
        events.resolve(row.handler)(events.rebuild(row.event, row.payload))
    assert OutboundMessage.objects.count() == before == 2


def test_the_mails_of_a_ticket_make_one_thread(ticket, agent, post):
    triage.open(ticket, by=agent)
    run_deliveries()
    send_due()
    receipt, opened = post.received
    assert receipt["Message-ID"] != opened["Message-ID"]
    assert receipt["References"] == opened["References"] == f"<{ticket.key}@demo.example>"


def test_a_message_is_seen_by_its_reader_and_by_the_desk(
    ticket, mails, requester, colleague, outsider, agent, consultant
):
    [row] = mails()
    seen = OutboundMessage.objects
    assert seen.visible_to(requester).get() == seen.visible_to(agent).get() == row
    for other in (colleague, outsider, consultant):
        assert list(seen.visible_to(other)) == []
