"""A ledger is only drawn for somebody who asks: deadlines, warnings, breaches and lists do without."""

import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import pytest

from core import clock
from sla import ledger
from sla.models import Clock
from sla.queries import clock_facts
from sla.tasks import sweep_clocks
from tickets.services import conversation, resolution, triage, work

pytestmark = pytest.mark.django_db


def draws_a_ledger(work: Callable[[], object]) -> bool:
    """Whether a function of the ledger's modules was entered meanwhile."""
    entered = []

    def see(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_globals.get("__name__", "").startswith(ledger.__name__):
            entered.append(frame.f_code.co_name)

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return entered != []


def test_a_whole_life_draws_none(raise_at, agent, requester, now):
    def live() -> None:
        ticket = raise_at(now)
        triage.open(ticket, by=agent, at=now)
        for hours, step in enumerate(
            (
                lambda: work.wait_for_user(ticket, by=agent, message="¿?"),
                lambda: conversation.reply(ticket, by=requester, message="Va."),
                lambda: triage.reclassify(
                    ticket, by=agent, reason="x", changes={"impact": "extensive", "urgency": "critical"}
                ),
                lambda: resolution.solve(ticket, by=agent, solution_type="definitive", solution="x"),
            ),
            start=1,
        ):
            with clock.at(now + timedelta(hours=hours)):
                step()
                sweep_clocks()

    assert draws_a_ledger(live) is False
    assert Clock.objects.count() == 2


def test_who_asks_gets_one(ticket, now):
    assert draws_a_ledger(lambda: clock_facts(ticket, at=now)) is True
