"""What becomes of a promised date: put on record, changed with a reason, kept, broken, or left without effect."""

import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, connections

from core import clock
from core.errors import InvalidInput
from core.models import Delivery
from sla import checks
from sla.models import Commitment
from sla.services import commitments
from sla.tasks import sweep_clocks
from sla.tests.conftest import local
from sla.vocabulary import CommitmentState
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, ending, resolution, triage, work
from tickets.vocabulary import State

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WHY = "El proveedor entrega la pieza mañana."
# Naming the apps makes the clean-up cascade to tables whose model is swapped out.
together = pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])


@pytest.fixture
def promise(agent):
    """`promise(ticket, due_at, at=…, why=…)`: the agent opens it if nobody did, and gives the customer a date, or changes it."""

    def give(ticket, due_at, *, at=None, why=""):
        if Ticket.objects.get(pk=ticket.pk).state == State.NEW:
            triage.open(ticket, by=agent, at=at)
        return conversation.reply(
            ticket, by=agent, message="Queda entonces.", committed_for=due_at, commitment_reason=why, at=at
        )

    return give


@pytest.fixture
def solve(agent):
    def do(ticket, at):
        return resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.", at=at)

    return do


def fates(ticket):
    rows = Commitment.objects.filter(ticket=ticket).order_by("pk")
    return [(row.due_at, row.state, row.settled_at) for row in rows]


def kinds(ticket):
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("sequence").values_list("kind", flat=True))


def sweep_at(moment):
    with clock.at(moment):
        return sweep_clocks()


@pytest.mark.django_db
def test_a_date_is_put_on_record_with_who_gave_it_and_when(ticket, agent, promise, now):
    promise(ticket, now + 5 * HOUR)
    row = Commitment.objects.get()
    assert (row.ticket, row.due_at, row.made_at, row.made_by) == (ticket, now + 5 * HOUR, now, agent)
    assert (row.state, row.settled_at, row.reason) == (CommitmentState.STANDING, None, "")


@pytest.mark.django_db
def test_starting_with_a_date_puts_it_on_record_too(ticket, agent, consultant, group, now):
    triage.assign(triage.open(ticket, by=agent), by=agent, group=group)
    work.start(ticket, by=consultant, message="Lo veo.", committed_for=now + HOUR)
    assert Commitment.objects.get().made_by == consultant


@pytest.mark.django_db
def test_another_date_renegotiates_the_first_and_keeps_the_reason(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    promise(ticket, now + 9 * HOUR, at=now + HOUR, why=WHY)
    assert fates(ticket) == [
        (now + 5 * HOUR, "renegotiated", now + HOUR),
        (now + 9 * HOUR, "standing", None),
    ]
    assert Commitment.objects.get(state="standing").reason == WHY
    assert Ticket.objects.get().committed_for == now + 9 * HOUR


@pytest.mark.django_db
def test_an_earlier_date_is_a_change_as_well(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    with pytest.raises(InvalidInput) as refused:
        promise(ticket, now + 3 * HOUR)
    assert set(refused.value.errors) == {"commitment_reason"}
    promise(ticket, now + 3 * HOUR, why="Ya llegó la pieza.")
    assert [row[0] for row in fates(ticket)] == [now + 5 * HOUR, now + 3 * HOUR]


@pytest.mark.django_db
def test_the_same_date_said_again_changes_nothing(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    promise(ticket, (now + 5 * HOUR).astimezone(local("2026-03-10 10:00").tzinfo), at=now + HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "standing", None)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("solved", "state"), [(-MICROSECOND, "kept"), (timedelta(), "kept"), (MICROSECOND, "broken"), (HOUR, "broken")]
)
def test_the_dates_own_instant_is_still_in_time(ticket, promise, solve, now, solved, state):
    due_at = now + 5 * HOUR
    promise(ticket, due_at)
    solve(ticket, due_at + solved)
    assert fates(ticket) == [(due_at, state, due_at + min(solved, timedelta()))]


@pytest.mark.django_db
def test_solved_late_before_any_sweep_it_is_on_record_once_with_its_own_date(ticket, promise, solve, now):
    promise(ticket, now + 5 * HOUR)
    solve(ticket, now + 7 * HOUR)
    entry = TicketEvent.objects.get(kind="commitment_broken")
    assert (entry.at, entry.actor.role, entry.is_public) == (now + 7 * HOUR, "system", True)
    assert entry.data == {"due_at": "2026-03-10T21:00:00Z"}
    assert sweep_at(now + 8 * HOUR) == 0
    assert kinds(ticket).count("commitment_broken") == 1


def published_once(count: int) -> bool:
    """Each of `count` broken promises is owed once to each handler."""
    owed = list(Delivery.objects.filter(event="CommitmentBroken").values_list("event_id", "handler"))
    handlers = {handler for _, handler in owed}
    return len({event for event, _ in owed}) == count and len(owed) == len(set(owed)) == count * len(handlers)


@pytest.mark.django_db
def test_a_sweep_a_day_late_stamps_the_promised_date(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    late = now + timedelta(days=1, hours=5)
    sweep_at(late)
    assert fates(ticket) == [(now + 5 * HOUR, "broken", now + 5 * HOUR)]
    assert TicketEvent.objects.get(kind="commitment_broken").at == late
    assert published_once(1)
    assert sweep_at(late + HOUR) == 0


@pytest.mark.django_db
def test_the_sweep_leaves_the_dates_own_instant_alone(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    assert commitments.sweep(now + 5 * HOUR).promises == 0
    assert commitments.sweep(now + 5 * HOUR + MICROSECOND).broken == 1


@pytest.mark.django_db
def test_waiting_for_the_user_does_not_move_a_promised_date(ticket, agent, promise, now):
    promise(ticket, now + 5 * HOUR)
    work.wait_for_user(ticket, by=agent, message="¿?", at=now + HOUR)
    sweep_at(now + 6 * HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "broken", now + 5 * HOUR)]


@pytest.mark.django_db
def test_a_new_date_given_too_late_does_not_undo_the_broken_one(ticket, promise, now):
    promise(ticket, now + 5 * HOUR)
    promise(ticket, now + 9 * HOUR, at=now + 6 * HOUR, why=WHY)
    assert fates(ticket) == [
        (now + 5 * HOUR, "broken", now + 5 * HOUR),
        (now + 9 * HOUR, "standing", None),
    ]
    assert kinds(ticket)[-2:] == ["message", "commitment_broken"]
    sweep_at(now + 6 * HOUR)
    assert kinds(ticket).count("commitment_broken") == 1


@pytest.mark.django_db
def test_a_solution_refused_in_time_makes_the_promise_stand_again(ticket, requester, promise, solve, now):
    promise(ticket, now + 5 * HOUR)
    solve(ticket, now + HOUR)
    resolution.refuse(ticket, by=requester, reason="Sigue igual.", at=now + 2 * HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "standing", None)]
    solve(ticket, now + 3 * HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "kept", now + 3 * HOUR)]


@pytest.mark.django_db
def test_a_solution_refused_after_the_date_leaves_it_broken(ticket, requester, promise, solve, now):
    promise(ticket, now + 5 * HOUR)
    solve(ticket, now + HOUR)
    resolution.refuse(ticket, by=requester, reason="Sigue igual.", at=now + 6 * HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "broken", now + 5 * HOUR)]
    assert kinds(ticket)[-2:] == ["refuse", "commitment_broken"]


