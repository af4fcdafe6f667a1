"""Whom a level's notice reaches when its contact is away, gone or nobody; and what follows when a level lets its time pass."""

import re
from datetime import date, timedelta

import pytest

from accounts.models import User
from channels import compose, links
from channels.models import OutboundMessage
from core import clock
from core.models import Alarm
from escalation.models import Absence, Contact, Escalation, EscalationStep
from escalation.services import answering, raising, sweep
from tickets.services import resolution, triage

WHY = "Nadie me ha contestado."
TERESA, JULIO, MARTA = "supervision@mesa.example", "gerencia@mesa.example", "direccion@mesa.example"
HOUR = timedelta(hours=1)


def present(case: Escalation) -> EscalationStep:
    return case.steps.latest("number")


def test_a_substitute_reads_whose_place_they_take(opened, requester, mails):
    away = Contact.objects.get(email=TERESA)
    other = Contact.objects.create(name="Sofía Landa", email="Sofia@mesa.example")
    day = date(2026, 3, 10)
    Absence.objects.create(contact=away, starts_on=day, ends_on=day, substitute=other)
    raising.escalate(opened, by=requester, reason=WHY)
    [mail] = mails("escalation_level")
    assert mail.address == "sofia@mesa.example"
    assert "en ausencia de Teresa Olvera Luna" in mail.text


def test_a_contact_with_an_account_reads_their_own_zone_and_is_its_recipient(opened, requester, consultant, mails):
    consultant.time_zone = "America/Tijuana"
    consultant.save(update_fields=["time_zone"])
    Contact.objects.filter(email=TERESA).update(user=consultant)
    raising.escalate(opened, by=requester, reason=WHY)
    [mail] = mails("escalation_level")
    assert (mail.recipient, mail.address) == (consultant, TERESA)
    assert "martes 10 de marzo, 10:00" in mail.text  # Tijuana has changed to summer time by then: an hour behind
    assert [row.address for row in mails("work_escalated")] == []


def test_a_contact_who_also_attends_the_ticket_gets_the_one_with_the_link(opened, requester, consultant, mails):
    Contact.objects.filter(email=TERESA).update(email="Consultant@Example.test")
    raising.escalate(opened, by=requester, reason=WHY)
    assert [(row.kind, row.address) for row in mails()] == [("escalation_level", "consultant@example.test")]


def test_a_contact_at_a_customers_address_is_never_written_to(opened, requester, outsider, supervisor, mails, told):
    for customer in (outsider, requester):
        Contact.objects.filter(name="Teresa Olvera Luna").update(email=customer.email.upper())
        OutboundMessage.objects.all().delete()
        with clock.at(clock.now() + 5 * HOUR * Escalation.objects.count()):
            raising.escalate(opened, by=requester, reason=WHY)
            assert told("escalation_level") == []
        [mail] = mails("escalation_nobody")
        assert mail.address == supervisor.email
        assert "y a Teresa Olvera Luna no se le puede escribir" in mail.text
        assert "/escalamiento/" not in "".join(row.text for row in mails())
        assert "Búsquelo por teléfono" in Alarm.objects.latest("pk").text
        Escalation.objects.get().steps.all().delete()
        Escalation.objects.all().delete()


def test_a_contact_whose_account_was_closed_in_between_is_not_written_to(
    opened, requester, consultant, supervisor, told
):
    Contact.objects.filter(email=TERESA).update(user=consultant)
    raising.escalate(opened, by=requester, reason=WHY)
    User.objects.filter(pk=consultant.pk).update(is_active=False)
    assert told("escalation_level") == []
    assert told("escalation_nobody") == ["supervisor"]


def test_when_nobody_is_left_the_supervisors_are_told_and_the_customer_reads_nothing_internal(
    opened, requester, supervisor, manager, told, mails
):
    Contact.objects.update(email="")
    raising.escalate(opened, by=requester, reason=WHY)
    assert told() == ["consultant", "supervisor"]
    [mail] = mails("escalation_nobody")
    assert mail.subject == f"[{opened.number}] Escalamiento sin contacto en el nivel 4: atiéndalo usted"
    assert "en la matriz no queda nadie a quien avisar" in mail.text
    assert "/admin/tickets/" in mail.text
    assert "- Nivel 2, Supervisor de Mesa de Servicio: no hay a quién avisar en ese nivel." in mail.text
    assert "En la matriz no hay a quién avisar" in mails("work_escalated")[0].text


