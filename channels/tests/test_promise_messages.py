"""Who is told what of a promised date: the customer of a change, the desk of a date that passed."""

from datetime import timedelta

import pytest

from core import clock
from sla.tasks import sweep_clocks
from tickets.services import conversation, triage, work


@pytest.fixture
def assigned(ticket, agent, group, consultant, quiet):
    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group)
    quiet()
    return row


def test_a_changed_date_is_told_with_the_one_before_and_the_reason(assigned, consultant, mails, now):
    conversation.reply(assigned, by=consultant, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    assert "Motivo" not in mails()[0].text
    conversation.reply(
        assigned,
        by=consultant,
        message="Tarda más.",
        committed_for=now + timedelta(days=1),
        commitment_reason="Falta la pieza.\n<b>Llega mañana.</b>",
    )
    mail = mails("message")[-1]
    assert mail.subject == f"[{assigned.number}] Nueva fecha de solución de su ticket: {assigned.title}"
    assert "- Nueva fecha de solución: miércoles 11 de marzo, 10:00 (en 1 día)" in mail.text
    assert "- Fecha anterior: martes 10 de marzo, 13:00" in mail.text
    assert "- Motivo del cambio:\n> Falta la pieza.\n> <b>Llega mañana.</b>" in mail.text
    for words in ("miércoles 11 de marzo, 10:00", "martes 10 de marzo, 13:00", "Falta la pieza.<br>&lt;b&gt;Llega"):
        assert words in mail.html


def test_starting_again_with_another_date_tells_the_change_too(assigned, consultant, mails, now):
    conversation.reply(assigned, by=consultant, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    later = {"committed_for": now + timedelta(days=1), "commitment_reason": "Falta la pieza."}
    work.start(assigned, by=consultant, message="Tarda más.", **later)
    [mail] = mails("started")
    assert "> Falta la pieza." in mail.text


def test_a_broken_promise_is_told_to_whoever_attends_it_and_to_the_supervisors(
    assigned, consultant, requester, supervisor, manager, quiet, mails, told, now
):
    conversation.reply(assigned, by=consultant, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    quiet()
    with clock.at(now + timedelta(hours=4)):
        sweep_clocks()
        assert told("work_commitment") == ["consultant", "supervisor"]
        mine, theirs = mails("work_commitment")
    assert mine.subject == f"[{assigned.number}] Venció la fecha prometida: {assigned.title}"
    assert "La solución estaba prometida para el martes 10 de marzo, 13:00." in mine.text
    assert "Escriba al cliente qué pasó y para cuándo estará." in mine.text
    assert "Escriba al cliente" not in theirs.text
    assert "Grupo Alborada" in theirs.html


def test_a_promise_changed_too_late_is_told_with_the_new_date(assigned, consultant, supervisor, quiet, mails, now):
    conversation.reply(assigned, by=consultant, message="Queda hoy.", committed_for=now + timedelta(hours=3))
    quiet()
    with clock.at(now + timedelta(hours=4)):
        later = {"committed_for": now + timedelta(days=1), "commitment_reason": "Falta la pieza."}
        conversation.reply(assigned, by=consultant, message="Tarda más.", **later)
        mail = mails("work_commitment")[0]
    assert "Ya se prometió otra: miércoles 11 de marzo, 10:00." in mail.text
