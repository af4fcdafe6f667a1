"""Many short updates in one go."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from core.bulk import MANY, insert_each, insert_values, update_each
from core.models import Delivery

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 10, 16, 0, 0, 123456, tzinfo=UTC)


def test_each_row_gets_its_own_values_and_nothing_else_changes(django_assert_num_queries):
    rows = [
        Delivery.objects.create(event_id=str(n), event="e", handler="h", payload={"n": n}, next_at=AT) for n in range(3)
    ]
    for row in rows:
        row.last_error, row.payload, row.lease_until, row.event = f"error {row.pk}", {"x": [row.pk]}, AT, "not saved"
    rows[0].lease_until = None
    with django_assert_num_queries(1):
        update_each(rows[:2], ["last_error", "payload", "lease_until"])
    found = Delivery.objects.order_by("pk").values_list("last_error", "payload", "lease_until", "event")
    assert list(found) == [
        (f"error {rows[0].pk}", {"x": [rows[0].pk]}, None, "e"),
        (f"error {rows[1].pk}", {"x": [rows[1].pk]}, AT, "e"),
        ("", {"n": 2}, None, "e"),
    ]


def test_no_rows_cost_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        update_each([], ["event"])


@pytest.mark.parametrize("count", [1, MANY - 1, MANY, 3 * MANY])
def test_new_rows_are_stored_as_they_are_and_get_their_keys(count):
    rows = [
        Delivery(
            event_id=str(n), event='tab\t "quoted" \\ñ\n', handler="h", payload={"n": [n, None, "\\N"]}, next_at=AT
        )
        for n in range(count)
    ]
    insert_each(rows)
    found = {row.pk: row for row in Delivery.objects.all()}
    assert len(found) == count
    for row in rows:
        stored = found[row.pk]
        assert (stored.event, stored.payload, stored.next_at, stored.lease_until) == (row.event, row.payload, AT, None)
        assert row._state.adding is False
    assert Delivery.objects.create(event_id="later", event="e", handler="h", payload={}).pk > max(found)


def test_a_row_that_breaks_a_rule_stores_none():
    rows = [Delivery(event_id="same", event="e", handler="h", payload={}, next_at=AT) for _ in range(MANY)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_each(rows)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("count", [1, MANY])
def test_values_are_stored_with_the_defaults_of_the_other_fields(count):
    rows = [(str(n), 'tab\t "e"', "h", {"n": [n, None]}, AT) for n in range(count)]
    insert_values(Delivery, ("event_id", "event", "handler", "payload", "next_at"), rows)
    found = Delivery.objects.order_by("pk").values_list("event_id", "event", "payload", "next_at", "state", "attempts")
    assert list(found) == [(str(n), 'tab\t "e"', {"n": [n, None]}, AT, "pending", 0) for n in range(count)]
