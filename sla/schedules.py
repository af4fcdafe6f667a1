"""The windows in which the desk's clocks run under some terms (guide 3.1), ready for the arithmetic of `core.worktime`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.caching import remembered
from core.errors import DomainError
from core.worktime import ClosedDay, Schedule, Window
from customers import terms as terms_of
from customers.models import Calendar, ExtensionWindow, ServiceTerms
from sla.vocabulary import Basis, ClockKind
from tickets.vocabulary import Kind, ServiceLine


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar's own content, without a zone."""

    name: str
    windows: tuple[Window, ...]
    closed_days: frozenset[ClosedDay]
    mexican_holidays: bool


@dataclass(frozen=True, slots=True)
class Windows:
    """`standard`: the calendar alone. `desk`: when the desk receives and reacts, extensions included. `attention`: when the second level
    attends, extensions only if they include it. `day_minutes`: the standard day's length, in which long business times are told."""

    name: str
    standard: Schedule
    desk: Schedule
    attention: Schedule
    continuous: Schedule
    extended: bool
    day_minutes: int

    def schedule(self, kind: str, basis: str) -> Schedule:
        """In which time a clock of a kind runs."""
        if basis == Basis.CALENDAR:
            return self.continuous
        return self.desk if kind == ClockKind.REACTION else self.attention


def is_continuous(kind: str, service_line: str) -> bool:
    """Technological incidents are received 7x24 (guide 3.1.2); everything else in the desk's window."""
    return kind == Kind.INCIDENT and service_line == ServiceLine.TECHNOLOGICAL


def windows_for(terms: ServiceTerms, *, zone: str, at: datetime) -> Windows:
    """The windows under `terms` in a time zone. `at` chooses the guide's calendar, for terms without one of their own."""
    return _windows(terms.pk, calendar_id_of(terms, at), zone)


def calendar_id_of(terms: ServiceTerms, at: datetime) -> int:
    calendar_id = terms.calendar_id or terms_of.standard(at).calendar_id
    if calendar_id is None:
        raise DomainError("Las condiciones estándar no tienen calendario. Ejecute «manage.py seed_guide».")
    return calendar_id


@remembered
def week_of(calendar_id: int) -> Week:
    calendar = Calendar.objects.prefetch_related("windows", "closed_days").get(pk=calendar_id)
    return Week(
        calendar.name,
        tuple(Window(w.weekday, w.opens, w.closes) for w in calendar.windows.all()),
        frozenset(ClosedDay(day.date, day.name) for day in calendar.closed_days.all()),
        calendar.observes_holidays,
    )


@remembered
def _windows(terms_id: int, calendar_id: int, zone: str) -> Windows:
    terms = terms_of.get(terms_id)
    extension = [Window(w.weekday, w.opens, w.closes) for w in ExtensionWindow.objects.filter(terms=terms_id)]
    return build(
        week_of(calendar_id),
        zone=zone,
        extension=extension,
        second_level=terms.extension_second_level,
        works_on_holidays=terms.extension_works_on_holidays,
    )


def build(
    week: Week,
    *,
    zone: str,
    extension: Iterable[Window] = (),
    second_level: bool = False,
    works_on_holidays: bool = False,
) -> Windows:
    """The windows of a calendar and a contract's extension of it. Raises DomainError for a calendar that never opens."""
    if not week.windows:
        raise DomainError(f"El calendario «{week.name}» no tiene horarios.")
    standard = Schedule(zone, week.windows, week.closed_days, week.mexican_holidays)
    extension = tuple(extension)
    desk = standard.extended(extension, works_on_holidays=works_on_holidays) if extension else standard
    by_day: dict[int, int] = {}
    for weekday, opening, closing, _ in standard.windows:
        by_day[weekday] = by_day.get(weekday, 0) + (
            closing - opening if closing > opening else closing + 1440 - opening
        )
    return Windows(
        name=week.name,
        standard=standard,
        desk=desk,
        attention=desk if second_level else standard,
        continuous=Schedule.continuous(zone),
        extended=bool(extension),
        day_minutes=max(by_day.values()),
    )
