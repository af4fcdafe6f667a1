"""Who is served, by which contract, and who may ask."""

from customers.models.calendars import Calendar, CalendarWindow, ClosedDay
from customers.models.companies import Company, Contract, Environment, Service, ValidUser
from customers.models.terms import ExtensionWindow, ServiceTerms, TermsClosedDay

__all__ = [
    "Calendar",
    "CalendarWindow",
    "ClosedDay",
    "Company",
    "Contract",
    "Environment",
    "ExtensionWindow",
    "Service",
    "ServiceTerms",
    "TermsClosedDay",
    "ValidUser",
]
