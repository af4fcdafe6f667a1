"""The guide's standard terms: calendar (3.1), priority matrix (3.4.1), targets and warnings (3.4.2), validation (3.6)."""

from datetime import UTC, datetime

from customers.models import Calendar, CalendarWindow, ServiceTerms
from sla.models import Target, WarningLevel
from sla.vocabulary import Basis
from tickets.models import PriorityRule
from tickets.vocabulary import Impact, Priority, ServiceLine, Urgency

GUIDE_DATE = datetime(2019, 9, 17, 6, tzinfo=UTC)
"""Version 2.6 of the guide, midnight in Mexico City."""

STANDARD_CALENDAR = "Horario estándar de la Mesa de Servicio"
STANDARD_TERMS = "Guía de Servicio 2.6"

# Guide 3.4.1, the crossing of urgency (rows) and impact (columns: extensive, significant, moderate, minor).
MATRIX = {
    Urgency.CRITICAL: ("critical", "critical", "high", "high"),
    Urgency.HIGH: ("critical", "high", "high", "medium"),
    Urgency.MEDIUM: ("high", "high", "medium", "medium"),
    Urgency.LOW: ("medium", "medium", "low", "low"),
}

# Guide 3.4.2, in minutes: reaction; attention of technological support (horas naturales); attention of the others (horas hábiles).
TARGETS = {
    Priority.CRITICAL: (40, 60, 180),
    Priority.HIGH: (60, 240, 600),
    Priority.MEDIUM: (120, 480, 1200),
    Priority.LOW: (120, 480, 1200),
}
WARNINGS = (50, 75)


def calendar() -> Calendar:
    """Monday to Friday, 9:00 to 19:00 (guide 3.1.1, 3.1.3), without the statutory holidays."""
    row, created = Calendar.objects.get_or_create(name=STANDARD_CALENDAR)
    if created:
        CalendarWindow.objects.bulk_create(
            [CalendarWindow(calendar=row, weekday=day, opens=9 * 60, closes=19 * 60) for day in range(5)]
        )
    return row


def terms() -> ServiceTerms:
    """The terms of every contract that does not say otherwise."""
    values = {
        "name": STANDARD_TERMS,
        "calendar": calendar(),
        "pauses_for_user": True,
        "pauses_for_vendor": False,
        "validation_hours": 72,
    }
    row, created = ServiceTerms.objects.get_or_create(contract=None, valid_from=GUIDE_DATE, defaults=values)
    if created:
        cells = [
            PriorityRule(terms=row, urgency=urgency, impact=impact, priority=priority)
            for urgency, priorities in MATRIX.items()
            for impact, priority in zip(Impact.values, priorities, strict=True)
        ]
        PriorityRule.objects.bulk_create(cells)
    targets(row)
    return row


def targets(row: ServiceTerms) -> None:
    """The times of reaction and attention, and the percentages at which the desk is warned."""
    if not row.targets.exists():
        rows = []
        for priority, (reaction, technological, other) in TARGETS.items():
            rows.append(_target(row, priority, "", reaction, other, Basis.BUSINESS))
            rows.append(_target(row, priority, ServiceLine.TECHNOLOGICAL, reaction, technological, Basis.CALENDAR))
        Target.objects.bulk_create(rows)
    if not row.warning_levels.exists():
        WarningLevel.objects.bulk_create([WarningLevel(terms=row, percent=percent) for percent in WARNINGS])


def _target(row: ServiceTerms, priority: str, line: str, reaction: int, attention: int, basis: Basis) -> Target:
    return Target(
        terms=row,
        priority=priority,
        service_line=line,
        reaction_minutes=reaction,
        attention_minutes=attention,
        attention_clock=basis,
    )
