"""When it is civil to ask a customer something: by day, in their own zone, whatever day it is."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from accounts.models import User
from core.worktime import Schedule, each_day

OPENS, CLOSES = 8 * 60, 21 * 60
"""Local minutes since midnight: from 8:00 until before 21:00."""


def opening(person: User, at: datetime) -> datetime:
    """`at` itself by the person's day, else their next morning (aware UTC). No query."""
    return Schedule(_zone(person), each_day(range(7), OPENS, CLOSES), mexican_holidays=False).next_opening(at)


def _zone(person: User) -> str:
    """The person's zone; the desk's when theirs is not one."""
    try:
        return str(ZoneInfo(person.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return settings.TIME_ZONE
