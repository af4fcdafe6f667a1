"""What the story says of a missed deadline."""

from datetime import timedelta

import pytest

from core import clock
from sla.tasks import sweep_clocks
from tickets.narrative import narrate
from tickets.services import conversation, triage

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
