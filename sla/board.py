"""The numbers of the service levels: how the open tickets stand now, and what was kept of what fell due lately (guide 3.4.2, 3.12).

Every number is summed in the database, whatever the number of tickets, in a constant number of queries; what took long is kept for a
minute, and says of which moment it is.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, TypeVar

import structlog
from django.core.cache import cache
from django.db.models import Count, F, Q

from accounts.models import SupportGroup, User
from accounts.roles import Role, role_has_perm
from core.verdict import ALLOW, Verdict, deny
from sla import risk
from sla.vocabulary import Standing
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet, company_id_of
from tickets.vocabulary import PRIORITY_ORDER, Priority, ServiceLine

log = structlog.get_logger(__name__)

T = TypeVar("T")

SLOW = 0.2
"""Seconds of work above which an answer is kept."""
KEPT_FOR = 60
MOST_COMPANIES = 12
"""Companies told by name; the others are one line, so that the page costs the same for any number of customers."""
NO_GROUP = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Of which tickets one asks. `group` NO_GROUP means those without one; None, "" and None ask for all."""

    company: int | None = None
    service_line: str = ""
    group: int | None = None

    def condition(self, prefix: str = "") -> Q:
        """As a condition on tickets reached through `prefix`."""
        found = Q()
        if self.company is not None:
            found &= Q(**{f"{prefix}company": self.company})
        if self.service_line:
            found &= Q(**{f"{prefix}service_line": self.service_line})
        if self.group == NO_GROUP:
            found &= Q(**{f"{prefix}group__isnull": True})
        elif self.group is not None:
            found &= Q(**{f"{prefix}group": self.group})
        return found


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open tickets there are, parted by how they stand."""

    open: int = 0
    late: int = 0
    risk: int = 0
    paused: int = 0
    idle: int = 0

    @property
    def ok(self) -> int:
        return self.open - self.late - self.risk - self.paused - self.idle

    def __add__(self, other: Self) -> "Counts":
        return Counts(
            self.open + other.open,
            self.late + other.late,
            self.risk + other.risk,
            self.paused + other.paused,
            self.idle + other.idle,
        )

    def of(self, standing: str) -> int:
        """The number of one Standing."""
        found: int = getattr(self, standing)
        return found


@dataclass(frozen=True, slots=True)
class Share:
    """One value of a dimension: `key` is what filters take (an id, a code; "" or 0 for none), `name` what people read."""

    key: int | str
    name: str
    counts: Counts
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The open tickets at the moment `at`. `others` sums the companies beyond the first MOST_COMPANIES, which are those worst off."""

    at: datetime
    hours: int | None
    total: Counts
    lines: tuple[Share, ...] = ()
    groups: tuple[Share, ...] = ()
    priorities: tuple[Share, ...] = ()
    companies: tuple[Share, ...] = ()
    others: Counts = field(default_factory=Counts)


def permitted(actor: User) -> Verdict:
    """Who reads these numbers: whoever may see the clocks' tables, and customers about their own tickets."""
    if actor.is_active and (actor.is_customer or role_has_perm(actor.role, "sla.view_clock")):
        return ALLOW
    return deny("Su rol no consulta el tablero de niveles de servicio.")


def present(actor: User, narrow: Narrow, *, at: datetime, hours: int | None = None) -> Present:
    """How the open tickets that the actor sees stand. Three queries; none when the answer was kept."""
    key = f"sla.present:{scope_of(actor)}:{narrow}:{hours}"
    return kept(key, lambda: _count(actor, narrow, at, hours))


def soonest(actor: User, narrow: Narrow, *, at: datetime) -> TicketQuerySet:
    """The open tickets whose deadline is ahead, the next one first."""
    return _listed(actor, narrow).filter(next_due_at__gte=at)


def worst(actor: User, narrow: Narrow, *, at: datetime) -> TicketQuerySet:
    """The late ones, the longest overdue first."""
    return _listed(actor, narrow).filter(risk.late(at))


def _listed(actor: User, narrow: Narrow) -> TicketQuerySet:
    rows: TicketQuerySet = Ticket.objects.visible_to(actor).filter(risk.is_open() & narrow.condition())
    return rows.order_by("next_due_at", "id")


