"""What a message may promise: a date ahead, and a reason when it changes the one given before."""

from datetime import timedelta

import pytest

from core.errors import InvalidInput
from tickets.models import Message, Ticket, TicketEvent
from tickets.services import conversation, perform, resolution, triage, work
from tickets.transitions import TRANSITIONS, fields_for

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
WHY = "El proveedor entrega la pieza mañana."


@pytest.fixture
def promised(ticket, agent, group, now):
    """Assigned to the group, with a date five hours ahead."""
    triage.open(ticket, by=agent)
    conversation.reply(ticket, by=agent, message="Queda hoy.", committed_for=now + 5 * HOUR)
    return triage.assign(ticket, by=agent, group=group)


def faults(call, *args, **kwargs):
    version = Ticket.objects.get().version
    with pytest.raises(InvalidInput) as refused:
        call(*args, **kwargs)
    assert Ticket.objects.get().version == version
    return refused.value.errors


def test_the_first_date_needs_no_reason_and_says_so_in_the_history(promised, now):
    data = TicketEvent.objects.get(kind="message").data
    assert data["committed_for"] == "2026-03-10T21:00:00Z"
    assert (data["was_committed_for"], data["commitment_reason"]) == (None, "")


def test_another_date_needs_a_reason_whoever_gives_it_and_however(promised, agent, consultant, now):
    later = now + 9 * HOUR
    told = {"commitment_reason": "Escriba por qué cambia la fecha prometida: el cliente lo lee."}
    assert faults(conversation.reply, promised, by=agent, message="Tarda.", committed_for=later) == told
    assert faults(work.start, promised, by=consultant, message="Tarda.", committed_for=later) == told
    for blank in ("   ", "\u200b\n", "\x00"):
        said = {"by": agent, "message": "Tarda.", "committed_for": later, "commitment_reason": blank}
        assert faults(conversation.reply, promised, **said) == told
    assert Message.objects.count() == 1


def test_the_change_and_its_reason_are_in_the_history(promised, consultant, now):
    row = work.start(
        promised, by=consultant, message="Tarda.", committed_for=now + 9 * HOUR, commitment_reason=f"  {WHY}\r\nFin.  "
    )
    assert row.committed_for == now + 9 * HOUR
    data = TicketEvent.objects.get(kind="start").data
    assert data["committed_for"] == "2026-03-11T01:00:00Z"
    assert data["was_committed_for"] == "2026-03-10T21:00:00Z"
    assert data["commitment_reason"] == f"{WHY}\nFin."


def test_a_message_without_a_date_says_nothing_of_one(promised, consultant):
    work.start(promised, by=consultant, message="Ya lo veo.")
    conversation.reply(promised, by=consultant, message="Sigo.")
    for entry in TicketEvent.objects.filter(kind__in=["start", "message"]).order_by("-sequence")[:2]:
        assert set(entry.data) == {"message"}
    assert Ticket.objects.get().committed_for is not None


def test_the_same_date_needs_no_reason(promised, agent, now):
    row = conversation.reply(promised, by=agent, message="Sigue en pie.", committed_for=now + 5 * HOUR)
    assert row.committed_for == now + 5 * HOUR


@pytest.mark.parametrize("hours", [None, 5])
def test_a_reason_that_changes_no_date_is_not_dropped_in_silence(promised, agent, now, hours):
    date = {} if hours is None else {"committed_for": now + hours * HOUR}
    said = faults(conversation.reply, promised, by=agent, message="Sigo.", commitment_reason=WHY, **date)
    assert set(said) == {"committed_for" if hours is None else "commitment_reason"}


def test_a_reason_for_the_first_date_is_not_asked_for(ticket, agent, now):
    said = {"by": agent, "message": "Queda.", "committed_for": now + HOUR, "commitment_reason": WHY}
    assert set(faults(conversation.reply, ticket, **said)) == {"commitment_reason"}


def test_every_fault_is_told_at_once(promised, agent, consultant, now):
    past = {"committed_for": now - HOUR, "commitment_reason": ""}
    assert set(faults(conversation.reply, promised, by=agent, message="x", **past)) == {
        "committed_for",
        "commitment_reason",
    }
    silent = faults(work.start, promised, by=consultant, message=" ", committed_for=now + 9 * HOUR)
    assert set(silent) == {"message", "commitment_reason"}


@pytest.mark.parametrize(("length", "fits"), [(2000, True), (2001, False)])
def test_a_reason_has_a_length(promised, agent, now, length, fits):
    said = {"by": agent, "message": "x", "committed_for": now + 9 * HOUR, "commitment_reason": "á" * length}
    if fits:
        conversation.reply(promised, **said)
    else:
        assert set(faults(conversation.reply, promised, **said)) == {"commitment_reason"}


def test_a_broken_date_is_changed_with_a_reason_too(promised, agent, now):
    late = {"message": "Tarda.", "committed_for": now + 30 * HOUR, "at": now + 8 * HOUR}
    assert set(faults(conversation.reply, promised, by=agent, **late)) == {"commitment_reason"}


def test_neither_customers_nor_solved_tickets_change_a_date(promised, agent, requester, now):
    new = {"message": "x", "committed_for": now + 9 * HOUR, "commitment_reason": WHY}
    assert set(faults(conversation.reply, promised, by=requester, **new)) == {"committed_for"}
    only_reason = {"message": "x", "commitment_reason": WHY}
    assert set(faults(conversation.reply, promised, by=requester, **only_reason)) == {"committed_for"}
    resolution.solve(promised, by=agent, solution_type="definitive", solution="Listo.")
    assert set(faults(conversation.reply, promised, by=agent, **new)) == {"committed_for"}


def test_starting_asks_for_a_reason_only_where_a_date_can_change(ticket, promised, consultant, report, requester):
    from tickets.services import intake

    def names(row):
        return [field.name for field in fields_for(TRANSITIONS["start"], row, consultant)]

    assert names(Ticket.objects.get(pk=promised.pk)) == ["message", "committed_for", "commitment_reason"]
    assert names(intake.receive(report(), by=requester, channel="web")) == ["message", "committed_for"]


def test_by_its_name_with_text_as_programs_send_it(promised, consultant, now):
    data = {"message": "Tarda.", "committed_for": "2026-03-12T10:00", "commitment_reason": WHY}
    perform.perform(promised, "start", by=consultant, data=data)
    row = Ticket.objects.get()
    assert (row.committed_for.isoformat(), row.started_at) == ("2026-03-12T16:00:00+00:00", now)
