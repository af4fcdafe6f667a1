"""When a person is at work: their own shifts in their own zone, else the desk's standard calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import WorkShift
from channels import hours
from core import caching
from customers.models import Calendar, ClosedDay

MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
MICROSECOND = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


def local(text: str, zone: ZoneInfo = MEXICO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.fixture
def works(guide):
    """`works(agent, (0, 540, 1080), zone="…")`: gives the person these shifts."""

    def give(person, *shifts, zone="America/Mexico_City", on_holidays=False):
        person.time_zone = zone
        person.save(update_fields=["time_zone"])
        for weekday, starts, ends in shifts:
            WorkShift.objects.create(
                user=person, weekday=weekday, starts=starts, ends=ends, works_on_holidays=on_holidays
            )
        caching.forget_all()
        return person

    return give


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-10 10:00", "2026-03-10 10:00"),
        ("2026-03-10 08:59:59.999999", "2026-03-10 09:00"),
        ("2026-03-10 09:00", "2026-03-10 09:00"),
        ("2026-03-10 18:59:59.999999", "2026-03-10 18:59:59.999999"),
        ("2026-03-10 19:00", "2026-03-11 09:00"),
        ("2026-03-10 23:30", "2026-03-11 09:00"),
        # Monday 16 March 2026 is a statutory day of rest.
        ("2026-03-13 19:00", "2026-03-17 09:00"),
        ("2026-03-16 10:00", "2026-03-17 09:00"),
    ],
)
def test_who_has_no_shifts_works_the_desks_standard_hours(guide, agent, at, expected):
    assert hours.opening(agent, local(at)) == local(expected)


def test_the_desks_hours_are_the_desks_also_for_somebody_in_another_zone(works, agent):
    works(agent, zone="America/Tijuana")
    assert hours.opening(agent, local("2026-03-10 08:00")) == local("2026-03-10 09:00")


def test_the_calendars_own_closed_day_closes_everybody(works, agent, supervisor):
    works(supervisor, (2, 480, 960))
    ClosedDay.objects.create(calendar=Calendar.objects.get(), date=local("2026-03-11 00:00").date(), name="Aniversario")
    caching.forget_all()
    assert hours.opening(agent, local("2026-03-10 20:00")) == local("2026-03-12 09:00")
    assert hours.opening(supervisor, local("2026-03-10 20:00")) == local("2026-03-18 08:00")


def test_shifts_are_counted_in_the_persons_own_zone_through_its_change_of_clock(works, agent):
    """Tijuana moves its clock on Sunday 8 March 2026; Mexico City does not."""
    works(agent, (4, 540, 1080), (0, 540, 1080), zone="America/Tijuana")
    assert hours.opening(agent, local("2026-03-05 20:00", TIJUANA)) == datetime(2026, 3, 6, 17, tzinfo=UTC)
    assert hours.opening(agent, local("2026-03-06 18:00", TIJUANA)) == datetime(2026, 3, 9, 16, tzinfo=UTC)


def test_a_night_shift_across_the_change_of_clock_ends_at_its_hour_on_the_wall(works, agent):
    works(agent, (5, 1320, 360), zone="America/Tijuana")
    last = local("2026-03-08 06:00", TIJUANA) - MICROSECOND
    assert hours.opening(agent, last) == last
    assert hours.opening(agent, local("2026-03-08 06:00", TIJUANA)) == local("2026-03-14 22:00", TIJUANA)


def test_a_night_shift_crosses_midnight(works, agent):
    works(agent, (0, 1320, 360))
    for at in ("2026-03-09 22:00", "2026-03-10 00:00", "2026-03-10 05:59:59.999999"):
        assert hours.opening(agent, local(at)) == local(at)
    assert hours.opening(agent, local("2026-03-10 06:00")) == local("2026-03-17 00:00")  # Monday 16 is a day of rest


def test_who_works_on_holidays_is_told_on_them(works, agent, supervisor):
    works(agent, (0, 540, 1080), on_holidays=True)
    works(supervisor, (0, 540, 1080))
    assert hours.opening(agent, local("2026-03-16 08:00")) == local("2026-03-16 09:00")
    assert hours.opening(supervisor, local("2026-03-16 08:00")) == local("2026-03-23 09:00")


def test_a_zone_that_nobody_knows_is_the_desks(works, agent):
    works(agent, (1, 600, 660), zone="Nowhere/Land")
    assert hours.opening(agent, local("2026-03-10 07:00")) == local("2026-03-10 10:00")


def test_while_there_is_no_calendar_everybody_is_told_at_once(agent):
    at = local("2026-03-10 03:00")
    assert hours.opening(agent, at) == at


def test_everybodys_shifts_cost_one_query_and_then_none(
    works, agent, supervisor, consultant, django_assert_num_queries
):
    works(agent, (0, 540, 1080))
    at = local("2026-03-10 03:00")
    hours.opening(consultant, at)
    caching.forget_all()
    with django_assert_num_queries(5):  # the standard terms; their calendar, its hours and its days; the shifts
        hours.opening(agent, at)
    with django_assert_num_queries(0):
        for person in (agent, supervisor, consultant):
            hours.opening(person, at)
