"""The clocks follow the ticket. The cast's ticket: functional, high priority, Tuesday 10:00; reaction 1 h, attention 10 h hábiles."""

from datetime import timedelta

import pytest

from core import caching, clock
from sla.models import Breach, Clock, ClockChange, Pause
from sla.tests.conftest import local
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, ending, intake, resolution, triage, work

pytestmark = pytest.mark.django_db

NOON = local("2026-03-10 12:00")
TOP = {"impact": "extensive", "urgency": "critical"}


def the(ticket: Ticket, kind: str = "attention") -> Clock:
    return Clock.objects.get(ticket=ticket, kind=kind)


def stored(ticket: Ticket) -> tuple[object, object]:
    row = Ticket.objects.get(pk=ticket.pk)
    return row.next_due_at, row.breached


def test_both_clocks_start_when_the_ticket_is_created(ticket, now):
    assert [(c.kind, c.state, c.started_at) for c in ticket.clocks.order_by("kind")] == [
        ("attention", "running", now),
        ("reaction", "running", now),
    ]
    assert (ticket.next_due_at, ticket.breached) == (now + timedelta(hours=1), False)
    assert stored(ticket) == (now + timedelta(hours=1), False)


def test_opening_meets_the_reaction(ticket, agent, now):
    with clock.at(now + timedelta(minutes=21)):
        row = triage.open(ticket, by=agent)
    reaction = the(ticket, "reaction")
    assert (reaction.state, reaction.met_at, reaction.used) == ("met", clock_of(now, 21), timedelta(minutes=21))
    assert row.next_due_at == the(ticket).due_at == stored(ticket)[0]


def clock_of(now, minutes):
    return now + timedelta(minutes=minutes)


def test_registering_meets_the_reaction_at_once(agent, requester, report, now):
    ticket = intake.register(report(), by=agent, requester=requester, channel="phone")
    assert (the(ticket, "reaction").state, the(ticket, "reaction").used) == ("met", timedelta())
    assert ticket.next_due_at == the(ticket).due_at


def test_a_public_reply_of_the_desk_is_a_reaction_and_a_note_or_the_customers_is_not(ticket, agent, requester):
    conversation.note(ticket, by=agent, message="Parece el régimen fiscal.")
    conversation.reply(ticket, by=requester, message="¿Ya lo vieron?")
    assert the(ticket, "reaction").state == "running"
    conversation.reply(ticket, by=agent, message="Lo estamos viendo.")
    assert (the(ticket, "reaction").state, the(ticket).state) == ("met", "running")


def test_the_promised_date_meets_the_attention(ticket, agent, now):
    conversation.reply(ticket, by=agent, message="Mañana queda.", committed_for=now + timedelta(days=1))
    assert (the(ticket).state, stored(ticket)) == ("met", (None, False))


def test_the_solution_meets_what_still_ran(ticket, agent):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="definitive", solution="Se corrigió.")
    assert (the(ticket).state, stored(ticket)) == ("met", (None, False))


def test_a_refused_solution_leaves_the_clocks_met(ticket, agent, requester):
    triage.open(ticket, by=agent)
    resolution.solve(ticket, by=agent, solution_type="definitive", solution="Se corrigió.")
    resolution.refuse(ticket, by=requester, reason="Sigue igual.")
    assert {c.state for c in ticket.clocks.all()} == {"met"}
    assert stored(ticket) == (None, False)


def test_waiting_for_the_user_pauses_the_attention_and_their_answer_resumes_it(ticket, agent, requester):
    triage.open(ticket, by=agent)
    due = the(ticket).due_at
    with clock.at(NOON):
        row = work.wait_for_user(ticket, by=agent, message="¿Me envía el XML?")
    held = the(ticket)
    assert (held.state, held.due_at, held.used, row.next_due_at) == ("paused", None, timedelta(hours=2), None)
    with clock.at(NOON + timedelta(hours=3)):
        row = conversation.reply(ticket, by=requester, message="Va.")
    assert (the(ticket).state, the(ticket).due_at) == ("running", due + timedelta(hours=3))
    assert row.next_due_at == due + timedelta(hours=3) == stored(ticket)[0]


def test_a_pause_over_the_weekend_costs_a_business_clock_nothing(raise_at, agent, requester):
    ticket = raise_at(local("2026-03-12 10:00"))
    with clock.at(local("2026-03-13 19:30")):
        triage.open(ticket, by=agent)
    ticket = raise_at(local("2026-03-13 12:00"))
    with clock.at(local("2026-03-13 19:30")):
        triage.open(ticket, by=agent)
        due = the(ticket).due_at
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(local("2026-03-17 08:00")):
        conversation.reply(ticket, by=requester, message="Va.")
    assert the(ticket).due_at == due


