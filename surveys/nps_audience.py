"""Who a campaign asks, in which wave, about which service, and who it leaves out and why (guide 3.14). Reads only."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.enums import TextChoices

from accounts.roles import CUSTOMER_ROLES, Role
from customers.models import Contract, ValidUser
from surveys import tokens
from surveys.models import NpsInvitation
from surveys.vocabulary import Audience, InvitationState
from tickets.models import Ticket

YEAR = timedelta(days=365)
SEND_HOUR = timedelta(hours=10)
"""After midnight of the desk: a wave reaches people when they are at work."""


class Excluded(TextChoices):
    """Why a valid user is not asked."""

    COMPANY = "company", "Su compañía no está activa"
    INACTIVE = "inactive", "Su cuenta no está activa"
    SUSPENDED = "suspended", "Su usuario válido está suspendido"
    ASKED = "asked", "Ya está en otra campaña de este año"


class Plan(Protocol):
    """What of a campaign says whom it asks and when: a stored one or one being written. `pk` is None for the latter."""

    @property
    def pk(self) -> Any: ...
    @property
    def year(self) -> Any: ...
    @property
    def audience(self) -> Any: ...
    @property
    def opens_on(self) -> Any: ...
    @property
    def waves(self) -> Any: ...
    @property
    def wave_days(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Member:
    person_id: int
    company_id: int
    wave: int


@dataclass(frozen=True, slots=True)
class Found:
    """Who is asked, in the order of the waves' dealing, and how many are left out by reason."""

    members: Sequence[Member]
    excluded: Mapping[Excluded, int]

    @property
    def companies(self) -> int:
        return len({member.company_id for member in self.members})

    def per_wave(self, waves: int) -> list[int]:
        counts = Counter(member.wave for member in self.members)
        return [counts[wave] for wave in range(1, waves + 1)]


def of(plan: Plan, companies: Iterable[int], *, at: datetime) -> Found:
    """The audience as it would be fixed now. `companies` are ids; none: all of them. Two queries."""
    asked = set(_asked(plan))
    members: dict[int, list[int]] = defaultdict(list)
    excluded: Counter[Excluded] = Counter()
    for person_id, company_id, status, is_active, is_live in _candidates(plan, companies, at):
        why = _why_not(person_id in asked, status, is_active=is_active, is_live=is_live)
        if why is None:
            members[company_id].append(person_id)
        else:
            excluded[why] += 1
    return Found(list(_dealt(members, plan)), excluded)


def _candidates(plan: Plan, companies: Iterable[int], at: datetime) -> QuerySet[Any, Any]:
    rows = ValidUser.objects.filter(user__role__in=CUSTOMER_ROLES)
    if chosen := list(companies):
        rows = rows.filter(company__in=chosen)
    if plan.audience == Audience.REPRESENTATIVES:
        rows = rows.filter(user__role=Role.REPRESENTATIVE)
    elif plan.audience == Audience.ACTIVE:
        raised = Ticket.objects.filter(created_at__gt=at - YEAR, created_at__lte=at)
        rows = rows.filter(user__in=raised.values("requester"))
    return rows.order_by("company", "user").values_list(
        "user_id", "company_id", "status", "user__is_active", "company__is_active"
    )


def _asked(plan: Plan) -> QuerySet[Any, Any]:
    """Who another campaign of the year asked, or is going to. Whoever it left out before their turn was not asked."""
    rows = NpsInvitation.objects.filter(year=plan.year).exclude(state=InvitationState.LEFT_OUT, invited_at=None)
    return rows.exclude(campaign=plan.pk).values_list("person_id", flat=True)


def _why_not(is_asked: bool, status: str, *, is_active: bool, is_live: bool) -> Excluded | None:
    if not is_live:
        return Excluded.COMPANY
    if not is_active:
        return Excluded.INACTIVE
    if status != ValidUser.Status.ACTIVE:
        return Excluded.SUSPENDED
    return Excluded.ASKED if is_asked else None


def _dealt(members: Mapping[int, Iterable[int]], plan: Plan) -> Iterator[Member]:
    """Dealt like cards, company by company, in an order that only the year and the person decide.

    So every wave has about as many people, of each company too, and the same audience always falls into the same waves.
    """
    turn = 0
    for company_id in sorted(members):
        for person_id in sorted(members[company_id], key=lambda pk: _shuffled(plan.year, pk)):
            yield Member(person_id, company_id, turn % plan.waves + 1)
            turn += 1


def _shuffled(year: int, person_id: int) -> str:
    return hashlib.sha256(f"{year}:{person_id}".encode()).hexdigest()


def wave_at(plan: Plan, wave: int) -> datetime:
    """When the wave (the first is 1) goes out: ten in the morning at the desk."""
    return tokens.midnight(wave_on(plan, wave)) + SEND_HOUR


def wave_on(plan: Plan, wave: int) -> date:
    opens_on: date = plan.opens_on
    return opens_on + timedelta(days=(wave - 1) * plan.wave_days)


def services_of(members: Iterable[Member], *, at: datetime, on: date) -> dict[int, int]:
    """Person -> the service that they are asked about, where there is one. Two queries.

    The one that most of their tickets of the 12 months before were about, the latest used of equals; else their company's only one.
    """
    used: dict[tuple[int, int], tuple[Any, ...]] = {}
    rows = Ticket.objects.filter(created_at__gt=at - YEAR, created_at__lte=at, service__isnull=False)
    totals = rows.order_by().values("requester_id", "company_id", "service_id")
    for row in totals.annotate(times=Count("pk"), last=Max("created_at")):
        key, rank = (row["requester_id"], row["company_id"]), (row["times"], row["last"], -row["service_id"])
        used[key] = max(used.get(key, rank), rank)
    only = _only_services(on)
    found = {}
    for member in members:
        rank = used.get((member.person_id, member.company_id), ())
        service_id = -rank[2] if rank else only.get(member.company_id)
        if service_id is not None:
            found[member.person_id] = service_id
    return found


def _only_services(on: date) -> dict[int, int]:
    """Company -> its service, for those that have just one contracted on the day."""
    rows = Contract.objects.in_force(on).filter(~Q(services=None)).order_by().values_list("company_id", "services")
    services: dict[int, set[int]] = defaultdict(set)
    for company_id, service_id in rows.distinct():
        services[company_id].add(service_id)
    return {company_id: min(found) for company_id, found in services.items() if len(found) == 1}
