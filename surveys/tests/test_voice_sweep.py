"""What goes on by itself: on time, late, twice, at once, and across a change of the clocks."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from core import caching, clock
from core.models import Alarm, Delivery
from customers.models import ServiceTerms
from escalation.models import Contact, Level
from servicedesk.seeding.escalation import CUSTOMERS
from servicedesk.testing import TUESDAY
from surveys import tasks
from surveys.models import Voice, VoiceStep
from surveys.services import hearing, voices, waiting

MICROSECOND = timedelta(microseconds=1)


def way(voice: Voice) -> list[tuple[int, str]]:
    return list(voice.steps.order_by("number").values_list("level", "cause"))


def due(row: Voice) -> datetime:
    """Its next moment."""
    assert row.next_at is not None
    return row.next_at


def pass_time(voice: Voice) -> Voice:
    """Up to the next moment, and a sweep at it."""
    moment = Voice.objects.get(pk=voice.pk).next_at
    assert moment is not None
    with clock.at(moment):
        waiting.sweep(moment)
    return Voice.objects.get(pk=voice.pk)


@pytest.mark.django_db
def test_unacknowledged_it_goes_up_at_the_instant_that_its_time_passes(complaint):
    due = complaint.next_at
    assert waiting.sweep(due - MICROSECOND).looked == 0
    row = pass_time(complaint)
    assert (row.level, row.state, way(row)) == (2, "received", [(1, "received"), (2, "unacknowledged")])
    first = row.steps.get(number=1)
    assert first.overdue_at == due
    assert row.next_at == row.steps.get(number=2).acknowledge_by


@pytest.mark.django_db
def test_unanswered_it_goes_up_too_and_must_be_acknowledged_again(complaint, manager, now):
    row = voices.acknowledge(complaint, by=manager)
    row = pass_time(row)
    assert (row.level, row.state, way(row)[-1]) == (2, "acknowledged", (2, "unanswered"))
    assert row.next_at == row.steps.last().acknowledge_by


@pytest.mark.django_db
def test_at_the_last_level_it_is_told_once_for_each_time_that_passed(complaint):
    row = pass_time(complaint)
    last = row.steps.last()
    row = pass_time(row)
    assert (row.next_at, row.level) == (last.answer_by, 2)
    row = pass_time(row)
    assert row.next_at is None
    kinds = list(row.entries.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["receive", "level_told", "level_told", "overdue", "overdue"]
    assert [entry.data["silent"] for entry in row.entries.filter(kind="overdue")] == [True, False]
    assert Alarm.objects.filter(settled_at=None).count() == 1
    waiting.sweep(TUESDAY + timedelta(days=30))
    assert row.entries.count() == 5


@pytest.mark.django_db
def test_acknowledged_after_everything_passed_it_is_not_told_again(complaint, director):
    row = pass_time(pass_time(pass_time(complaint)))
    with clock.at(TUESDAY + timedelta(days=10)):
        row = voices.acknowledge(row, by=director)
    assert row.next_at is None
    assert not Alarm.objects.filter(settled_at=None).exists()


@pytest.mark.django_db
def test_a_sweep_that_comes_days_late_tells_one_level_at_a_time(complaint):
    late = complaint.next_at + timedelta(days=4)
    with clock.at(late):
        assert tasks.sweep_voices() == 1
        row = Voice.objects.get()
        # The next level has its own time from when it was told.
        assert (row.level, row.steps.last().notified_at) == (2, late)
        assert row.next_at > late
        assert tasks.sweep_voices() == 0


@pytest.mark.django_db
def test_a_sweep_run_twice_does_nothing_the_second_time(complaint):
    due = complaint.next_at
    for _ in range(3):
        waiting.sweep(due)
    assert len(way(Voice.objects.get())) == 2


@pytest.mark.django_db
def test_a_row_that_fails_keeps_nothing_and_stops_only_itself(complaint, requester, draft, now):
    other = hearing.receive(draft(), by=requester, channel="web")
    Voice.objects.filter(pk=complaint.pk).update(levels=[{"level": 2}])
    swept = waiting.sweep(due(other))
    assert swept.left == {complaint.pk}
    assert len(way(other)) == 2
    assert len(way(complaint)) == 1


@pytest.mark.django_db
def test_batches_go_on_until_nothing_is_due(requester, matrices, draft, now, monkeypatch):
    for _ in range(5):
        hearing.receive(draft(), by=requester, channel="web")
    monkeypatch.setattr(waiting, "BATCH", 2)
    due = Voice.objects.first().next_at
    with clock.at(due):
        assert waiting.sweep(due, limit=2).looked == 2
        assert tasks.sweep_voices() == 3
    assert VoiceStep.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(complaint):
    due, ready = complaint.next_at, threading.Barrier(2)

    def run() -> None:
        try:
            ready.wait(10)
            waiting.sweep(due)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # Whoever found it held left it for the next run.
    waiting.sweep(due)
    row = Voice.objects.get()
    assert len(way(row)) == 2
    assert row.version == row.entries.count() == row.entries.latest("sequence").sequence
    told = Delivery.objects.filter(event="VoiceLevelTold")
    assert told.count() == 2


@pytest.mark.django_db(transaction=True)
def test_killed_halfway_nothing_of_it_is_left(complaint):
    due = complaint.next_at

    class Killed(BaseException):
        pass

    def sweep_and_die() -> None:
        with transaction.atomic():
            waiting._pass([complaint.pk], due)
            raise Killed

    with pytest.raises(Killed):
        sweep_and_die()
    assert len(way(Voice.objects.get())) == 1
    waiting.sweep(due)
    assert len(way(Voice.objects.get())) == 2


@pytest.mark.django_db
def test_times_run_in_the_desks_window(requester, matrices, draft):
    # Friday 18:30 local; the level has an hour to acknowledge: half of it on Friday, half on the Tuesday after a holiday.
    Level.objects.filter(role="Gerente Mesa de Servicio").update(acknowledge_minutes=60, answer_minutes=120)
    caching.forget_all()
    with clock.at(datetime(2026, 3, 14, 0, 30, tzinfo=UTC)):
        step = hearing.receive(draft(), by=requester, channel="web").steps.get()
    zone = ZoneInfo("America/Mexico_City")
    assert step.acknowledge_by == datetime(2026, 3, 17, 9, 30, tzinfo=zone)
    assert step.answer_by == datetime(2026, 3, 17, 10, 30, tzinfo=zone)


@pytest.mark.django_db
def test_a_contract_with_an_extension_counts_in_it(requester, matrices, draft, contract):
    from customers.models import ExtensionWindow

    Level.objects.filter(role="Gerente Mesa de Servicio").update(acknowledge_minutes=60, answer_minutes=120)
    own = ServiceTerms.objects.create(contract=contract, name="Sábados", valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    ExtensionWindow.objects.create(terms=own, weekday=5, opens=540, closes=840)
    caching.forget_all()
    with clock.at(datetime(2026, 3, 14, 0, 30, tzinfo=UTC)):
        step = hearing.receive(draft(), by=requester, channel="web").steps.get()
    assert step.acknowledge_by == datetime(2026, 3, 14, 9, 30, tzinfo=ZoneInfo("America/Mexico_City"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("received", "acknowledge", "agree"),
    [
        # Clocks go forward on Sunday 8 March 2026 in Tijuana: Friday 18:30 and Monday 9:30 are an hour nearer.
        ("2026-03-06 18:30", "2026-03-09 09:30", "2026-03-11 18:30"),
        # And back on Sunday 1 November.
        ("2026-10-30 18:30", "2026-11-02 09:30", "2026-11-04 18:30"),
    ],
)
def test_wall_clock_times_hold_across_a_change_of_the_clocks(
    requester, company, matrices, draft, agent, received, acknowledge, agree
):
    zone = ZoneInfo("America/Tijuana")
    company.time_zone = zone.key
    company.save()
    Level.objects.filter(role="Gerente Mesa de Servicio").update(acknowledge_minutes=60, answer_minutes=120)
    caching.forget_all()

    def local(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=zone)

    at = local(received).astimezone(UTC)
    with clock.at(at):
        row = hearing.receive(draft(), by=requester, channel="web")
        assert row.steps.get().acknowledge_by == local(acknowledge)
        assert voices.answer(row, by=agent, text="Ya.").next_at == local(agree)


@pytest.mark.django_db
def test_nobody_above_can_be_told_either(requester, matrices, draft, now):
    Contact.objects.update(email="")
    caching.forget_all()
    row = hearing.receive(draft(direction=CUSTOMERS), by=requester, channel="web")
    assert way(row) == [(1, "received"), (2, "unreachable")]
    assert Alarm.objects.filter(settled_at=None).count() == 2
    assert row.next_at == row.steps.last().acknowledge_by
