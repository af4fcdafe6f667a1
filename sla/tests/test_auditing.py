"""The daily audit of the clocks: what it finds, what it leaves alone, and that it goes on where it was killed."""

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core import caching, clock
from core.leases import LEASE, MAX_ATTEMPTS, WorkState, run_long
from core.models import Alarm
from sla import checks, differences
from sla.models import Breach, Clock, ClockAudit, ClockDifference, Pause, Recalculation
from sla.services import auditing
from sla.tasks import audit_clocks, sweep_clocks
from sla.tests.conftest import local
from tickets.models import Ticket
from tickets.services import resolution, triage, work

pytestmark = pytest.mark.django_db
DAWN = local("2026-03-11 03:00")
"""When the audit of the day after the cast's Tuesday is due."""


@pytest.fixture
def desk(raise_at):
    """Three tickets of the Tuesday, at 10:00."""
    return [raise_at(local("2026-03-10 10:00")) for _ in range(3)]


def audit(at=DAWN):
    with clock.at(at):
        sweep_clocks()
        audit_clocks()
    return ClockAudit.objects.latest("day")


def found():
    return [(row.ticket.number, row.kind, row.text) for row in ClockDifference.objects.order_by("pk")]


def only(ticket, kind, text):
    return [(ticket.number, kind, text)]


def test_a_healthy_desk_has_no_differences_and_no_alarm(desk):
    row = audit()
    assert (row.day, row.state, row.total, row.done, row.percent) == (date(2026, 3, 11), WorkState.DONE, 3, 3, 100)
    assert (row.differences, found(), Alarm.objects.count()) == (0, [], 0)


def test_it_is_due_once_a_day_from_three_in_the_desks_morning(desk):
    with clock.at(DAWN - timedelta(microseconds=1)):
        audit_clocks()
    assert not ClockAudit.objects.exists()
    for at in (DAWN, DAWN + timedelta(minutes=2), local("2026-03-11 23:59"), local("2026-03-12 02:59")):
        with clock.at(at):
            audit_clocks()
    assert [row.day for row in ClockAudit.objects.all()] == [date(2026, 3, 11)]
    audit(local("2026-03-12 15:00"))
    assert ClockAudit.objects.count() == 2


def corrupt(model, **values):
    return lambda ticket: model.objects.filter(**{"pk" if model is Ticket else "ticket": ticket.pk}).update(**values)


def clock_of(kind, **values):
    return lambda ticket: Clock.objects.filter(ticket=ticket, kind=kind).update(**values)