@pytest.mark.parametrize(
    ("present_roles", "expected"),
    [(["supervisor", "manager"], ["supervisor"]), (["manager", "admin"], ["admin", "manager"]), ([], [])],
)
def test_without_supervisors_the_next_above_are_told(opened, requester, present_roles, expected, told, request):
    for role in present_roles:
        request.getfixturevalue(role)
    Contact.objects.update(email="")
    raising.escalate(opened, by=requester, reason=WHY)
    assert told("escalation_nobody") == expected


def test_a_supervisor_who_asked_is_not_told_while_there_is_another(opened, supervisor, manager, told):
    Contact.objects.update(email="")
    raising.escalate(opened, by=supervisor, reason="Llamó Lucía")
    assert told("escalation_nobody") == ["manager"]


def test_a_level_without_anybody_is_passed_and_the_next_one_reads_it(opened, requester, representative, mails):
    Contact.objects.filter(email=TERESA).update(email="")
    raising.escalate(opened, by=representative, reason=WHY)
    [level] = mails("escalation_level")
    assert (level.address, "En el nivel anterior no hay a quién avisar." in level.text) == (JULIO, True)
    [customer] = mails("escalation_raised")
    assert "al nivel 3" in customer.text
    assert "quién avisar" not in customer.text + customer.html


def test_a_late_answer_is_reminded_and_the_customer_told_whom_to_go_to(
    opened, requester, supervisor, mails, quiet, now
):
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    answering.acknowledge(step, by=None, name=step.name)
    quiet()
    with clock.at(now + 4 * HOUR + timedelta(seconds=1)):
        sweep.waits(clock.now())
        rows = {row.kind: row for row in mails()}
        assert {kind: row.address for kind, row in rows.items()} == {
            "escalation_reminder": TERESA,
            "work_escalation_overdue": "supervisor@example.test",
            "escalation_overdue": "requester@example.test",
        }
        link = re.search(r"/escalamiento/([^/]+)/", rows["escalation_reminder"].text)
        assert links.read_escalation(link[1]) == step
    customer = rows["escalation_overdue"]
    assert (
        "Puede pedir desde el ticket que suba al nivel 3: Julio Bernal Ortiz (Gerente de Mesa de Servicio)."
        in customer.text
    )
    assert "Escalar al nivel 3" in customer.html
    assert "no respondió a tiempo" in rows["work_escalation_overdue"].subject


def test_the_last_level_that_stays_silent_is_reminded_and_nothing_is_promised(
    opened, requester, supervisor, mails, now
):
    raising.escalate(opened, by=requester, reason=WHY)
    for hours in (1, 2, 4):
        with clock.at(now + hours * HOUR + timedelta(minutes=hours)):
            sweep.waits(clock.now())
            mails()
    [reminder] = mails("escalation_reminder")
    assert (reminder.address, "para acusar recibo" in reminder.subject) == (MARTA, True)
    [customer] = mails("escalation_overdue")
    assert customer.subject == f"[{opened.number}] Todavía no acusan recibo de su escalamiento"
    assert "suba al nivel" not in customer.text
    [notice] = mails("work_escalation_overdue")
    assert "búsquelo por teléfono" in notice.text
    assert "Sus teléfonos: 55 5000 0203 (celular), 55 5000 0130 (conmutador)." in notice.text


def test_what_was_overtaken_is_not_written(opened, requester, agent, desk_group, supervisor, told, now):
    step = present(raising.escalate(opened, by=requester, reason=WHY))
    row = triage.assign(opened, by=agent, group=desk_group, assignee=agent, reason="Lo sigo yo")
    resolution.solve(row, by=agent, solution_type="definitive", solution="Listo.")
    assert told("escalation_level", "escalation_raised", "work_escalated") == []
    assert step.answered_at is None


def test_a_mailbox_reads_its_accounts_zone_or_the_desks(agent, settings):
    agent.time_zone = "America/Tijuana"
    box = compose.Mailbox("Mesa de Servicio", "a@b.c")
    assert (str(compose.zone_of(box)), box.get_short_name()) == (settings.TIME_ZONE, "Mesa de Servicio")
    assert str(compose.zone_of(compose.Mailbox("X", "a@b.c", agent))) == "America/Tijuana"