def test_waiting_for_a_vendor_does_not_pause_unless_the_contract_says_so(ticket, consultant, agent, group, own_terms):
    triage.assign(ticket, by=agent, group=group)
    work.wait_for_vendor(ticket, by=consultant, vendor="Oracle", vendor_reference="SR 3-1")
    assert (the(ticket).state, Pause.objects.get().cause) == ("running", "vendor")
    terms = ticket.terms
    terms.pauses_for_vendor = True
    terms.save()
    caching.forget_all()
    work.wait_for_user(ticket, by=consultant, message="¿?")
    work.wait_for_vendor(ticket, by=consultant, vendor="Oracle", vendor_reference="SR 3-1")
    assert the(ticket).state == "paused"


def test_a_contract_can_say_that_waiting_for_the_user_pauses_nothing(raise_at, agent, own_terms):
    own_terms(pauses_for_user=False)
    ticket = raise_at(local("2026-03-10 10:00"))
    with clock.at(NOON):
        triage.open(ticket, by=agent)
        work.wait_for_user(ticket, by=agent, message="¿?")
    assert (the(ticket).state, the(ticket).due_at) == ("running", local("2026-03-11 10:00"))


def test_going_from_one_wait_to_the_other_ends_the_first(ticket, agent, consultant, group):
    triage.assign(ticket, by=agent, group=group)
    with clock.at(NOON):
        work.wait_for_user(ticket, by=consultant, message="¿?")
    with clock.at(NOON + timedelta(hours=1)):
        row = work.wait_for_vendor(ticket, by=consultant, vendor="Oracle", vendor_reference="1")
    user, vendor = Pause.objects.order_by("id")
    assert (user.ended_at, vendor.started_at, vendor.ended_at) == (vendor.started_at, user.ended_at, None)
    assert row.next_due_at == stored(ticket)[0] == the(ticket).due_at == local("2026-03-11 11:00")


def test_a_pause_that_begins_after_the_deadline_changes_nothing(ticket, agent, requester):
    triage.open(ticket, by=agent)
    due = the(ticket).due_at
    assert due is not None
    with clock.at(due + timedelta(hours=1)):
        row = work.wait_for_user(ticket, by=agent, message="¿?")
    late = the(ticket)
    assert (late.state, late.due_at, late.breached_at) == ("running", due, due)
    assert (row.next_due_at, row.breached) == stored(ticket) == (due, True)


def test_a_deadlines_own_instant_is_on_time_and_a_microsecond_later_is_not(raise_at, agent):
    for late, breached in ((timedelta(), False), (timedelta(microseconds=1), True)):
        ticket = raise_at(local("2026-03-10 10:00"))
        with clock.at(local("2026-03-10 11:00") + late):
            row = triage.open(ticket, by=agent)
        assert (row.breached, stored(ticket)[1], Breach.objects.filter(ticket=ticket).exists()) == (breached,) * 3


def test_what_is_met_late_is_on_record_with_its_deadline_even_if_no_sweep_came(ticket, agent, now):
    with clock.at(now + timedelta(days=2)):
        row = triage.open(ticket, by=agent)
    reaction = the(ticket, "reaction")
    assert (reaction.state, reaction.breached_at) == ("met", now + timedelta(hours=1))
    breaches = {b.kind: (b.due_at, b.recorded_at) for b in Breach.objects.filter(ticket=ticket)}
    assert breaches["reaction"] == (now + timedelta(hours=1), now + timedelta(days=2))
    assert breaches["attention"][0] == the(ticket).due_at
    kinds = list(TicketEvent.objects.filter(ticket=ticket).values_list("sequence", "kind"))
    assert kinds == [(1, "receive"), (2, "open"), (3, "breach"), (4, "breach")]
    assert row.version == Ticket.objects.get(pk=ticket.pk).version == 4


def test_ending_stops_the_clocks_and_keeps_a_missed_deadline_on_record(raise_at, agent, requester):
    at = local("2026-03-10 10:00")
    early, late = raise_at(at), raise_at(at)
    with clock.at(at + timedelta(minutes=5)):
        ending.cancel(early, by=requester, reason="Ya quedó.")
    with clock.at(at + timedelta(days=3)):
        ending.cancel(late, by=requester, reason="Ya quedó.")
    assert {(c.state, c.breached_at) for c in early.clocks.all()} == {("stopped", None)}
    assert stored(early) == (None, False)
    assert {(c.state, c.breached_at == c.due_at) for c in late.clocks.all()} == {("stopped", True)}
    assert stored(late) == (None, True)


def test_ending_a_paused_ticket_closes_its_pause(ticket, agent):
    triage.open(ticket, by=agent)
    with clock.at(NOON):
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(NOON + timedelta(days=1)):
        ending.close_as_invalid(ticket, by=agent, reason="No aplica.")
    assert Pause.objects.get().ended_at == NOON + timedelta(days=1)
    assert (the(ticket).state, the(ticket).used, the(ticket).breached_at) == ("stopped", timedelta(hours=2), None)


