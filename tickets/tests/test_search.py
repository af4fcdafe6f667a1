"""Finding a ticket by what a person would type."""

import pytest

from tickets.likeness import likeness, significant
from tickets.models import Ticket
from tickets.services import intake, triage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["nomina", "NÓMINA", "Nómina quincenal", "t0000001", "1", " no se timbra "])
def test_a_ticket_is_found_without_its_accents_or_case_and_by_number(text, ticket, requester):
    wanted = ticket.number if text.strip().lower() in ("t0000001", "1") else text
    assert list(Ticket.objects.visible_to(requester).search(wanted)) == [ticket]


@pytest.mark.parametrize("text", ["kárdex", "%", "_", "T9999999", "99999999999999999999"])
def test_what_is_not_there_is_not_found(text, ticket, requester):
    assert list(Ticket.objects.visible_to(requester).search(text)) == []


def test_a_reference_of_the_customers_own_desk_finds_it_whole(requester, report):
    row = intake.receive(report(external_reference="REQ-77"), by=requester, channel="api")
    assert list(Ticket.objects.visible_to(requester).search("req-77")) == [row]


def test_a_new_title_is_found_and_the_old_one_is_not(ticket, agent):
    triage.reclassify(ticket, by=agent, reason="Más claro.", changes={"title": "El recibo sale vacío"})
    assert list(Ticket.objects.visible_to(agent).search("vacio")) == [ticket]
    assert list(Ticket.objects.visible_to(agent).search("timbra")) == []


def test_titles_that_share_what_they_say_are_alike():
    assert likeness(significant("No se timbra la nómina"), significant("La NOMINA no se timbra desde ayer")) == 1.0
    assert likeness(significant("Error al timbrar"), significant("Error al imprimir")) == 0.0
