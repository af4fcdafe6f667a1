"""What the tests of the clocks share: contracts with terms of their own, and tickets made at a moment."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from core import caching, clock
from customers.models import Contract, ExtensionWindow, ServiceTerms
from servicedesk.seeding.standard import GUIDE_DATE
from sla.models import Recalculation, Target
from sla.services import recalculation
from sla.tasks import recalculate
from sla.tests.recalculating import LATER
from tickets.models import Ticket
from tickets.services import intake

MEXICO = ZoneInfo("America/Mexico_City")


def local(text: str, zone: ZoneInfo = MEXICO) -> datetime:
    """`local("2026-03-10 10:00")`: that wall-clock time in the company's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.fixture
def raise_at(requester: User, report: Callable[..., intake.Report]) -> Callable[..., Ticket]:
    """`raise_at(moment, kind=…)`: a ticket received by web at that moment."""

    def make(at: datetime, **changes: Any) -> Ticket:
        with clock.at(at):
            return intake.receive(report(**changes), by=requester, channel="web")

    return make


@pytest.fixture
def own_terms(contract: Contract) -> Callable[..., ServiceTerms]:
    """`own_terms(targets=[{...}], windows=[(5, 540, 840)], …)`: terms of the contract, in force since the guide's date."""

    def make(
        *,
        targets: Sequence[dict[str, Any]] = (),
        windows: Sequence[tuple[int, int, int]] = (),
        second_level: bool = False,
        on_holidays: bool = False,
        **values: Any,
    ) -> ServiceTerms:
        row = ServiceTerms.objects.create(
            contract=contract, name="Condiciones propias", valid_from=GUIDE_DATE, **values
        )
        Target.objects.bulk_create([Target(terms=row, **target) for target in targets])
        ExtensionWindow.objects.bulk_create(
            [
                ExtensionWindow(
                    terms=row,
                    weekday=day,
                    opens=opens,
                    closes=closes,
                    includes_second_level=second_level,
                    works_on_holidays=on_holidays,
                )
                for day, opens, closes in windows
            ]
        )
        caching.forget_all()
        return row

    return make


@pytest.fixture
def apply(admin: User) -> Callable[..., Recalculation]:
    """`apply(terms, at=…)`: asked for at that moment, and done as soon as it may begin."""

    def run(terms: ServiceTerms | None = None, *, at: datetime = LATER, **what: Any) -> Recalculation:
        with clock.at(at):
            job = recalculation.request(by=admin, terms=terms, **{"reason": "Se renovó el contrato.", **what})
        with clock.at(max(at, job.next_at)):
            recalculate()
        return Recalculation.objects.get(pk=job.pk)

    return run
