"""What the story says of missed deadlines, broken promises, and terms and days that were applied."""

from datetime import date, timedelta

import pytest

from core import clock
from servicedesk.testing import TUESDAY
from sla.tasks import sweep_clocks
from sla.tests.recalculating import FASTER, LATER, close, terms_of
from tickets.narrative import narrate
from tickets.services import conversation, triage, work

pytestmark = pytest.mark.django_db


def test_a_missed_reaction_and_its_correction_are_told_to_everybody(ticket, agent, requester, now):
    with clock.at(now + timedelta(hours=2)):
        sweep_clocks()
        triage.reclassify(
            ticket, by=agent, reason="Sólo afecta a una persona.", changes={"impact": "minor", "urgency": "low"}
        )
        for viewer in (requester, agent):
            told = [
                (entry.html, entry.note) for entry in narrate(ticket, viewer, file_url=str) if entry.kind == "event"
            ]
            assert ("Venció el tiempo de <b>reacción</b>", "vencía hoy 11:00") in told
            assert (
                "Se corrigió el vencimiento del tiempo de <b>reacción</b>: vence hoy 12:00",
                "Sólo afecta a una persona.",
            ) in told


def test_a_broken_promise_is_told_to_everybody(ticket, agent, requester, now):
    conversation.reply(ticket, by=agent, message="Queda.", committed_for=now + timedelta(hours=1))
    with clock.at(now + timedelta(hours=2)):
        sweep_clocks()
        for viewer in (requester, agent):
            told = [
                (entry.html, entry.note) for entry in narrate(ticket, viewer, file_url=str) if entry.kind == "event"
            ]
            assert ("No se cumplió la <b>fecha prometida</b>", "era hoy 11:00") in told


def events_told(ticket, viewer):
    return [(one.who, one.html, one.note) for one in narrate(ticket, viewer, file_url=str) if one.kind == "event"]


def test_new_terms_are_told_with_what_moved_and_why(ticket, requester, admin, contract, apply, now):
    matrix = [("high", "moderate", "critical")]
    apply(terms_of(contract, targets=[{**FASTER, "priority": "critical", "reaction_minutes": 60}], matrix=matrix))
    with clock.at(LATER):
        told = "aplicó las condiciones <b>Condiciones 2027</b>: prioridad de Alta a <b>Crítica</b>; la atención vence "
        told += "<b>hoy 12:00</b> (antes, mañana, miércoles 11 de marzo, 10:00)"
        assert events_told(ticket, requester) == [("Adela Montes Rey", told, "Se renovó el contrato.")]
        assert events_told(ticket, admin)[0][0] == "Usted"


def test_new_terms_that_move_nothing_say_so(ticket, requester, contract, apply):
    apply(terms_of(contract))
    assert events_told(ticket, requester)[0][1] == (
        "aplicó las condiciones <b>Condiciones 2027</b>: sus plazos no cambian"
    )


def test_a_pause_that_goes_on_begins_or_ends_by_new_terms_is_told(raise_at, agent, consultant, group, contract, apply):
    user, vendor = raise_at(TUESDAY), raise_at(TUESDAY)
    with clock.at(TUESDAY):
        for row in (user, vendor):
            triage.assign(row, by=agent, group=group)
        work.wait_for_user(user, by=consultant, message="¿Me envía el XML?")
        work.wait_for_vendor(vendor, by=consultant, vendor="Oracle", vendor_reference="SR 3-1")
    apply(terms_of(contract, pauses_for_user=False, pauses_for_vendor=True))
    with clock.at(LATER):
        assert "la atención vence <b>mañana, miércoles 11 de marzo, 10:00</b> (antes, en pausa)" in last(user, agent)
        assert "la atención queda en pausa (antes, mañana, miércoles 11 de marzo, 10:00)" in last(vendor, agent)


def last(ticket, viewer):
    return events_told(ticket, viewer)[-1][1]


def test_days_of_a_calendar_are_told_with_its_name(ticket, requester, guide, apply):
    close(guide.calendar, date(2026, 3, 11))
    apply(calendar=guide.calendar, reason="Se agregó el 11/03/2026 (Aniversario).")
    with clock.at(LATER):
        who, html, note = events_told(ticket, requester)[0]
    assert (who, note) == ("Adela Montes Rey", "Se agregó el 11/03/2026 (Aniversario).")
    assert html == (
        f"aplicó los días inhábiles de <b>{guide.calendar}</b>: la atención vence <b>el jueves 12 de marzo, 10:00</b> "
        "(antes, mañana, miércoles 11 de marzo, 10:00)"
    )
