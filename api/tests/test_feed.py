"""The feed: every visible change once, in the order in which changes were committed, with nothing slipping in behind a reader."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from api.tests.test_tickets import queries
from tickets.models import TicketEvent
from tickets.services import feed, intake, triage

pytestmark = pytest.mark.django_db


def test_a_reader_gets_every_change_once_and_knows_when_it_has_all(api, agent, tickets, now):
    for row in tickets(3):
        triage.open(row, by=agent)
    client, after, seen, ended = api(agent), 0, [], False
    while not ended:
        body = client.get(f"/api/v1/events/?after={after}&page_size=4").json()
        seen += [(row["id"], row["ticket"], row["kind"]) for row in body["results"]]
        after, ended = body["next_after"], body["end_of_stream"]
    assert [place for place, _, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert [kind for _, _, kind in seen] == ["receive", "receive", "receive", "open", "open", "open"]
    idle = client.get(f"/api/v1/events/?after={after}").json()
    assert idle == {"results": [], "next_after": after, "end_of_stream": True}


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "9" * 30])
def test_an_unusable_place_is_a_400(api, agent, after):
    assert api(agent).get(f"/api/v1/events/?after={after}").status_code == 400


def test_a_long_backlog_is_placed_in_pieces_and_the_reader_is_told_that_more_comes(
    api, agent, tickets, monkeypatch, now
):
    tickets(5)
    monkeypatch.setattr(feed, "BATCH", 2)
    body = api(agent).get("/api/v1/events/").json()
    assert ([row["id"] for row in body["results"]], body["end_of_stream"]) == ([1, 2], False)
    assert [feed.number_events(), feed.number_events(), feed.number_events()] == [False, True, True]
    assert list(TicketEvent.objects.order_by("id").values_list("position", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_for_one_change_and_for_three(api, agent, tickets, count, now):
    tickets(count)
    client = api(agent)
    client.get("/api/v1/events/")
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get("/api/v1/events/").json()["results"]) == count
    assert len(queries(captured)) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite has one writer at a time, so ids are already in commit order"
)
def test_a_slow_writer_with_a_lower_id_gets_the_later_place(requester, report):
    inserted, read = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                intake.receive(report(title="lento"), by=requester, channel="web")
                inserted.set()
                read.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    inserted.wait(10)
    intake.receive(report(title="rápido"), by=requester, channel="web")
    assert feed.number_events()
    read.set()
    thread.join()
    assert feed.number_events()
    ordered = TicketEvent.objects.order_by("position").values_list("ticket__title", flat=True)
    assert list(ordered) == ["rápido", "lento"]
    assert list(TicketEvent.objects.order_by("id").values_list("position", flat=True)) == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_readers_and_writers_at_once_leave_no_gap_and_no_double(requester, report):
    def write() -> None:
        try:
            for _ in range(5):
                intake.receive(report(), by=requester, channel="web")
        finally:
            connection.close()

    def place() -> None:
        try:
            for _ in range(20):
                feed.number_events()
        finally:
            connection.close()

    threads = [threading.Thread(target=job) for job in (write, write, place, place)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert feed.number_events()
    assert list(TicketEvent.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 11))
