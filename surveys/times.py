"""The times of complaints and suggestions, in the desk's window of the company's terms (guide 3.1, 3.6)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from customers import terms as terms_of
from customers.models import Company, Contract
from sla.schedules import Windows, windows_for

DAYS_TO_AGREE = 3
"""Business days that the customer has to say whether the answer will do (by analogy with guide 3.6; docs/decisions/0014)."""


def windows(company: Company, at: datetime) -> Windows:
    """The windows of the contract in force at `at`; the guide's without one. One query with warm configuration."""
    today = at.astimezone(ZoneInfo(company.time_zone)).date()
    contract = Contract.objects.in_force(today).filter(company=company.pk).order_by("-starts_on").first()
    terms = terms_of.in_force(contract.pk if contract else None, at)
    return windows_for(terms, zone=company.time_zone, at=at)


def after_minutes(desk: Windows, at: datetime, minutes: int) -> datetime:
    """When a level's `minutes` of the desk's open time have passed since `at`."""
    return desk.desk.add(at, timedelta(minutes=minutes))


def to_agree(company: Company, at: datetime) -> datetime:
    """Until when the customer may answer what they were answered at `at`: business days of the standard calendar, extensions aside."""
    return windows(company, at).standard.nth_business_day(at, DAYS_TO_AGREE)