def _count(actor: User, narrow: Narrow, at: datetime, hours: int | None) -> Present:
    tickets = Ticket.objects.visible_to(actor).filter(risk.is_open() & narrow.condition()).order_by()
    cells = list(tickets.values("service_line", "priority", "group").annotate(**_sums(at, hours)))
    total = sum((_counts(cell) for cell in cells), Counts())
    companies = _companies(tickets, at, hours)
    return Present(
        at=at,
        hours=hours,
        total=total,
        lines=_shares(cells, "service_line", ServiceLine.choices),
        groups=_groups(cells),
        priorities=_shares(
            cells, "priority", sorted(Priority.choices, key=lambda one: PRIORITY_ORDER[Priority(one[0])])
        ),
        companies=companies,
        others=_rest(total, companies),
    )


def _sums(at: datetime, hours: int | None) -> dict[str, Any]:
    told = (Standing.LATE, Standing.RISK, Standing.PAUSED)
    sums = {standing.value: Count("pk", filter=risk.CONDITIONS[standing](at, hours)) for standing in told}
    # What is idle is what has no deadline and is not paused: cheaper to subtract than to look up.
    return {"open": Count("*"), "undue": Count("pk", filter=Q(next_due_at=None)), **sums}


def _counts(cell: dict[str, Any]) -> Counts:
    return Counts(cell["open"], cell["late"], cell["risk"], cell["paused"], cell["undue"] - cell["paused"])


def _shares(cells: Iterable[dict[str, Any]], name: str, choices: Iterable[tuple[Any, Any]]) -> tuple[Share, ...]:
    """One for each choice, also those without tickets."""
    summed = _by(cells, name)
    return tuple(Share(str(value), str(label), summed.get(value, Counts())) for value, label in choices)


def _by(cells: Iterable[dict[str, Any]], name: str) -> dict[Any, Counts]:
    summed: dict[Any, Counts] = {}
    for cell in cells:
        summed[cell[name]] = summed.get(cell[name], Counts()) + _counts(cell)
    return summed


def _groups(cells: Iterable[dict[str, Any]]) -> tuple[Share, ...]:
    """Those that have tickets, the fullest first. One query for their names."""
    summed = _by(cells, "group")
    names = {row.pk: row for row in SupportGroup.objects.filter(pk__in=[pk for pk in summed if pk])}
    shares = [
        Share(pk, names[pk].name, counts, names[pk].is_active) if pk in names else Share(NO_GROUP, "Sin grupo", counts)
        for pk, counts in summed.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.counts.open, share.name)))


def _companies(tickets: TicketQuerySet, at: datetime, hours: int | None) -> tuple[Share, ...]:
    rows = tickets.values("company", name=F("company__name")).annotate(**_sums(at, hours))
    first = rows.order_by("-late", "-risk", "-open", "name")[:MOST_COMPANIES]
    return tuple(Share(row["company"], row["name"], _counts(row)) for row in first)


def _rest(total: Counts, companies: Iterable[Share]) -> Counts:
    told = sum((share.counts for share in companies), Counts())
    return Counts(
        total.open - told.open,
        total.late - told.late,
        total.risk - told.risk,
        total.paused - told.paused,
        total.idle - told.idle,
    )


def scope_of(actor: User) -> str:
    """Whose tickets the actor sees, as a key: equal for two people only if they see the same ones."""
    if actor.is_active and actor.is_desk and actor.role != Role.CONSULTANT:
        return "desk"
    if actor.is_active and actor.role == Role.REPRESENTATIVE:
        return f"company-{company_id_of(actor)}"
    return f"user-{actor.pk}-{actor.is_active}"


def kept(key: str, compute: Callable[[], T]) -> T:
    """What `compute` answers, kept for KEPT_FOR seconds if it took longer than SLOW. Without a cache it is worked out each time."""
    name = key.replace(" ", "")
    try:
        found: T | None = cache.get(name)
    except Exception:  # a cache that is down is no reason to show nothing
        log.warning("board_cache_unavailable")
        found = None
    if found is not None:
        return found
    began = time.perf_counter()
    answer = compute()
    if time.perf_counter() - began > SLOW:
        try:
            cache.set(name, answer, KEPT_FOR)
        except Exception:
            log.warning("board_cache_unavailable")
    return answer
