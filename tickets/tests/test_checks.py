"""The history cannot be altered unnoticed."""

import io

import pytest
from django.core.management import CommandError, call_command

from tickets.checks import history_faults, invariants
from tickets.models import Ticket, TicketEvent
from tickets.services import resolution, triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(ticket, agent, requester):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.")
    return resolution.accept(ticket, by=requester)


def test_an_untouched_history_verifies(lived):
    out = io.StringIO()
    call_command("verify_history", stdout=out)
    assert "4 events verified" in out.getvalue()
    assert list(invariants()) == []


@pytest.mark.parametrize(
    "change", [{"kind": "x"}, {"at": "2020-01-01T00:00:00Z"}, {"data": {}}, {"is_public": False}, {"to_state": "open"}]
)
def test_an_altered_event_is_found(change, lived):
    TicketEvent.objects.filter(ticket=lived, sequence=3).update(**change)
    assert "was altered" in next(iter(history_faults()))


def test_another_actor_in_an_event_is_found(lived, supervisor):
    TicketEvent.objects.filter(ticket=lived, sequence=2).update(actor=supervisor)
    assert "was altered" in next(iter(history_faults()))


def test_a_removed_event_is_found_in_the_middle_and_at_the_end(lived):
    TicketEvent.objects.filter(ticket=lived, sequence=4).delete()
    assert any("its history ends at 3" in fault for fault in history_faults())
    TicketEvent.objects.filter(ticket=lived, sequence=2).delete()
    assert any("is missing" in fault for fault in history_faults())


def test_a_state_changed_behind_the_door_is_found_and_the_command_fails(lived):
    Ticket.objects.filter(pk=lived.pk).update(state="cancelled")
    with pytest.raises(CommandError):
        call_command("verify_history", stderr=io.StringIO())


def test_events_of_one_ticket_moved_to_another_are_found(lived, requester, report):
    from tickets.services import intake

    other = intake.receive(report(title="Otro"), by=requester, channel="web")
    TicketEvent.objects.filter(ticket=other).delete()
    TicketEvent.objects.filter(ticket=lived, sequence=1).update(ticket=other)
    assert len(list(history_faults())) >= 2


def test_a_close_before_its_time_is_found(lived):
    Ticket.objects.filter(pk=lived.pk).update(closing_code="unvalidated")
    assert any(fault.startswith("I4") for fault in invariants())


def test_a_reference_across_companies_is_found(lived, outsider):
    Ticket.objects.filter(pk=lived.pk).update(requester=outsider)
    assert any(fault.startswith("I7") for fault in invariants())
