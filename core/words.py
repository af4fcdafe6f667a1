"""Moments, durations and sizes in the Spanish a person reads. Pure functions: the moment, the zone and «now» are given.

Moments are aware datetimes and are read in the viewer's zone; durations are whole minutes, rounded down. Hours go from 0
to 23 without a leading zero. «hábiles» is said whenever the minutes are business time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
HOUR = 60
DAY = 24 * HOUR
CONTRACTED = {"": "el", "a": "al", "de": "del"}
NAMED_DAYS = {-1: "ayer", 0: "hoy", 1: "mañana"}


def _local(at: datetime, zone: tzinfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError("words need an aware datetime")
    return at.astimezone(zone)


def _minutes(span: int | timedelta) -> int:
    """Whole minutes of a span, rounded down towards zero."""
    return int(span.total_seconds() // 60) if isinstance(span, timedelta) else int(span)


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def clock_time(at: datetime, zone: tzinfo) -> str:
    """«16:40»."""
    local = _local(at, zone)
    return f"{local.hour}:{local.minute:02d}"


def short_date(on: date, *, year: bool = False) -> str:
    """«vie 13 mar», with the year on request."""
    text = f"{WEEKDAYS[on.weekday()][:3]} {on.day} {MONTHS[on.month - 1][:3]}"
    return f"{text} {on.year}" if year else text


def long_date(on: date, *, year: bool = False) -> str:
    """«domingo 15 de marzo», with the year on request."""
    text = f"{WEEKDAYS[on.weekday()]} {on.day} de {MONTHS[on.month - 1]}"
    return f"{text} de {on.year}" if year else text


def day(at: datetime, *, zone: tzinfo, now: datetime) -> str:
    """«hoy», «mañana», «ayer», «vie 13 mar»; with the year when it is another one."""
    on, today = _local(at, zone).date(), _local(now, zone).date()
    return NAMED_DAYS.get((on - today).days) or short_date(on, year=on.year != today.year)


def moment(at: datetime, *, zone: tzinfo, now: datetime) -> str:
    """«hoy 16:40», «mañana 9:00», «vie 13 mar, 18:00»."""
    name = day(at, zone=zone, now=now)
    return f"{name}{' ' if name in NAMED_DAYS.values() else ', '}{clock_time(at, zone)}"


def dated_moment(at: datetime, *, zone: tzinfo, now: datetime) -> str:
    """«hoy 16:40», else always with the date: «vie 13 mar, 18:00», also for tomorrow."""
    on, today = _local(at, zone).date(), _local(now, zone).date()
    if on == today:
        return f"hoy {clock_time(at, zone)}"
    return f"{short_date(on, year=on.year != today.year)}, {clock_time(at, zone)}"


def long_moment(at: datetime, *, zone: tzinfo, now: datetime) -> str:
    """«hoy 12:25», «mañana, viernes 13 de marzo, 14:30», «domingo 15 de marzo, 12:25»."""
    on, today = _local(at, zone).date(), _local(now, zone).date()
    if on == today:
        return f"hoy {clock_time(at, zone)}"
    named = "mañana, " if (on - today).days == 1 else ""
    return f"{named}{long_date(on, year=on.year != today.year)}, {clock_time(at, zone)}"


def on_moment(at: datetime, *, zone: tzinfo, now: datetime, after: str = "") -> str:
    """A moment inside a sentence: «el domingo 15 de marzo, 12:25», «hoy 12:25»; `after` is «a» or «de», as in «antes del domingo…»."""
    text = long_moment(at, zone=zone, now=now)
    if text.startswith(("hoy", "mañana")):
        return f"{after} {text}".strip()
    return f"{CONTRACTED[after]} {text}"


def on_brief(at: datetime, *, zone: tzinfo, now: datetime, after: str = "") -> str:
    """As `on_moment`, in few words: «hoy 12:25», «mañana 9:00», «el vie 13 mar, 18:00», «antes del vie 13 mar, 18:00»."""
    text = moment(at, zone=zone, now=now)
    if text.startswith(tuple(NAMED_DAYS.values())):
        return f"{after} {text}".strip()
    return f"{CONTRACTED[after]} {text}"


def duration(span: int | timedelta) -> str:
    """Time on the wall: «40 min», «2 h 10 min», «2 días y 21 h»; from a week on, days alone. Signs are dropped."""
    minutes = abs(_minutes(span))
    hours, left = divmod(minutes, HOUR)
    if minutes < DAY:
        if not hours:
            return f"{left} min"
        return f"{hours} h {left:02d} min" if left else f"{hours} h"
    days, hours = divmod(hours, 24)
    text = plural(days, "día", "días")
    return f"{text} y {hours} h" if hours and days < 7 else text


def hours(minutes: int) -> str:
    """«30 min», «4 h», «1 h 30 min», «30 h»: never in days, which are not the same on every clock."""
    whole, left = divmod(minutes, 60)
    return " ".join(filter(None, (f"{whole} h" if whole else "", f"{left} min" if left or not whole else "")))


def business(span: int | timedelta, *, day_minutes: int | None = None) -> str:
    """Business time: «40 min hábiles», «5 h 30 min hábiles», «2 días hábiles».

    Days are said only when the calendar's `day_minutes` are known and at least two of them fit; else hours, however many.
    """
    minutes = abs(_minutes(span))
    if day_minutes and minutes >= 2 * day_minutes:
        return f"{minutes // day_minutes} días hábiles"
    hours, left = divmod(minutes, HOUR)
    if not hours:
        return f"{left} min hábiles"
    return f"{hours} h {left:02d} min hábiles" if left else plural(hours, "h hábil", "h hábiles")


def span_words(span: int | timedelta, *, is_business: bool, day_minutes: int | None = None) -> str:
    """A duration in the kind of time its clock runs in."""
    return business(span, day_minutes=day_minutes) if is_business else duration(span)


def ago(at: datetime, *, zone: tzinfo, now: datetime) -> str:
    """«ahora mismo», «hace 12 min», «hace 2 h», «ayer», «lun 9 mar». A moment to come is said as such."""
    minutes = _minutes(now - at)
    if at > now:
        return moment(at, zone=zone, now=now)
    if minutes < 1:
        return "ahora mismo"
    if minutes < HOUR:
        return f"hace {minutes} min"
    if _local(at, zone).date() == _local(now, zone).date() or minutes < 6 * HOUR:
        return f"hace {minutes // HOUR} h"
    return day(at, zone=zone, now=now)


def remaining(at: datetime, *, now: datetime) -> str:
    """«quedan 2 días y 21 h», «queda 1 min», «ya pasó»."""
    if at <= now:
        return "ya pasó"
    words = duration(at - now)
    if words == "0 min":
        return "queda menos de 1 min"
    return f"{'queda' if words in ('1 min', '1 h', '1 día') else 'quedan'} {words}"


@dataclass(frozen=True)
class Deadline:
    """A deadline in two lines. `live_at` is set when the words are time on the wall, which a page may count down."""

    words: str
    when: str
    live_at: datetime | None = None

    @property
    def line(self) -> str:
        """«vence en 2 h 10 min (hoy 16:40)»."""
        return f"{self.words} ({self.when})" if self.when else self.words


def due(
    at: datetime, *, zone: tzinfo, now: datetime, business_minutes: int | None = None, day_minutes: int | None = None
) -> Deadline:
    """A running clock's deadline.

    Within today, or within twelve hours, it is counted on the wall. Further off, `business_minutes` (what is left in the
    clock's own calendar) are said as «hábiles»; without them tomorrow is «mañana» and the rest are days.
    """
    if at <= now:
        return overdue(at, zone=zone, now=now)
    left = at - now
    days = (_local(at, zone).date() - _local(now, zone).date()).days
    when = dated_moment(at, zone=zone, now=now)
    if business_minutes is not None and days:
        return Deadline(f"vence en {business(business_minutes, day_minutes=day_minutes)}", when)
    if not days or left < timedelta(hours=12):
        words = duration(left)
        return Deadline("vence en menos de 1 min" if words == "0 min" else f"vence en {words}", when, at)
    if days == 1:
        return Deadline("vence mañana", when)
    return Deadline(f"vence en {days} días", when)


def overdue(at: datetime, *, zone: tzinfo, now: datetime) -> Deadline:
    """A breached clock: «venció hace 25 min», «venció ayer», «venció hace 3 días»."""
    days = (_local(now, zone).date() - _local(at, zone).date()).days
    when = dated_moment(at, zone=zone, now=now)
    if not days or now - at < timedelta(hours=12):
        words = duration(now - at)
        return Deadline("venció hace menos de 1 min" if words == "0 min" else f"venció hace {words}", when, at)
    return Deadline("venció ayer" if days == 1 else f"venció hace {days} días", when)


def paused(
    reason: str = "", *, since: datetime | None = None, zone: tzinfo | None = None, now: datetime | None = None
) -> Deadline:
    """A paused clock: «en pausa», with what it waits for and since when: «espera su respuesta desde hoy 11:20»."""
    if since is None or zone is None or now is None:
        return Deadline("en pausa", reason)
    return Deadline("en pausa", f"{reason} desde {moment(since, zone=zone, now=now)}".strip())


def met(
    used: int | timedelta, at: datetime, *, zone: tzinfo, now: datetime, is_business: bool = False, late: bool = False
) -> Deadline:
    """A clock that stopped: «cumplida en 21 min», or «cumplida tarde, en 3 h» when it was breached first."""
    words = duration(used) if _minutes(used) < DAY else span_words(used, is_business=is_business)
    return Deadline(f"cumplida {'tarde, ' if late else ''}en {words}", moment(at, zone=zone, now=now))


def file_size(size: int) -> str:
    """«512 bytes», «214 KB», «1.2 MB». Units of 1024."""
    if size < 1024:
        return plural(size, "byte", "bytes")
    value, unit = size / 1024, "KB"
    for bigger in ("MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1024, bigger
    return f"{value:.0f} {unit}" if value >= 10 or unit == "KB" else f"{value:.1f} {unit}"


def initials(name: str) -> str:
    """The first letters of the first two words: «Óscar Villanueva» is «ÓV»."""
    return "".join(word[0] for word in name.split()[:2]).upper()