def test_reclassifying_counts_from_the_creation_and_keeps_the_old_deadline(ticket, agent, now):
    with clock.at(now + timedelta(minutes=20)):
        row = triage.reclassify(ticket, by=agent, reason="Nadie puede timbrar.", changes=TOP)
    assert the(ticket, "reaction").due_at == now + timedelta(minutes=40)
    assert the(ticket).due_at == now + timedelta(hours=3)
    assert row.next_due_at == now + timedelta(minutes=40)
    change = ClockChange.objects.get(ticket=ticket, kind="attention")
    assert (change.old_due, change.new_due, change.by, change.reason) == (
        local("2026-03-11 10:00"),
        now + timedelta(hours=3),
        agent,
        "Nadie puede timbrar.",
    )


def test_reclassifying_what_decides_no_promise_changes_no_clock(ticket, agent):
    triage.reclassify(ticket, by=agent, reason="Más claro.", changes={"title": "No timbra la nómina", "is_major": True})
    assert not ClockChange.objects.exists()


def test_reclassifying_counts_the_pauses_again_in_the_new_clocks_time(raise_at, agent, requester):
    ticket = raise_at(local("2026-03-13 10:00"))
    with clock.at(local("2026-03-13 18:00")):
        triage.open(ticket, by=agent)
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(local("2026-03-17 10:00")):
        conversation.reply(ticket, by=requester, message="Va.")
        assert the(ticket).due_at == local("2026-03-17 12:00")
        triage.reclassify(ticket, by=agent, reason="Es de TI.", changes={"service_line": "technological"})
    # 4 horas naturales from Friday 10:00 ran out before the pause began.
    assert (the(ticket).due_at, the(ticket).breached_at) == (local("2026-03-13 14:00"),) * 2


def test_a_breach_that_a_reclassification_undoes_stays_on_record_with_its_correction(ticket, agent, now):
    triage.open(ticket, by=agent)
    triage.reclassify(ticket, by=agent, reason="Parece general.", changes=TOP)
    with clock.at(now + timedelta(hours=4)):
        conversation.note(ticket, by=agent, message="Reviso.")
        row = triage.reclassify(
            ticket, by=agent, reason="Sólo una persona.", changes={"impact": "minor", "urgency": "low"}
        )
    breach = Breach.objects.get(ticket=ticket)
    assert (breach.due_at, breach.corrected_at, breach.correction) == (
        now + timedelta(hours=3),
        now + timedelta(hours=4),
        "Sólo una persona.",
    )
    assert (the(ticket).breached_at, row.breached, stored(ticket)[1]) == (None, False, False)
    assert TicketEvent.objects.filter(ticket=ticket, kind="breach_corrected", actor=agent).count() == 1


def test_a_corrected_breach_that_turns_out_right_after_all_stands_again_in_the_same_row(ticket, agent, now):
    triage.open(ticket, by=agent)
    triage.reclassify(ticket, by=agent, reason="1", changes=TOP)
    with clock.at(now + timedelta(hours=4)):
        triage.reclassify(ticket, by=agent, reason="2", changes={"impact": "minor", "urgency": "low"})
        row = triage.reclassify(ticket, by=agent, reason="3", changes=TOP)
    breach = Breach.objects.get(ticket=ticket)
    assert (breach.corrected_at, breach.correction, row.breached) == (None, "", True)


def test_a_clock_that_goes_back_breaks_nothing(ticket, agent, requester, now):
    triage.open(ticket, by=agent)
    with clock.at(now + timedelta(hours=1)):
        work.wait_for_user(ticket, by=agent, message="¿?")
    with clock.at(now):
        conversation.reply(ticket, by=requester, message="Va.")
    pause = Pause.objects.get()
    assert (pause.ended_at, the(ticket).due_at) == (pause.started_at, local("2026-03-11 10:00"))


def test_starting_costs_two_queries_and_meeting_four(ticket, agent, requester, report, django_assert_num_queries, now):
    from sla.services import clocks
    from tickets.events import TicketOpened, TicketReceived, TicketTaken

    row = Ticket.objects.select_related("company", "terms").get(pk=ticket.pk)
    entry = TicketEvent.objects.get(ticket=ticket)
    Clock.objects.filter(ticket=ticket).delete()
    row.next_due_at = None
    with django_assert_num_queries(2):
        clocks.start(TicketReceived(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    row.reacted_at = entry.at
    with django_assert_num_queries(4):  # the plan of escalation is asked for too
        clocks.sync(TicketOpened(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    entry.at += timedelta(hours=1)
    with django_assert_num_queries(0):
        clocks.sync(TicketTaken(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
