"""The desk's hours, and short ways to write a moment, for the tests of business time."""

from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from core.worktime import DAY_MINUTES, Schedule, each_day

MEXICO = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")
NINE_TO_SEVEN = each_day(range(5), 9 * 60, 19 * 60)
DESK = Schedule("America/Mexico_City", NINE_TO_SEVEN)
ALWAYS = Schedule.continuous("America/Mexico_City")
DAY_AND_NIGHT_TIJUANA = Schedule("America/Tijuana", each_day(range(7), 0, DAY_MINUTES))


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def mx(year: int, month: int, day: int, *time: int) -> datetime:
    return datetime.combine(date(year, month, day), clock_time(*time), MEXICO)


def tj(year: int, month: int, day: int, *time: int, fold: int = 0) -> datetime:
    return datetime.combine(date(year, month, day), clock_time(*time), TIJUANA).replace(fold=fold)
