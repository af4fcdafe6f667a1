"""The desk's days: an action is promised, reminded of and verified by the day (guide 3.1)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.errors import DomainError
from core.worktime import Schedule
from customers import terms
from sla import schedules

OPENS = time(9)
"""When reminders leave while the desk has no calendar yet."""


def of(at: datetime) -> date:
    """The desk's day at the moment `at`."""
    return at.astimezone(_zone()).date()


def opening(day: date, *, at: datetime) -> datetime:
    """When the desk opens on `day`, or on the next day that it does (aware UTC). `at` chooses the calendar. No query when warm."""
    zone = _zone()
    schedule = _schedule(at)
    if schedule is None:
        return datetime.combine(day, OPENS, zone)
    return schedule.next_opening(datetime.combine(day, time.min, zone))


def working(day: date, *, at: datetime) -> date:
    """`day`, or the next one on which the desk works: nothing is promised for a day on which nobody is there."""
    return of(opening(day, at=at))


def after(count: int, *, at: datetime) -> date:
    """The working day `count` calendar days from now, or the next one."""
    return working(of(at) + timedelta(days=count), at=at)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _schedule(at: datetime) -> Schedule | None:
    """The standard calendar's hours; None while there is no calendar that opens."""
    try:
        week = schedules.week_of(schedules.calendar_id_of(terms.standard(at), at))
        if not week.windows:
            return None
        return Schedule(settings.TIME_ZONE, week.windows, week.closed_days, week.mexican_holidays)
    except (DomainError, ValueError):
        return None
