"""Many short updates in one go."""

from datetime import UTC, datetime

import pytest

from core.bulk import update_each
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
