"""What new terms would do, before they are applied: to sample tickets, and to the open ones, by really working them out (guide 3.1, 3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers import terms as terms_of
from customers.models import Calendar, ServiceTerms
from sla import concerned, preview
from sla.services import recalculation
from sla.vocabulary import ClockKind
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.services.classification import priority_for
from tickets.vocabulary import Impact, Kind, Priority, ServiceLine, Urgency

SAMPLED = (Kind.INCIDENT, Kind.REQUEST)
LOOKED_AT = 2_000
"""Open tickets worked out for one answer."""
COUNTED = 100_000
"""Open tickets counted for one answer."""
SLICE = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """A deadline by the terms before and after."""

    before: datetime
    after: datetime

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Sample:
    """A ticket that does not exist, raised at the moment in question."""

    kind: Kind
    service_line: ServiceLine
    priority: Priority
    reaction: Pair
    attention: Pair

    @property
    def changed(self) -> bool:
        return self.reaction.changed or self.attention.changed


@dataclass(frozen=True, slots=True)
class Effect:
    """Of `total` open tickets (at least so many, if `beyond`), the `looked_at` oldest ones were worked out and `changed` would: another
    deadline, target or priority. `failed` could not be worked out."""

    total: int
    beyond: bool
    looked_at: int
    changed: int
    failed: int

    @property
    def is_whole(self) -> bool:
        return not self.beyond and self.looked_at == self.total


def before(terms: ServiceTerms, *, at: datetime) -> ServiceTerms:
    """What the same tickets are promised without `terms`: the ones in force at `at`, or if those are they, the ones before them."""
    present = terms_of.in_force(terms.contract_id, at)
    if present.pk != terms.pk:
        return present
    return terms_of.in_force(terms.contract_id, terms.valid_from - timedelta(microseconds=1))


def samples(old: ServiceTerms, new: ServiceTerms, *, zone: str, at: datetime) -> list[Sample]:
    """Incidents and requests of every line and priority, raised at `at`. No query with warm configuration.

    Raises DomainError for terms that leave something unsaid, and ValueError beyond the years that a calendar counts.
    """
    return [
        _sample(old, new, zone, at, kind, line, priority)
        for kind in SAMPLED
        for line in ServiceLine
        for priority in Priority
    ]


def _sample(
    old: ServiceTerms, new: ServiceTerms, zone: str, at: datetime, kind: Kind, line: ServiceLine, priority: Priority
) -> Sample:
    due: dict[str, list[datetime]] = {ClockKind.REACTION: [], ClockKind.ATTENTION: []}
    for terms in (old, new):
        plans = preview.plans_for(terms, zone=zone, kind=kind, service_line=line, priority=priority, at=at)
        for name, plan in plans.items():
            due[name].append(plan.schedule.add(plan.counts_from, plan.target))
    return Sample(kind, line, priority, Pair(*due[ClockKind.REACTION]), Pair(*due[ClockKind.ATTENTION]))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the matrix that gives another priority."""

    urgency: Urgency
    impact: Impact
    before: Priority
    after: Priority


def matrix(old: ServiceTerms, new: ServiceTerms, *, at: datetime) -> Iterator[Cell]:
    """The cells of the matrix that differ (guide 3.4.1)."""
    for urgency in Urgency:
        for impact in Impact:
            pair = [priority_for(terms, impact=impact, urgency=urgency, at=at) for terms in (old, new)]
            if pair[0] != pair[1]:
                yield Cell(urgency, impact, *pair)


def on_open_tickets(terms: ServiceTerms, *, at: datetime, most: int = LOOKED_AT) -> Effect:
    """What applying `terms` now would do. Works out at most `most` tickets, SLICE at a time; nothing is locked or stored."""
    rows = concerned.by_terms(terms, at=at)
    total, beyond = _count(rows)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:most])
    changed = failed = 0
    for first in range(0, len(ids), SLICE):
        for case in recalculation.cases_of(Ticket.objects.filter(pk__in=ids[first : first + SLICE])):
            try:
                changed += recalculation.reckon(case, terms, at=at).is_change
            except recalculation.UNCOUNTABLE:
                failed += 1
    return Effect(max(total, len(ids)), beyond, len(ids), changed, failed)


def counted_by(calendar: Calendar) -> tuple[int, bool]:
    """How many open tickets have a clock that the calendar counts; and whether they are more than that. Two queries."""
    return _count(concerned.by_calendar(calendar))


def _count(rows: TicketQuerySet) -> tuple[int, bool]:
    found = rows.order_by()[: COUNTED + 1].count()
    return min(found, COUNTED), found > COUNTED
