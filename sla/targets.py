"""What a ticket is promised: the contract's value, else the guide's (guide 3.1, 3.4.2), and from when it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.caching import remembered
from core.errors import DomainError
from customers import terms as terms_of
from customers.models import ServiceTerms
from sla.models import Clock, Target, WarningLevel
from sla.plan import Plan
from sla.schedules import Windows, is_continuous, windows_for
from sla.vocabulary import Basis, ClockKind
from tickets.models import Ticket
from tickets.vocabulary import Kind

VALUES = ("reaction_minutes", "attention_minutes", "reaction_clock", "attention_clock")

Rows = Mapping[tuple[str, str], Mapping[str, Any]]
"""(priority, service line or "") -> the values of VALUES that are said there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What decides a promise, besides the terms. `created_at` is aware."""

    kind: str
    service_line: str
    priority: str
    created_at: datetime


def plans(subject: Subject, rows: Sequence[Rows], windows: Windows) -> dict[str, Plan]:
    """Both clocks. `rows` come in order: the contract's, then the guide's, which must be complete."""
    return {kind: _plan(kind, subject, rows, windows) for kind in ClockKind.values}


def _plan(kind: str, subject: Subject, rows: Sequence[Rows], windows: Windows) -> Plan:
    minutes = _said(f"{kind}_minutes", subject, rows)
    basis = _said(f"{kind}_clock", subject, rows) or _guide_basis(kind, subject)
    if not minutes:
        raise DomainError("Los objetivos de servicio están incompletos. Ejecute «manage.py seed_guide».")
    counts_from = subject.created_at
    if kind == ClockKind.ATTENTION and basis == Basis.CALENDAR and subject.kind != Kind.INCIDENT:
        # Guide 3.1.3: «siendo atendidos en el siguiente horario hábil». Problems and changes are taken as requests.
        counts_from = windows.attention.next_opening(subject.created_at)
    return Plan(kind, minutes, basis, counts_from, windows.schedule(kind, basis))


def _guide_basis(kind: str, subject: Subject) -> Basis:
    """Where no row says: the desk's window, which for technological incidents is 7x24 (guide 3.1)."""
    reacts_always = kind == ClockKind.REACTION and is_continuous(subject.kind, subject.service_line)
    return Basis.CALENDAR if reacts_always else Basis.BUSINESS


def _said(name: str, subject: Subject, rows: Sequence[Rows]) -> Any:
    for table in rows:
        for line in (subject.service_line, ""):
            value = table.get((subject.priority, line), {}).get(name)
            if value:
                return value
    return None


def own_values(subject: Subject, rows: Sequence[Rows]) -> set[str]:
    """Which of VALUES the terms before the guide's say themselves."""
    own = rows[:-1]
    return {name for name in VALUES if _said(name, subject, own)}


def subject_of(ticket: Ticket) -> Subject:
    return Subject(
        kind=ticket.kind, service_line=ticket.service_line, priority=ticket.priority, created_at=ticket.created_at
    )


def for_ticket(ticket: Ticket) -> dict[str, Plan]:
    """What the ticket is promised, from scratch, by the terms it keeps. No query with warm configuration."""
    return plans(subject_of(ticket), rows_for(ticket.terms, ticket.created_at), windows_of(ticket))


def of_clock(clock: Clock, ticket: Ticket, windows: Windows | None = None) -> Plan:
    """The promise as the clock recorded it: targets edited since then do not change it. `windows`: else the ticket's present ones."""
    schedule = (windows or windows_of(ticket)).schedule(clock.kind, clock.clock)
    return Plan(clock.kind, clock.target_minutes, clock.clock, clock.counts_from, schedule)


def windows_of(ticket: Ticket) -> Windows:
    terms = terms_of.get(ticket.terms_id)
    return windows_for(terms, zone=ticket.company.time_zone, at=ticket.created_at)


def rows_for(terms: ServiceTerms, at: datetime) -> list[Rows]:
    """The terms' own rows, then the guide's in force at `at`."""
    standard = terms_of.standard(at)
    return [stored_rows(pk) for pk in dict.fromkeys((terms.pk, standard.pk))]


@remembered
def stored_rows(terms_id: int) -> Rows:
    found = Target.objects.filter(terms=terms_id).values("priority", "service_line", *VALUES)
    return {(row["priority"], row["service_line"]): row for row in found}


def warning_percents(terms_id: int, at: datetime) -> tuple[int, ...]:
    """In ascending order: the terms' own, else the guide's."""
    return _levels(terms_id) or _levels(terms_of.standard(at).pk)


@remembered
def _levels(terms_id: int) -> tuple[int, ...]:
    return tuple(WarningLevel.objects.filter(terms=terms_id).order_by("percent").values_list("percent", flat=True))
