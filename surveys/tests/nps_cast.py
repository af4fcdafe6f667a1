"""What the tests of the yearly NPS share: a campaign, its people, and the days that pass."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.tasks import run_deliveries
from customers.models import Company, ValidUser
from surveys.models import Campaign, NpsInvitation
from surveys.services import campaigns
from surveys.services.campaigns import Draft
from surveys.tasks import sweep_nps

OPENS, CLOSES = date(2026, 3, 11), date(2026, 4, 10)
"""The day after the cast's Tuesday, and a month later."""


def draft(**changes: Any) -> Draft:
    values: dict[str, Any] = {"year": 2026, "name": "NPS 2026", "opens_on": OPENS, "closes_on": CLOSES}
    return Draft(**{**values, **changes})


def running(by: User, **changes: Any) -> Campaign:
    """A campaign that was started."""
    return campaigns.start(campaigns.draft(draft(**changes), by=by), by=by)


def passing(days: float, do: Callable[[], Any] | None = None) -> Any:
    """So many days after now, with the sweep and what follows from it done: what `do` gives."""
    with clock.at(clock.now() + timedelta(days=days)):
        sweep_nps()
        run_deliveries()
        return do() if do else None


def people(company: Company, count: int, *, first: int = 0) -> list[User]:
    """Valid users of the company, in bulk."""
    users = User.objects.bulk_create(
        User(
            email=f"persona{company.pk}-{number}@example.test",
            full_name=f"Persona {number} de {company.pk}",
            role=Role.REQUESTER,
            password="!",
        )
        for number in range(first, first + count)
    )
    ValidUser.objects.bulk_create(ValidUser(user=user, company=company) for user in users)
    return users


def of(person: User, year: int = 2026) -> NpsInvitation:
    return NpsInvitation.objects.select_related("campaign", "person").get(person=person, year=year)
