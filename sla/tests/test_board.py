"""The board's numbers: each open ticket stands in exactly one way, and sums tell what the rows tell."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from accounts.models import SupportGroup
from core import clock
from sla import board, risk
from sla.board import Counts, Narrow
from sla.models import Clock
from sla.services.sweep import batch
from sla.tests.conftest import local
from sla.vocabulary import Standing
from tickets.models import Ticket
from tickets.services import conversation, ending, resolution, triage, work

pytestmark = pytest.mark.django_db

HIGH = {"impact": "significant", "urgency": "high"}
AT = local("2026-03-10 10:00")


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def see(supervisor):
    def look(at, actor=supervisor, hours=None, **narrow):
        return board.present(actor, Narrow(**narrow), at=at, hours=hours)

    return look


def standing_of(ticket, at, hours=None):
    """The Standings whose condition holds of the ticket: there must be one."""
    rows = Ticket.objects.filter(pk=ticket.pk)
    return [one for one in Standing if rows.filter(risk.standing(one, at, hours)).exists()]


def swept(at):
    with clock.at(at):
        batch(at)


def test_without_tickets_every_number_is_zero(see, guide):
    found = see(AT)
    assert found.total == Counts()
    assert (found.companies, found.groups, found.others) == ((), (), Counts())
    assert [share.name for share in found.priorities] == ["Crítica", "Alta", "Media", "Baja"]
    assert {share.counts for share in (*found.lines, *found.priorities)} == {Counts()}


def test_one_ticket_goes_from_in_time_to_at_risk_to_late(see, raise_at):
    ticket = raise_at(AT, **HIGH)
    moments = {
        "10:20": Standing.OK,
        "10:50": Standing.RISK,
        "11:00": Standing.RISK,
        "11:01": Standing.LATE,
    }
    for told, standing in moments.items():
        at = local(f"2026-03-10 {told}")
        swept(at)
        assert standing_of(ticket, at) == [standing], told
        counts = see(at).total
        assert (counts.open, counts.of(standing)) == (1, 1), told


def test_the_deadlines_own_instant_is_still_in_time(raise_at):
    ticket = raise_at(AT, **HIGH)
    due = local("2026-03-10 11:00")
    assert standing_of(ticket, due) == [Standing.OK]
    assert standing_of(ticket, due + timedelta(microseconds=1)) == [Standing.LATE]


def test_a_horizon_says_at_risk_by_the_time_that_is_left(see, raise_at):
    ticket = raise_at(AT, **HIGH)
    assert standing_of(ticket, AT, hours=1) == [Standing.RISK]
    assert standing_of(ticket, AT - timedelta(seconds=1), hours=1) == [Standing.OK]
    assert see(AT, hours=1).total == Counts(open=1, risk=1)
    assert see(AT).total == Counts(open=1)


def test_a_paused_ticket_is_not_at_risk_however_much_has_run(see, raise_at, agent):
    ticket = raise_at(AT, **HIGH)
    with clock.at(local("2026-03-10 18:59")):
        triage.open(ticket, by=agent)
    swept(local("2026-03-10 18:59"))
    assert Clock.objects.get(ticket=ticket, kind="attention").warned_percent == 75
    with clock.at(local("2026-03-10 18:59:30")):
        work.wait_for_user(ticket, by=agent, message="¿Cuál RFC?")
    later = local("2026-03-20 12:00")
    assert standing_of(ticket, later) == standing_of(ticket, later, hours=24) == [Standing.PAUSED]
    assert see(later).total == Counts(open=1, paused=1)


def test_what_is_attended_and_not_solved_has_no_deadline_running(see, raise_at, agent):
    ticket = raise_at(AT, **HIGH)
    with clock.at(local("2026-03-10 10:10")):
        triage.open(ticket, by=agent)
        conversation.reply(ticket, by=agent, message="Va.", committed_for=local("2026-03-11 10:00"))
    assert standing_of(ticket, local("2026-03-12 10:00")) == [Standing.IDLE]
    assert see(local("2026-03-12 10:00")).total == Counts(open=1, idle=1)


def test_late_goes_before_at_risk(see, raise_at, agent):
    """A late reaction beside an attention past its warning: one ticket, counted once."""
    ticket = raise_at(AT, **HIGH)
    swept(local("2026-03-10 11:01"))
    swept(local("2026-03-10 18:00"))
    assert Clock.objects.get(ticket=ticket, kind="attention").warned_percent == 75
    assert see(local("2026-03-10 18:00")).total == Counts(open=1, late=1)


def test_solved_and_ended_tickets_are_not_there(see, raise_at, agent, requester):
    solved, cancelled, rejected = (raise_at(AT, **HIGH) for _ in range(3))
    with clock.at(AT):
        triage.open(solved, by=agent)
        resolution.solve(solved, by=agent, solution_type="definitive", solution="Listo.")
        ending.cancel(cancelled, by=requester, reason="Ya quedó.")
        triage.reject(rejected, by=agent, reason="No es de la Mesa.")
    assert see(local("2026-03-20 10:00")).total == Counts()


def test_every_dimension_adds_up_to_the_whole(see, raise_at, agent, group):
    tickets = [raise_at(AT + timedelta(hours=n), **HIGH) for n in range(3)]
    tickets.append(raise_at(AT, kind="request", service_line="technological", impact="minor", urgency="low"))
    with clock.at(AT):
        triage.assign(tickets[0], by=agent, group=group)
    at = local("2026-03-10 11:30")
    swept(at)
    found = see(at)
    assert found.total == Counts(open=4, late=1, risk=1)
    for shares in (found.lines, found.groups, found.priorities, found.companies):
        assert sum((share.counts for share in shares), Counts()) == found.total
    assert [(share.key, share.name, share.counts.open) for share in found.groups] == [
        (board.NO_GROUP, "Sin grupo", 3),
        (group.pk, "Nómina", 1),
    ]
    assert {share.key: share.counts.open for share in found.lines} == {
        "functional": 3,
        "technical": 0,
        "technological": 1,
    }


def test_it_is_narrowed_to_a_company_a_line_and_a_group(see, raise_at, agent, group, company, outsider):
    mine = raise_at(AT, **HIGH)
    raise_at(AT, service_line="technical", **HIGH)
    with clock.at(AT):
        triage.assign(mine, by=agent, group=group)
    other = SupportGroup.objects.create(name="Otro")
    assert see(AT, company=company.pk).total.open == 2
    assert see(AT, company=outsider.valid_user.company_id).total.open == 0
    assert see(AT, service_line="technical").total.open == 1
    assert see(AT, group=group.pk).total.open == see(AT, group=board.NO_GROUP).total.open == 1
    assert see(AT, group=other.pk).total.open == 0


def test_companies_beyond_the_first_are_one_sum(see, raise_at, monkeypatch):
    raise_at(AT, **HIGH)
    monkeypatch.setattr(board, "MOST_COMPANIES", 0)
    found = see(AT)
    assert (found.companies, found.others) == ((), Counts(open=1))


def test_the_next_to_fall_due_and_the_longest_overdue_come_first(supervisor, raise_at):
    first, second, third = (raise_at(AT + timedelta(minutes=10 * n), **HIGH) for n in range(3))
    at = local("2026-03-10 11:15")
    assert list(board.worst(supervisor, Narrow(), at=at)) == [first, second]
    assert list(board.soonest(supervisor, Narrow(), at=at)) == [third]


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_three_queries_however_many_tickets(see, raise_at, agent, group, django_assert_num_queries, count):
    for _ in range(count):
        triage.assign(raise_at(AT, **HIGH), by=agent, group=group, at=AT)
    with django_assert_num_queries(3):
        see(AT)


def test_what_took_long_is_kept_and_says_of_which_moment_it_is(
    see, raise_at, supervisor, agent, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(board, "SLOW", -1)
    raise_at(AT, **HIGH)
    first = see(AT)
    raise_at(AT, **HIGH)
    with django_assert_num_queries(0):
        again = see(AT + timedelta(seconds=40), actor=agent)
    assert (again, again.at) == (first, AT)
    assert see(AT, service_line="functional").total.open == 2


def test_quick_answers_are_not_kept(see, raise_at, monkeypatch):
    monkeypatch.setattr(board, "SLOW", 3600)
    raise_at(AT, **HIGH)
    assert see(AT).total.open == 1
    raise_at(AT, **HIGH)
    assert see(AT).total.open == 2


def test_a_cache_that_is_down_shows_the_numbers_all_the_same(see, raise_at, monkeypatch):
    class Down:
        def get(self, key):
            raise ConnectionError

        def set(self, key, value, seconds):
            raise ConnectionError

    monkeypatch.setattr(board, "SLOW", -1)
    monkeypatch.setattr(board, "cache", Down())
    raise_at(AT, **HIGH)
    assert see(AT).total.open == 1


def test_each_reader_counts_only_what_they_see(
    see, raise_at, requester, colleague, representative, outsider, monkeypatch
):
    monkeypatch.setattr(board, "SLOW", -1)
    raise_at(AT, **HIGH)
    people = (requester, representative, colleague, outsider)
    for _ in range(2):
        assert [see(AT, actor=person).total.open for person in people] == [1, 1, 0, 0]
    requester.is_active = False
    assert see(AT, actor=requester).total.open == 0


def test_who_may_read_it(agent, supervisor, manager, director, service_delivery, admin, requester, consultant, bpo):
    readers = (agent, supervisor, manager, director, service_delivery, admin, requester)
    assert all(board.permitted(person) for person in readers)
    refused = [board.permitted(person) for person in (consultant, bpo)]
    assert [bool(verdict) for verdict in refused] == [False, False]
    assert refused[0].reason == "Su rol no consulta el tablero de niveles de servicio."