@pytest.mark.django_db
def test_a_solution_that_came_late_and_is_refused_stays_broken(ticket, requester, promise, solve, now):
    promise(ticket, now + 5 * HOUR)
    solve(ticket, now + 6 * HOUR)
    resolution.refuse(ticket, by=requester, reason="Sigue igual.", at=now + 7 * HOUR)
    assert [row[1] for row in fates(ticket)] == ["broken"]
    assert kinds(ticket).count("commitment_broken") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["cancel", "invalid", "reject"])
def test_without_a_ticket_to_solve_the_promise_has_no_effect(ticket, agent, promise, now, how):
    promise(ticket, now + 5 * HOUR)
    end = {"cancel": ending.cancel, "invalid": ending.close_as_invalid, "reject": triage.reject}[how]
    end(ticket, by=agent, reason="No procede.", at=now + HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "void", now + HOUR)]
    assert sweep_at(now + 9 * HOUR) == 0


@pytest.mark.django_db
def test_what_was_broken_before_the_ticket_was_cancelled_stays_broken(ticket, agent, promise, now):
    promise(ticket, now + 5 * HOUR)
    ending.cancel(ticket, by=agent, reason="No procede.", at=now + 6 * HOUR)
    assert fates(ticket) == [(now + 5 * HOUR, "broken", now + 5 * HOUR)]


@pytest.mark.django_db
def test_cancelling_what_was_solved_in_time_leaves_the_promise_kept(ticket, agent, promise, solve, now):
    promise(ticket, now + 5 * HOUR)
    solve(ticket, now + HOUR)
    ending.cancel(ticket, by=agent, reason="No procede.", at=now + 2 * HOUR)
    assert [row[1] for row in fates(ticket)] == ["kept"]


