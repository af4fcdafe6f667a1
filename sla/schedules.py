"""The windows in which the desk's clocks run under some terms (guide 3.1), ready for the arithmetic of `core.worktime`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from core.caching import remembered
from core.errors import DomainError
from core.worktime import ClosedDay, Schedule, Window
from customers import terms as terms_of
from customers.models import Calendar, ExtensionWindow, ServiceTerms, TermsClosedDay
from sla.vocabulary import Basis, ClockKind
from tickets.vocabulary import Kind, ServiceLine


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar's own content, without a zone. `own_days`: the dates that some terms close, and the calendar does not."""

    name: str
    windows: tuple[Window, ...]
    closed_days: frozenset[ClosedDay]
    mexican_holidays: bool
    own_days: frozenset[date] = frozenset()


class Extension(NamedTuple):
    """Hours that a contract bought beyond the standard ones, in local minutes since midnight. Reaction always runs in them."""

    weekday: int
    opens: int
    closes: int
    second_level: bool = False
    works_on_holidays: bool = False

    @property
    def window(self) -> Window:
        return Window(self.weekday, self.opens, self.closes, self.works_on_holidays)


@dataclass(frozen=True, slots=True)
class Windows:
    """`standard`: the calendar alone. `desk`: when the desk receives and reacts, extensions included. `attention`: when the second level
    attends: of the extensions, those that include it. `day_minutes`: the standard day's length, in which long business times are told.
    `own_days`: the local dates that the terms close themselves."""

    name: str
    standard: Schedule
    desk: Schedule
    attention: Schedule
    continuous: Schedule
    extended: bool
    day_minutes: int
    own_days: frozenset[date] = frozenset()

    @property
    def zone(self) -> str:
        """The name of the zone in which the hours are counted."""
        return self.standard.zone

    def schedule(self, kind: str, basis: str) -> Schedule:
        """In which time a clock of a kind runs."""
        if basis == Basis.CALENDAR:
            return self.continuous
        return self.desk if kind == ClockKind.REACTION else self.attention


def is_continuous(kind: str, service_line: str) -> bool:
    """Technological incidents are received 7x24 (guide 3.1.2); everything else in the desk's window."""
    return kind == Kind.INCIDENT and service_line == ServiceLine.TECHNOLOGICAL


def windows_for(terms: ServiceTerms, *, zone: str, at: datetime) -> Windows:
    """The windows under `terms`. `zone` is the company's, for terms without one of their own; `at` chooses the guide's calendar likewise."""
    return _windows(terms.pk, calendar_id_of(terms, at), terms.time_zone or zone)


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
    extension = [
        Extension(row.weekday, row.opens, row.closes, row.includes_second_level, row.works_on_holidays)
        for row in ExtensionWindow.objects.filter(terms=terms_id)
    ]
    own_days = frozenset(ClosedDay(row.date, row.name) for row in TermsClosedDay.objects.filter(terms=terms_id))
    return build(closing(week_of(calendar_id), own_days), zone=zone, extension=extension)


def closing(week: Week, days: frozenset[ClosedDay]) -> Week:
    """The calendar with more closed days; where both name one, the calendar's name stays."""
    known = {day.on for day in week.closed_days}
    added = frozenset(day for day in days if day.on not in known)
    return replace(week, closed_days=week.closed_days | added, own_days=week.own_days | {day.on for day in added})


def build(week: Week, *, zone: str, extension: Iterable[Extension] = ()) -> Windows:
    """The windows of a calendar and a contract's extension of it. Raises DomainError for a calendar that never opens."""
    if not week.windows:
        raise DomainError(f"El calendario «{week.name}» no tiene horarios.")
    standard = Schedule(zone, week.windows, week.closed_days, week.mexican_holidays)
    extension = tuple(extension)
    desk = standard.extended(each.window for each in extension) if extension else standard
    attended = [each.window for each in extension if each.second_level]
    by_day: dict[int, int] = {}
    for weekday, opening, closing, _ in standard.windows:
        by_day[weekday] = by_day.get(weekday, 0) + (
            closing - opening if closing > opening else closing + 1440 - opening
        )
    return Windows(
        name=week.name,
        standard=standard,
        desk=desk,
        attention=standard.extended(attended) if attended else standard,
        continuous=Schedule.continuous(zone),
        extended=bool(extension),
        day_minutes=max(by_day.values()),
        own_days=week.own_days,
    )