WRONG = local("2026-03-20 12:00")
CORRUPTIONS = {
    "a deadline": (
        clock_of("attention", due_at=WRONG),
        [
            (
                "",
                "Vencimiento en la cola: el 10/03/2026 a las 11:00:00; según sus tiempos: el 20/03/2026 a las 12:00:00.",
            ),
            (
                "attention",
                "Vencimiento: el 20/03/2026 a las 12:00:00; contado desde el principio: el 11/03/2026 a las 10:00:00.",
            ),
        ],
    ),
    "the queue's deadline": (
        corrupt(Ticket, next_due_at=WRONG),
        [
            (
                "",
                "Vencimiento en la cola: el 20/03/2026 a las 12:00:00; según sus tiempos: el 11/03/2026 a las 10:00:00.",
            )
        ],
    ),
    "no deadline in the queue": (
        corrupt(Ticket, next_due_at=None),
        [("", "Vencimiento en la cola: sin fecha; según sus tiempos: el 11/03/2026 a las 10:00:00.")],
    ),
    "the mark of the ticket": (
        corrupt(Ticket, breached=True),
        [("", "Su marca de incumplido no dice lo que dicen sus tiempos.")],
    ),
    "a target": (
        clock_of("attention", target_minutes=60),
        [("attention", "No guarda el objetivo ni las horas de sus condiciones.")],
    ),
    "the next look": (
        clock_of("attention", next_at=WRONG),
        [("attention", "Siguiente revisión: el 20/03/2026 a las 12:00:00; debe ser: el 10/03/2026 a las 15:00:00.")],
    ),
    "no next look": (
        clock_of("attention", next_at=None),
        [("attention", "Siguiente revisión: sin fecha; debe ser: el 10/03/2026 a las 15:00:00.")],
    ),
    "when it was met": (
        clock_of("reaction", met_at=WRONG),
        [
            ("reaction", "Cumplido: el 20/03/2026 a las 12:00:00; según el ticket: el 10/03/2026 a las 10:00:00."),
            ("reaction", "Terminó tarde y no está marcado como incumplido."),
        ],
    ),
    "a clock that ended and is looked at": (
        clock_of("reaction", next_at=WRONG),
        [("reaction", "El tiempo de reacción terminó y se sigue revisando.")],
    ),
    "the ticket's fact": (
        corrupt(Ticket, reacted_at=None),
        [("reaction", "El tiempo de reacción está «Cumplido», contra lo que pasó.")],
    ),
    "a pause of nobody": (
        lambda ticket: Pause.objects.create(ticket=ticket, cause="vendor", started_at=ticket.created_at),
        [("", "Sus pausas abiertas no son las de su estado, «Abierto».")],
    ),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_was_corrupted_is_found_once_in_words(desk, agent, what):
    bad = desk[1]
    for row in desk:
        with clock.at(local("2026-03-10 10:00")):
            triage.open(row, by=agent)
    harm, expected = CORRUPTIONS[what]
    harm(bad)
    with clock.at(local("2026-03-10 12:00")):
        ClockAudit.objects.create(day=date(2026, 3, 10), next_at=clock.now())
        audit_clocks()
    if what == "a deadline":  # the reaction was met, so this one is the queue's
        expected = [
            (kind, text.replace("10/03/2026 a las 11:00:00", "11/03/2026 a las 10:00:00")) for kind, text in expected
        ]
    assert found() == [(bad.number, kind, text) for kind, text in expected]
    assert ClockAudit.objects.get().differences == len(expected)
    assert set(ClockDifference.objects.values_list("found_at", flat=True)) == {local("2026-03-10 12:00")}


def test_breaches_are_compared_with_their_record(desk):
    audit(DAWN)  # the sweep has recorded the reactions, due at 11:00
    lost, stray, early = desk
    Breach.objects.filter(ticket=lost).delete()
    Breach.objects.create(ticket=stray, kind="reaction", due_at=WRONG, recorded_at=WRONG)
    Clock.objects.filter(ticket=early, kind="attention").update(breached_at=WRONG)
    audit(local("2026-03-12 03:00") - timedelta(hours=18))
    ClockDifference.objects.all().delete()
    with clock.at(local("2026-03-11 09:00")):
        for row in differences.readable(Ticket.objects.order_by("pk")):
            told = [(one.kind, one.spanish) for one in differences.of_ticket(row, at=clock.now())]
            if row == lost:
                assert told == [("reaction", "Está marcado incumplido, y no hay registro de ello.")]
            elif row == stray:
                assert told == [("reaction", "Hay un incumplimiento registrado que el tiempo no dice.")]
            else:
                assert told == [
                    ("attention", "Está marcado incumplido el 20/03/2026 a las 12:00:00, sin haberlo sido."),
                    ("attention", "Está marcado incumplido, y no hay registro de ello."),
                ]
    assert len(list(checks.invariants())) >= 3


def test_a_sweep_that_is_late_is_no_difference(desk):
    with clock.at(DAWN + timedelta(days=5)):
        audit_clocks()
    assert not Breach.objects.exists()
    assert found() == []


def test_a_ticket_that_cannot_be_counted_is_a_difference_and_stops_no_other(desk):
    Ticket.objects.filter(pk=desk[0].pk).update(created_at=datetime(1850, 1, 1, tzinfo=UTC))
    Ticket.objects.filter(pk=desk[1].pk).update(next_due_at=WRONG)
    row = audit()
    assert row.state == WorkState.DONE
    assert found()[-2:] == [
        (desk[0].number, "", "No se puede contar: su vencimiento queda fuera de los años 1900 a 2199."),
        (desk[1].number, "", found()[-1][2]),
    ]


def test_what_ended_is_not_looked_at_and_what_was_solved_is(desk, agent, requester):
    closed, solved, _ = desk
    with clock.at(local("2026-03-10 10:30")):
        for row in (closed, solved):
            triage.open(row, by=agent)
            resolution.solve(row, by=agent, solution_type="workaround", solution="Listo.")
        resolution.accept(closed, by=requester)
    Ticket.objects.filter(pk__in=[closed.pk, solved.pk]).update(breached=True)
    row = audit()
    assert (row.total, row.done) == (2, 2)
    assert found() == only(solved, "", "Su marca de incumplido no dice lo que dicen sus tiempos.")


def test_one_alarm_says_how_many_and_a_later_audit_without_any_settles_it(desk):
    Ticket.objects.filter(pk=desk[0].pk).update(next_due_at=WRONG)
    audit()
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.key, alarm.settled_at) == ("clocks", "clocks:2026-03-11", None)
    assert alarm.text.startswith("La revisión de relojes del 11/03/2026 encontró 1 diferencia. Véalas en")
    Ticket.objects.filter(pk=desk[1].pk).update(next_due_at=WRONG)
    audit(DAWN + timedelta(days=1))
    assert list(Alarm.objects.filter(settled_at=None).values_list("key", flat=True)) == ["clocks:2026-03-12"]
    assert "encontró 2 diferencias" in Alarm.objects.get(settled_at=None).text
    for row in Ticket.objects.all():
        row.next_due_at, row.breached = min(c.due_at for c in row.clocks.all()), True
        row.save(update_fields=["next_due_at", "breached"])
    audit(DAWN + timedelta(days=2))
    assert not Alarm.objects.filter(settled_at=None).exists()


