"""Chunks at the same time: each id once, each chunk in a transaction of its own, and what fails or is held is said."""

import threading

import pytest
from django.db import connection, transaction

from core import clock
from core.models import Delivery
from core.sweeps import each_chunk

IDS = list(range(10))


@pytest.mark.django_db
def test_inside_a_transaction_one_thread_does_it_all():
    threads, seen = set(), []

    def do(ids):
        threads.add(threading.get_ident())
        seen.extend(ids)
        return set(ids) - {3}

    assert each_chunk(IDS, do, name="x", size=2, at_once=2) == {3}
    assert (threads, seen) == ({threading.get_ident()}, IDS)


@pytest.mark.django_db(transaction=True)
def test_two_threads_share_the_chunks_and_keep_the_moment(now):
    both, done = threading.Barrier(2, timeout=5), []
    apart = connection.features.has_select_for_update_skip_locked

    def do(ids):
        if apart and ids[0] < 4:
            both.wait()  # the first two chunks are under way at the same time
        if 7 in ids:
            raise ValueError
        assert transaction.get_connection().in_atomic_block
        Delivery.objects.bulk_create(
            [Delivery(event_id=str(pk), event="e", handler="h", payload={}, next_at=clock.now()) for pk in ids]
        )
        done.extend(ids)
        return set(ids)

    with clock.at(now):
        assert each_chunk(IDS, do, name="x", size=2, at_once=2) == {7}
    assert sorted(done) == [pk for pk in IDS if pk != 7]
    assert sorted(Delivery.objects.values_list("event_id", "next_at")) == [(str(pk), now) for pk in sorted(done)]
