"""What was kept and what was not: every clock is judged once, and no percentage flatters."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache

from core import clock
from sla import record
from sla.board import Narrow
from sla.models import Breach, Commitment
from sla.record import Outcome
from sla.services.sweep import batch
from sla.tests.conftest import local
from tickets.services import conversation, ending, resolution, triage

pytestmark = pytest.mark.django_db

HIGH = {"impact": "significant", "urgency": "high"}
AT = local("2026-03-10 10:00")
LATER = local("2026-03-13 12:00")


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def see(supervisor):
    def look(at=LATER, actor=supervisor, days=30, **narrow):
        return record.record(actor, Narrow(**narrow), at=at, days=days)

    return look


@pytest.fixture
def attend(agent):
    """`attend(ticket, "10:30")`: opened and answered with a date at that time of the Tuesday."""

    def act(ticket, told):
        with clock.at(local(f"2026-03-10 {told}")):
            triage.open(ticket, by=agent)
            conversation.reply(ticket, by=agent, message="Va.", committed_for=local("2026-03-12 18:00"))

    return act


@pytest.mark.parametrize(
    ("met", "late", "percent"),
    [
        (0, 0, None), (1, 0, 100.0), (0, 1, 0.0), (1, 1, 50.0), (2, 1, 66.6), (999, 1, 99.9),
        (99_999, 1, 99.9), (10**9, 1, 99.9), (1, 99_999, 0.1), (1, 10**9, 0.1), (1000, 0, 100.0),
    ],
)  # fmt: skip
def test_a_percentage_never_says_100_when_one_was_late_nor_0_when_one_was_kept(met, late, percent):
    assert (Outcome(met, late).percent, Outcome(met, late).n) == (percent, met + late)


def test_without_tickets_there_is_nothing_to_judge(see, guide):
    found = see()
    assert (found.reaction, found.attention, found.commitments) == (Outcome(), Outcome(), Outcome())
    assert (found.corrected, found.renegotiated, found.attention.percent) == (0, 0, None)
    assert [week.starts_on for week in found.weeks] == [
        date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9),
    ]  # fmt: skip


def test_one_ticket_met_in_time_and_one_met_late(see, raise_at, attend):
    attend(raise_at(AT, **HIGH), "10:30")
    attend(raise_at(AT, **HIGH), "11:30")
    found = see()
    assert (found.reaction, found.attention) == (Outcome(1, 1), Outcome(2, 0))
    assert found.weeks[-1].reaction == Outcome(1, 1)
    assert sum(week.reaction.n for week in found.weeks[:-1]) == 0


def test_what_is_late_and_still_unmet_counts_as_late(see, raise_at):
    raise_at(AT, **HIGH)
    with clock.at(LATER):
        batch(LATER)
    assert (see().reaction, see().attention) == (Outcome(0, 1), Outcome(0, 1))


def test_a_clock_is_judged_in_the_week_of_its_deadline_when_late_and_of_its_answer_when_not(see, raise_at, agent):
    ticket = raise_at(local("2026-03-06 18:30"), **HIGH)
    early = raise_at(local("2026-03-06 18:30"), **HIGH)
    with clock.at(local("2026-03-06 18:40")):
        triage.open(early, by=agent)
    with clock.at(local("2026-03-12 10:00")):
        triage.open(ticket, by=agent)
    weeks = {week.starts_on: week.reaction for week in see().weeks}
    assert weeks[date(2026, 3, 2)] == Outcome(1, 0)
    assert weeks[date(2026, 3, 9)] == Outcome(0, 1)


def test_a_week_begins_on_monday_at_the_desks_midnight(see, raise_at, agent):
    ticket = raise_at(local("2026-03-08 23:30"), service_line="technological", **HIGH)
    other = raise_at(local("2026-03-08 23:30"), service_line="technological", **HIGH)
    with clock.at(local("2026-03-08 23:59:59")):
        triage.open(ticket, by=agent)
    with clock.at(local("2026-03-09 00:00")):
        triage.open(other, by=agent)
    weeks = {week.starts_on: week.reaction for week in see().weeks}
    assert (weeks[date(2026, 3, 2)], weeks[date(2026, 3, 9)]) == (Outcome(1, 0), Outcome(1, 0))


def test_a_corrected_breach_is_counted_apart_and_its_clock_by_its_right_deadline(see, raise_at, agent):
    ticket = raise_at(AT, **HIGH)
    with clock.at(local("2026-03-10 11:30")):
        triage.reclassify(ticket, by=agent, reason="No era para tanto.", changes={"impact": "minor", "urgency": "low"})
        assert Breach.objects.get().corrected_at is not None
        triage.open(ticket, by=agent)
    found = see()
    assert (found.reaction, found.corrected) == (Outcome(1, 0), 1)


def test_cancelled_rejected_and_invalid_tickets_are_left_out_with_their_breaches(see, raise_at, agent, requester):
    tickets = [raise_at(AT, **HIGH) for _ in range(3)]
    with clock.at(LATER):
        batch(LATER)
        ending.cancel(tickets[0], by=requester, reason="Ya quedó.")
        triage.reject(tickets[1], by=agent, reason="No es de la Mesa.")
    assert see().reaction == Outcome(0, 1)
    with clock.at(LATER):
        triage.open(tickets[2], by=agent)
        ending.close_as_invalid(tickets[2], by=agent, reason="No cumple.")
    assert (see().reaction, see().attention) == (Outcome(), Outcome())


def test_promised_dates_are_kept_broken_or_renegotiated(see, raise_at, supervisor, agent):
    told = {"kept": (2, LATER), "broken": (1, AT), "renegotiated": (3, LATER), "void": (4, LATER)}
    for state, (count, settled_at) in told.items():
        for _ in range(count):
            Commitment.objects.create(
                ticket=raise_at(AT, **HIGH), due_at=AT, made_at=AT, made_by=agent, state=state, settled_at=settled_at
            )
    Commitment.objects.create(ticket=raise_at(AT, **HIGH), due_at=AT, made_at=AT, made_by=agent, state="standing")
    found = see()
    assert (found.commitments, found.renegotiated) == (Outcome(2, 1), 3)
    assert found.weeks[-1].commitments == Outcome(2, 1)


def test_the_days_begin_at_local_midnight_and_end_now(see, raise_at, attend):
    attend(raise_at(AT, **HIGH), "10:30")
    reacted = local("2026-03-10 10:30")
    assert see(at=reacted).reaction.n == 1
    assert see(at=reacted - timedelta(seconds=1)).reaction.n == 0
    assert see(at=local("2026-04-08 23:00")).reaction.n == 1
    assert see(at=local("2026-04-09 01:00")).reaction.n == 0
    assert see(at=local("2026-04-09 01:00"), days=90).reaction.n == 1


def test_it_is_narrowed_and_scoped_like_the_board(
    see, raise_at, attend, company, requester, colleague, outsider, group
):
    attend(raise_at(AT, **HIGH), "10:30")
    assert (
        see(company=company.pk).reaction.n == see(group=0).reaction.n == see(service_line="functional").reaction.n == 1
    )
    assert see(company=outsider.valid_user.company_id).reaction.n == see(group=group.pk).reaction.n == 0
    assert [see(actor=person).reaction.n for person in (requester, colleague, outsider)] == [1, 0, 0]


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_three_queries_however_many_tickets(see, raise_at, attend, django_assert_num_queries, count):
    for _ in range(count):
        attend(raise_at(AT, **HIGH), "10:30")
    with django_assert_num_queries(3):
        see()


def test_a_solution_meets_what_nobody_had_answered(see, raise_at, agent, consultant, group):
    ticket = raise_at(AT, **HIGH)
    with clock.at(local("2026-03-10 10:20")):
        triage.open(ticket, by=agent)
        triage.assign(ticket, by=agent, group=group)
        triage.take(ticket, by=consultant)
        resolution.solve(ticket, by=consultant, solution_type="definitive", solution="Listo.")
    assert (see().reaction, see().attention) == (Outcome(1, 0), Outcome(1, 0))
