"""What the desk promises for a ticket before it is sent: its priority and both dates (guide 3.4.1, 3.4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core import clock, words
from customers.terms import Standing
from sla import targets
from sla.plan import Plan
from sla.schedules import windows_for
from sla.vocabulary import Basis, ClockKind
from tickets.models import CatalogItem
from tickets.services.classification import priority_for
from tickets.vocabulary import Impact, Kind, ServiceLine, Urgency


@dataclass(frozen=True, slots=True)
class Date:
    """A deadline and how long it is: «en 10 h hábiles»."""

    at: datetime | None
    span: str


@dataclass(frozen=True, slots=True)
class Promise:
    priority: str
    reaction: Date
    attention: Date


def promise(standing: Standing, values: Mapping[str, str], *, item: CatalogItem | None) -> Promise | None:
    """The promise for what is chosen so far; None while something that decides it is missing."""
    kind = item.kind if item else values.get("kind", "")
    line = item.service_line if item else values.get("service_line", "")
    impact, urgency = values.get("impact", ""), values.get("urgency", "")
    if not (impact in Impact and urgency in Urgency and kind in Kind and line in ServiceLine):
        return None
    at, terms = clock.now(), standing.terms
    priority = priority_for(terms, impact=impact, urgency=urgency, at=at)
    windows = windows_for(terms, zone=standing.valid_user.company.time_zone, at=at)
    subject = targets.Subject(kind=kind, service_line=line, priority=priority, created_at=at)
    plans = targets.plans(subject, targets.rows_for(terms, at), windows)
    return Promise(str(priority.value), _date(plans[ClockKind.REACTION]), _date(plans[ClockKind.ATTENTION]))


def _date(plan: Plan) -> Date:
    span = words.span_words(plan.minutes, is_business=plan.basis == Basis.BUSINESS)
    return Date(plan.deadline(), f"en {span}")
