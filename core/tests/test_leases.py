"""Work that is claimed, done, put off, parked, and taken from the dead."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from core import clock, leases
from core.leases import LEASE, MAX_ATTEMPTS, WorkState, run_batch
from core.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(now):
    """`owed(3)`: so many rows that are due now."""

    def make(count):
        return [Delivery.objects.create(event_id=f"e{n}", event="E", handler="h", payload={}) for n in range(count)]

    return make


def ids(rows):
    return [row.pk for row in rows]


def claim(at, limit=10):
    return Delivery.objects.all().claim(limit=limit, at=at)


def test_claimed_rows_are_nobody_elses_until_the_lease_ends(owed, now):
    rows = owed(3)
    assert ids(claim(now, limit=2)) == ids(rows[:2])
    assert ids(claim(now)) == ids(rows[2:])
    assert claim(now + LEASE) == []
    assert ids(claim(now + LEASE + timedelta(seconds=1))) == ids(rows[:1])


def test_what_a_killed_worker_held_is_free_within_a_minute():
    assert timedelta(minutes=1) > LEASE


def test_the_late_note_of_who_lost_the_lease_is_refused(owed, now):
    owed(1)
    [slow] = claim(now)
    later = now + LEASE + timedelta(seconds=1)
    [other] = claim(later)
    assert (slow.finish(at=later), slow.postpone("tarde", at=later)) == (False, False)
    assert other.finish(at=later) is True
    assert Delivery.objects.get().state == WorkState.DONE


def test_who_sleeps_past_the_lease_has_its_effect_undone(owed, now):
    owed(1)

    def slowly(row):
        Delivery.objects.create(event_id="effect", event="E", handler="h", payload={})
        Delivery.objects.filter(pk=row.pk).update(lease_token="another worker's")

    assert run_batch(Delivery.objects.filter(event_id="e0"), slowly) == 1
    assert not Delivery.objects.filter(event_id="effect").exists()
    assert Delivery.objects.get(event_id="e0").state == WorkState.PENDING


def test_a_failure_undoes_its_effect_is_put_off_and_the_rest_goes_on(owed, now):
    first, second = owed(2)

    def do(row):
        Delivery.objects.create(event_id=f"effect{row.pk}", event="E", handler="h", payload={})
        if row.pk == first.pk:
            raise RuntimeError("no")

    assert run_batch(Delivery.objects.filter(event_id__in=["e0", "e1"]), do) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.last_error, first.next_at) == ("pending", "RuntimeError: no", now + leases.FIRST_PAUSE)
    assert second.state == WorkState.DONE
    assert [row.event_id for row in Delivery.objects.filter(event_id__startswith="effect")] == [f"effect{second.pk}"]


def fail(row: Delivery) -> None:
    raise ZeroDivisionError("division by zero")


def test_what_always_fails_is_parked_and_can_be_given_another_set_of_tries(owed, now):
    [row] = owed(1)
    at, tries = now, 0
    while row.state == WorkState.PENDING:
        with clock.at(at):
            tries += run_batch(Delivery.objects.all(), fail)
        row.refresh_from_db()
        at = row.next_at
    assert (tries, row.state, row.last_error) == (MAX_ATTEMPTS, WorkState.PARKED, "ZeroDivisionError: division by zero")
    row.replay(at=at)
    assert ids(claim(at)) == [row.pk]


def test_what_kills_its_worker_is_parked_and_takes_no_other_row_with_it(owed, now):
    rows, at, deaths, done = owed(5), now, 0, []
    poison = rows[1]
    for _ in range(40):
        claimed = claim(at)
        for row in claimed:
            if row.pk == poison.pk:
                deaths += 1  # and what was claimed with it is left as it is
                break
            assert row.finish(at=at)
            done.append(row.pk)
        at += LEASE + timedelta(seconds=1)
    assert deaths == MAX_ATTEMPTS
    assert sorted(done) == [row.pk for row in rows if row != poison]
    poison.refresh_from_db()
    assert (poison.state, poison.last_error, poison.lease_until) == (WorkState.PARKED, leases.DIED, None)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_do_each_row_once(owed, now):
    rows, done, lock = owed(60), [], threading.Lock()

    def note(row):
        with lock:
            done.append(row.pk)

    def work():
        try:
            with clock.at(now):
                while run_batch(Delivery.objects.all(), note, limit=7):
                    pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ids(rows)
    assert set(Delivery.objects.values_list("state", "attempts")) == {(WorkState.DONE, 1)}
