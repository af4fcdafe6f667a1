"""The desk's hours, and short ways to write a moment, for the tests of business time."""

from datetime import datetime, timedelta
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


def mx(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro, MEXICO)


def tj(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, 0, TIJUANA, fold=fold)
