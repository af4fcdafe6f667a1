"""One ticket's whole life through the services."""

from datetime import timedelta

import pytest

from core import clock
from core.errors import IllegalTransition, InvalidInput, Refused, StaleVersion
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, resolution, triage, work
from tickets.vocabulary import ClosingCode, State

pytestmark = pytest.mark.django_db


def test_a_ticket_goes_from_new_to_closed_and_each_step_is_one_event(ticket, agent, consultant, group, requester, now):
    promised = now + timedelta(days=1)
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    work.start(ticket, by=consultant, message="Lo reviso hoy.", committed_for=promised)
    work.wait_for_user(ticket, by=consultant, message="¿Me envía el XML?")
    row = conversation.reply(ticket, by=requester, message="Va adjunto.")
    assert row.state == State.IN_PROGRESS
    resolution.solve(ticket, by=consultant, solution_type="definitive", solution="Se corrigió el régimen fiscal.")
    row = resolution.accept(ticket, by=requester)
    assert (row.state, row.closing_code) == (State.CLOSED, ClosingCode.APPROVED)
    assert (row.reacted_at, row.attended_at, row.committed_for) == (now, now, promised)
    kinds = list(TicketEvent.objects.filter(ticket=ticket).values_list("sequence", "kind"))
    assert kinds == list(
        enumerate(["receive", "open", "assign", "start", "wait_for_user", "resume", "solve", "accept"], start=1)
    )


def test_starting_without_an_estimate_names_the_missing_fields_and_changes_nothing(ticket, agent, consultant, group):
    triage.open(ticket, by=agent)
    triage.assign(ticket, by=agent, group=group)
    with pytest.raises(InvalidInput) as refused:
        work.start(ticket, by=consultant)
    assert set(refused.value.errors) == {"message", "committed_for"}
    assert Ticket.objects.get(pk=ticket.pk).state == State.ASSIGNED


def test_a_solution_that_nobody_validates_closes_after_72_hours_and_not_at_them(ticket, agent, now):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    due = now + timedelta(hours=72)
    assert resolution.auto_close(ticket, at=due) is False
    assert resolution.auto_close(ticket, at=due + timedelta(microseconds=1)) is True
    assert resolution.auto_close(ticket, at=due + timedelta(hours=1)) is False
    row = Ticket.objects.get(pk=ticket.pk)
    assert (row.state, row.closing_code) == (State.CLOSED, ClosingCode.UNVALIDATED)


def test_any_answer_in_time_stops_the_automatic_close(ticket, agent, requester, now):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    with clock.at(now + timedelta(hours=71)):
        conversation.reply(ticket, by=requester, message="Mañana lo pruebo.")
    assert resolution.auto_close(ticket, at=now + timedelta(days=10)) is False
    assert Ticket.objects.get(pk=ticket.pk).state == State.SOLVED


def test_a_comment_on_a_closed_ticket_opens_a_follow_up_linked_to_it(ticket, agent, requester):
    triage.reject(ticket, by=agent, reason="Falta el formato.")
    follow_up = conversation.reply(ticket, by=requester, message="Ya lo tengo.")
    assert follow_up.follow_up_of_id == ticket.pk
    assert (follow_up.state, follow_up.description) == (State.NEW, "Ya lo tengo.")
    assert Ticket.objects.get(pk=ticket.pk).state == State.REJECTED


def test_a_refused_solution_goes_up_for_review(ticket, agent, requester):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    row = resolution.refuse(ticket, by=requester, reason="Sigue igual.")
    assert (row.state, row.solved_at, row.validation_due_at) == (State.ASSIGNED, None, None)
    last = TicketEvent.objects.filter(ticket=ticket).latest("sequence")
    assert (last.kind, last.data["level"]) == ("refuse", 2)


def test_the_second_of_two_writers_with_the_same_version_is_told(ticket, agent):
    triage.open(ticket, by=agent, version=1)
    with pytest.raises(StaleVersion):
        triage.reject(ticket, by=agent, reason="x", version=1)


def test_refusals_say_why(ticket, requester, consultant, agent):
    with pytest.raises(Refused, match="Lo hace un agente"):
        triage.open(ticket, by=requester)
    triage.open(ticket, by=agent)
    with pytest.raises(IllegalTransition) as illegal:
        triage.open(ticket, by=agent)
    assert "assign" in illegal.value.allowed
