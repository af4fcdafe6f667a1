"""Alarms: one open for each reason, settled by the product or by a person; and those of work that is parked."""

from datetime import timedelta

import pytest

from core import alarms, caching, clock
from core.leases import LEASE, MAX_ATTEMPTS, WorkState, run_batch
from core.models import Alarm, Delivery

pytestmark = pytest.mark.django_db


def told():
    return list(Alarm.objects.order_by("pk").values_list("key", "times", "settled_by"))


def test_a_reason_that_is_noticed_again_is_the_same_alarm_with_its_newest_words(now):
    first = alarms.sound("clocks", "clocks:1", "Hay una diferencia.", subject="T0000001", at=now)
    again = alarms.sound("clocks", "clocks:1", "Hay dos.", at=now + timedelta(hours=1))
    assert again.pk == first.pk
    row = Alarm.objects.get()
    assert (row.text, row.times, row.subject) == ("Hay dos.", 2, "T0000001")
    assert (row.raised_at, row.last_at) == (now, now + timedelta(hours=1))


def test_a_reason_that_comes_back_after_it_was_settled_is_a_new_alarm(now):
    alarms.sound("clocks", "a", "x", at=now)
    assert alarms.settle("a", at=now, by="Teresa Olvera Luna") is True
    assert alarms.settle("a", at=now, by="Otra persona") is False
    alarms.sound("clocks", "a", "x", at=now)
    assert told() == [("a", 1, "Teresa Olvera Luna"), ("a", 1, "")]


def test_a_kind_is_settled_and_the_others_stay(now):
    for kind, key in (("clocks", "a"), ("clocks", "b"), ("parked", "c")):
        alarms.sound(kind, key, "x", at=now)
    assert alarms.settle_all("clocks", at=now) == 2
    assert alarms.settle_all("clocks", at=now) == 0
    assert [row.key for row in Alarm.objects.filter(settled_at=None)] == ["c"]


def test_counting_the_open_ones_is_remembered_for_a_while(now, django_assert_num_queries):
    alarms.sound("clocks", "a", "x", at=now)
    assert alarms.open_by_subject() == {"": 1}
    alarms.sound("clocks", "b", "x", at=now)
    alarms.sound("escalation", "c", "x", subject="T0000001", at=now)
    with django_assert_num_queries(0):
        assert alarms.open_by_subject() == {"": 1}
    caching.forget_all()
    assert alarms.open_by_subject() == {"": 2, "T0000001": 1}


def owe(count):
    return [Delivery.objects.create(event_id=f"e{n}", event="E", handler="h", payload={}) for n in range(count)]


def fail(row):
    raise ZeroDivisionError("division by zero")


def test_what_is_parked_raises_one_alarm_of_its_kind_which_passes_with_the_last_one(now):
    rows = owe(2)
    Delivery.objects.update(attempts=MAX_ATTEMPTS - 1)
    for _ in rows:
        run_batch(Delivery.objects.all(), fail)
    assert set(Delivery.objects.values_list("state", flat=True)) == {WorkState.PARKED}
    assert told() == [("parked:core.Delivery", 2, "")]
    assert Alarm.objects.get().text == Delivery.stuck
    rows[0].replay(at=now)
    assert Alarm.objects.get().settled_at is None
    rows[1].replay(at=now)
    assert Alarm.objects.get().settled_at == now


def test_what_kills_its_worker_raises_the_alarm_too(now):
    owe(1)
    Delivery.objects.update(attempts=MAX_ATTEMPTS, lease_until=now, lease_token="dead")
    with clock.at(now + LEASE):
        assert Delivery.objects.all().claim(limit=5, at=clock.now()) == []
    assert told() == [("parked:core.Delivery", 1, "")]


def test_an_alarm_that_a_person_saw_to_stays_so_until_something_else_is_parked(now):
    first, second = owe(2)
    Delivery.objects.filter(pk=first.pk).update(attempts=MAX_ATTEMPTS - 1)
    run_batch(Delivery.objects.filter(pk=first.pk), fail)
    alarms.settle("parked:core.Delivery", at=now, by="Teresa")
    run_batch(Delivery.objects.filter(pk=second.pk), fail)
    assert [row.settled_by for row in Alarm.objects.all()] == ["Teresa"]
    Delivery.objects.filter(pk=second.pk).update(attempts=MAX_ATTEMPTS - 1, next_at=now)
    run_batch(Delivery.objects.filter(pk=second.pk), fail)
    assert Alarm.objects.filter(settled_at=None).count() == 1


def test_the_late_note_of_who_lost_the_lease_raises_nothing(now):
    owe(1)
    [slow] = Delivery.objects.all().claim(limit=1, at=now)
    Delivery.objects.all().claim(limit=1, at=now + LEASE + timedelta(seconds=1))
    assert slow.park("tarde", at=now) is False
    assert told() == []