@pytest.mark.django_db
def test_what_does_not_concern_a_promise_asks_nothing(
    ticket, agent, requester, promise, now, django_assert_num_queries
):
    def entry_of(kind):
        return TicketEvent.objects.filter(ticket=ticket, kind=kind).latest("sequence")

    from tickets.events import MessagePosted, TicketClosed

    conversation.reply(ticket, by=requester, message="¿Cómo va?")
    row, entry = Ticket.objects.get(), entry_of("message")
    with django_assert_num_queries(0):
        commitments.follow(MessagePosted(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    promise(ticket, now + HOUR)
    conversation.note(ticket, by=agent, message="Nada nuevo.")
    row, entry = Ticket.objects.get(), entry_of("note")
    with django_assert_num_queries(0):
        commitments.follow(MessagePosted(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    resolution.solve(ticket, by=agent, solution_type="definitive", solution="Listo.")
    resolution.accept(ticket, by=requester)
    row, entry = Ticket.objects.get(), entry_of("accept")
    with django_assert_num_queries(0):
        commitments.follow(TicketClosed(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))


@pytest.mark.django_db
def test_many_promises_take_a_fixed_number_of_queries(raise_at, promise, django_assert_max_num_queries):
    for _ in range(12):
        promise(raise_at(local("2026-03-10 10:00")), local("2026-03-10 12:00"), at=local("2026-03-10 10:30"))
    with django_assert_max_num_queries(14):
        assert commitments.sweep(local("2026-03-12 10:00")).broken == 12
    with clock.at(local("2026-03-12 10:00")):
        sweep_clocks()
        assert list(checks.invariants()) == []


@pytest.mark.django_db
def test_a_batch_takes_the_oldest_first_and_the_task_goes_on_to_the_end(raise_at, promise, monkeypatch):
    for hour in (14, 12, 13):
        promise(raise_at(local("2026-03-10 10:00")), local(f"2026-03-10 {hour}:00"), at=local("2026-03-10 10:30"))
    assert commitments.sweep(local("2026-03-12 10:00"), limit=2).broken == 2
    assert Commitment.objects.get(state="standing").due_at == local("2026-03-10 14:00")
    monkeypatch.setattr(commitments, "BATCH", 1)
    sweep_at(local("2026-03-12 10:00"))
    assert not Commitment.objects.filter(state="standing").exists()


@pytest.mark.django_db
def test_a_promise_that_cannot_be_settled_does_not_stop_the_others(raise_at, promise, monkeypatch):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(3)]
    for ticket in tickets:
        promise(ticket, local("2026-03-10 12:00"), at=local("2026-03-10 10:30"))
    # A history event in the way of the next one: its number is taken.
    bad = Ticket.objects.get(pk=tickets[1].pk)
    blocker = TicketEvent.objects.filter(ticket=bad).latest("sequence")
    blocker.pk, blocker.sequence, blocker.position = None, bad.version + 1, None
    blocker.save(force_insert=True)
    swept = commitments.sweep(local("2026-03-12 10:00"))
    assert (swept.broken, swept.left) == (2, {bad.pk})
    assert commitments.sweep(local("2026-03-12 10:00"), skip=[bad.pk]).promises == 0
    assert [row[1] for ticket in tickets for row in fates(ticket)] == ["broken", "standing", "broken"]


@pytest.mark.django_db
def test_the_search_for_overdue_promises_uses_its_partial_index(ticket, now):
    if connection.vendor == "postgresql":
        # So few rows fit in one page: what is asked here is whether the index can serve the search and its order.
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )
    plan = Commitment.objects.overdue(now).values_list("ticket_id", flat=True)[:500].explain()
    assert "commitment_due" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def at_once(*acts):
    """Do them in a thread each, all beginning together. Gives what failed."""
    barrier, failures = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait()
            act()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@together
def test_two_sweeps_at_once_record_each_broken_promise_once(raise_at, promise):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(30)]
    for ticket in tickets:
        promise(ticket, local("2026-03-10 12:00"), at=local("2026-03-10 10:30"))
    late = local("2026-03-12 10:00")
    assert at_once(lambda: sweep_at(late), lambda: sweep_at(late)) == []
    sweep_at(late)
    assert Commitment.objects.filter(state="broken").count() == len(tickets)
    for ticket in tickets:
        assert kinds(ticket).count("commitment_broken") == 1
    assert published_once(len(tickets))
    with clock.at(late):
        assert list(checks.invariants()) == []


@together
def test_a_sweep_and_a_solution_at_once_agree(raise_at, promise, solve):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(12)]
    for ticket in tickets:
        promise(ticket, local("2026-03-10 12:00"), at=local("2026-03-10 10:30"))
    late = local("2026-03-10 13:00")

    def answer():
        for ticket in tickets:
            solve(ticket, late)

    assert at_once(answer, lambda: sweep_at(late)) == []
    sweep_at(late)
    assert Commitment.objects.filter(state="broken", settled_at=local("2026-03-10 12:00")).count() == len(tickets)
    assert TicketEvent.objects.filter(kind="commitment_broken").count() == len(tickets)
    with clock.at(late):
        assert list(checks.invariants()) == []


@together
def test_two_people_who_change_the_date_at_once_leave_one_that_stands(raise_at, promise):
    ticket = raise_at(local("2026-03-10 10:00"))
    promise(ticket, local("2026-03-10 12:00"), at=local("2026-03-10 10:30"))
    moment = local("2026-03-10 11:00")
    acts = [lambda h=h: promise(ticket, local(f"2026-03-10 {h}:00"), at=moment, why=WHY) for h in (15, 16, 17)]
    assert at_once(*acts) == []
    states = [row[1] for row in fates(ticket)]
    assert states == ["renegotiated", "renegotiated", "renegotiated", "standing"]
    assert Commitment.objects.get(state="standing").due_at == Ticket.objects.get().committed_for
