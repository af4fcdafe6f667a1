"""The portal's housekeeping."""

import uuid
from datetime import timedelta

import pytest

from core import clock
from portal.once import once
from portal.tasks import forget_submissions

pytestmark = pytest.mark.django_db


def test_keys_are_forgotten_after_a_week_and_their_tickets_stay(ticket, requester, now):
    old, recent = uuid.uuid4(), uuid.uuid4()
    once(old, requester, lambda: ticket)
    with clock.at(now + timedelta(days=6)):
        once(recent, requester, lambda: ticket)
    with clock.at(now + timedelta(days=8)):
        assert forget_submissions() == 1
        assert once(recent, requester, lambda: ticket) == (ticket, False)
    ticket.refresh_from_db()