def test_a_ticket_that_was_moving_when_it_was_read_is_no_difference(desk):
    """A suspect is read again under its lock: here it has come right by then."""
    job = ClockAudit.objects.create(day=date(2026, 3, 11))
    Ticket.objects.filter(pk=desk[1].pk).update(next_due_at=WRONG)
    with clock.at(local("2026-03-10 10:30")):
        assert auditing.confirm(job, [row.pk for row in desk], at=clock.now()) == 1
    assert [number for number, _, _ in found()] == [desk[1].number]


def test_a_breach_that_a_sweep_records_while_the_audit_reads_is_no_difference(desk):
    began, due = DAWN, desk[0].clocks.get(kind="attention").due_at
    job = ClockAudit.objects.create(day=date(2026, 3, 11))
    with clock.at(due + timedelta(seconds=1)):
        sweep_clocks()
        assert auditing.confirm(job, [row.pk for row in desk], at=min(began, due)) == 0


def test_it_waits_for_a_recalculation_and_records_nothing_that_one_will_put_right(desk, guide, admin):
    pending = Recalculation.objects.create(calendar=guide.calendar, reason="x", requested_by=admin, next_at=DAWN)
    Ticket.objects.filter(pk=desk[0].pk).update(next_due_at=WRONG)
    row = audit()
    assert (row.state, row.done) == (WorkState.PENDING, 0)
    with clock.at(DAWN):
        auditing.chunk(row)
    assert found() == []
    pending.delete()
    assert audit(DAWN + timedelta(minutes=2)).differences == 1


def test_killed_in_the_middle_it_goes_on_from_there_and_repeats_nothing(raise_at, monkeypatch):
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(5)]
    with clock.at(DAWN):
        sweep_clocks()
        auditing.open_day(DAWN)
    Ticket.objects.filter(pk__in=[tickets[0].pk, tickets[2].pk]).update(next_due_at=WRONG)
    monkeypatch.setattr(auditing, "CHUNK", 2)
    done = []

    def dies_with_the_second_in_hand(job):
        done.append(auditing.chunk(job))
        if len(done) == 2:
            raise KeyboardInterrupt
        return done[-1]

    with clock.at(DAWN), pytest.raises(KeyboardInterrupt):
        run_long(ClockAudit.objects.all(), dies_with_the_second_in_hand, turn=timedelta(seconds=3))
    row = ClockAudit.objects.get()
    assert (row.done, row.cursor, row.state, row.differences) == (2, tickets[1].pk, WorkState.PENDING, 1)
    assert [number for number, _, _ in found()] == [tickets[0].number]
    with clock.at(DAWN + LEASE):
        assert audit_clocks() == 0
    with clock.at(DAWN + LEASE + timedelta(seconds=1)):
        assert audit_clocks() == 3
    row.refresh_from_db()
    assert (row.done, row.total, row.state, row.differences) == (5, 5, WorkState.DONE, 2)
    assert [number for number, _, _ in found()] == [tickets[0].number, tickets[2].number]


