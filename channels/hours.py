"""When a person of the desk is at work: notices about what can wait reach them then (guide 3.1)."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from accounts.models import User, WorkShift
from channels import compose
from core.caching import remembered
from core.errors import DomainError
from core.worktime import Schedule, Window
from customers import terms
from sla import schedules


def opening(person: User, at: datetime) -> datetime:
    """`at` itself when the person is at work then, else the start of their next shift (aware UTC).

    Somebody whose hours never come, because the desk has no calendar yet, is told at once. No query with warm configuration.
    """
    try:
        return schedule_of(person, at).next_opening(at)
    except (DomainError, ValueError):
        return at


def schedule_of(person: User, at: datetime) -> Schedule:
    """The person's shifts in their own zone; without any, the desk's standard calendar of `at` in the desk's zone.

    The standard calendar's closed days, and the statutory ones, close both. Raises DomainError while there is no standard calendar.
    """
    desk = schedules.week_of(schedules.calendar_id_of(terms.standard(at), at))
    own = shifts().get(person.pk, ())
    zone = str(compose.zone_of(person)) if own else settings.TIME_ZONE
    return Schedule(zone, own or desk.windows, desk.closed_days, desk.mexican_holidays)


@remembered
def shifts() -> Mapping[int, tuple[Window, ...]]:
    """Everybody's shifts by person, in one query: the desk's people are few."""
    found: dict[int, list[Window]] = {}
    for row in WorkShift.objects.all().order_by():
        found.setdefault(row.user_id, []).append(Window(row.weekday, row.starts, row.ends, row.works_on_holidays))
    return {user_id: tuple(windows) for user_id, windows in found.items()}