def test_an_audit_that_cannot_be_done_is_parked_with_an_alarm_and_the_next_day_has_its_own(desk):
    ClockAudit.objects.create(day=date(2026, 3, 11), attempts=MAX_ATTEMPTS, next_at=DAWN)
    with clock.at(DAWN):
        audit_clocks()
    assert ClockAudit.objects.get().state == WorkState.PARKED
    assert Alarm.objects.get().key == "parked:sla.ClockAudit"
    assert audit(DAWN + timedelta(days=1)).state == WorkState.DONE


def test_a_new_day_waits_for_the_audit_that_is_still_going_on(desk):
    ClockAudit.objects.create(day=date(2026, 3, 11), next_at=DAWN + timedelta(days=3))
    with clock.at(DAWN + timedelta(days=1)):
        assert auditing.open_day(clock.now()) is None


@pytest.mark.parametrize("count", [1, 6])
def test_a_chunk_costs_three_queries_however_many_tickets_when_nothing_is_wrong(raise_at, agent, count):
    for _ in range(count):
        row = raise_at(local("2026-03-10 10:00"))
        with clock.at(local("2026-03-10 10:10")):
            triage.open(row, by=agent)
            work.wait_for_user(row, by=agent, message="¿?")
    job = ClockAudit.objects.create(day=date(2026, 3, 11), total=count)
    with clock.at(local("2026-03-10 10:30")):
        auditing.chunk(job)  # warms the configuration
        with CaptureQueriesContext(connection) as queries:
            assert auditing.chunk(job) == (count, job.cursor + auditing.SPAN)
    assert len(queries) == 3


def test_long_stretches_without_open_tickets_are_skipped(desk, monkeypatch):
    monkeypatch.setattr(auditing, "SPAN", 1)
    first, *_, last = desk
    with clock.at(DAWN):
        sweep_clocks()
        job = ClockAudit.objects.create(day=date(2026, 3, 11), cursor=first.pk - 30)
        assert auditing.chunk(job) == (0, first.pk - 1)
        job.cursor = first.pk - 1
        assert auditing.chunk(job) == (1, first.pk)
        job.cursor = last.pk
        assert auditing.chunk(job) is None


def test_it_counts_by_what_is_stored_and_not_by_what_was_remembered(desk, guide):
    caching.forget_all()
    with clock.at(DAWN):
        sweep_clocks()
        list(checks.invariants())
        guide.calendar.windows.update(closes=20 * 60)
        audit_clocks()
    assert {kind for _, kind, _ in found()} == {"attention"}


@pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])
def test_tickets_that_move_while_they_are_read_are_no_differences(raise_at, agent):
    """Somebody reclassifies without rest; the audit goes over the same tickets all the while."""
    tickets = [raise_at(local("2026-03-10 10:00")) for _ in range(4)]
    job = ClockAudit.objects.create(day=date(2026, 3, 11))
    over, failures = threading.Event(), []
    rounds: list[tuple[int, int] | None] = []

    def reclassify():
        try:
            with clock.at(local("2026-03-10 10:30")):
                for step in range(24):
                    level = (
                        {"impact": "minor", "urgency": "low"}
                        if step // 4 % 2
                        else {"impact": "extensive", "urgency": "high"}
                    )
                    triage.reclassify(tickets[step % 4], by=agent, reason=f"{step}", changes=level)
        except Exception as error:
            failures.append(error)
        finally:
            over.set()
            connections.close_all()

    thread = threading.Thread(target=reclassify)
    thread.start()
    with clock.at(local("2026-03-10 10:30")):
        while not over.is_set() or not rounds:
            job.cursor = 0
            with transaction.atomic():
                rounds.append(auditing.chunk(job))
            time.sleep(0.002)  # SQLite gives the lock to whoever asks at the right moment
    thread.join()
    assert failures == []
    assert {found[0] for found in rounds if found} == {4}
    assert not ClockDifference.objects.exists()
