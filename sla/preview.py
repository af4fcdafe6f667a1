"""What the desk would promise for a ticket that does not exist: by a contract, or by terms that somebody wants to try (guide 3.1, 3.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import clock
from core.errors import InvalidInput, Refused
from customers import terms as terms_of
from customers.models import Company, Contract, ServiceTerms
from sla import ledger as ledgers
from sla import preview_terms, targets
from sla.ledger import Account, Ledger, Wait
from sla.plan import Plan
from sla.preview_input import Problems
from sla.schedules import Windows, build, calendar_id_of, closing, week_of, windows_for
from sla.services.counting import pauses_of
from sla.vocabulary import ClockKind, PauseCause
from tickets.models import Ticket
from tickets.services.classification import priority_for
from tickets.vocabulary import Impact, Kind, Priority, ServiceLine, Urgency

FIELDS = (
    "company", "contract", "terms", "kind", "service_line", "priority", "impact", "urgency", "created_at", "pauses",
)  # fmt: skip
MOST_PAUSES = 200
DEFAULT_ZONE = "America/Mexico_City"
TRIED = "Condiciones de prueba"


@dataclass(frozen=True, slots=True)
class Preview:
    """`attention_due_at` is None while a pause is open."""

    priority: str
    reaction_due_at: datetime | None
    attention_due_at: datetime | None
    ledger: Mapping[str, Ledger]


@dataclass(frozen=True, slots=True)
class Ground:
    """By what rules the hypothetical ticket would be measured. `pauses`: whether each cause stops the attention; `own`: those of them
    that the contract decides itself."""

    terms: ServiceTerms
    zone: str
    windows: Windows
    rows: Sequence[targets.Rows]
    contract: str = ""
    pauses: Mapping[str, bool] = field(default_factory=dict)
    own: frozenset[str] = frozenset()


def plans_for(
    terms: ServiceTerms, *, zone: str, kind: str, service_line: str, priority: str, at: datetime
) -> dict[str, Plan]:
    """Both promises for a ticket created at `at` under stored terms. No query with warm configuration."""
    subject = targets.Subject(kind=kind, service_line=service_line, priority=priority, created_at=at)
    return targets.plans(subject, targets.rows_for(terms, at), windows_for(terms, zone=zone, at=at))


def deadlines(
    terms: ServiceTerms, *, zone: str, kind: str, service_line: str, priority: str, at: datetime
) -> dict[str, datetime | None]:
    """When each clock of such a ticket would be due."""
    plans = plans_for(terms, zone=zone, kind=kind, service_line=service_line, priority=priority, at=at)
    return {name: plan.deadline() for name, plan in plans.items()}


def reclassified(ticket: Ticket, *, kind: str, service_line: str, priority: str) -> dict[str, datetime | None]:
    """When each open clock of the ticket would be due if it were classified so: from its creation, less its pauses. None: paused.

    What `tickets.services.triage.reclassify` would do, without doing it.
    """
    subject = targets.Subject(kind=kind, service_line=service_line, priority=priority, created_at=ticket.created_at)
    plans = targets.plans(subject, targets.rows_for(ticket.terms, ticket.created_at), targets.windows_of(ticket))
    pauses = list(ticket.pauses.all())
    return {
        row.kind: plans[row.kind].deadline(pauses_of(row.kind, ticket.terms, pauses, ticket.created_at))
        for row in ticket.clocks.all()
        if row.is_open
    }


def preview(data: Mapping[str, Any], *, actor: User, at: datetime | None = None) -> Preview:
    """The deadlines of the ticket that `data` describes, for somebody who may see its company.

    Raises InvalidInput naming every field at fault, nested ones with dots («pauses.0.start»), and Refused for terms tried by a customer.
    A company without a contract of its own in force is measured by the guide.
    """
    at = at or clock.now()
    if data.get("terms") is not None and not actor.is_desk:
        raise Refused("Sólo la Mesa de Servicio puede probar condiciones que no son las de su contrato.", field="terms")
    problems = Problems()
    problems.unknown(data, FIELDS)
    created_at = problems.moment(data, "created_at", default=at)
    kind = problems.choice(data, "kind", Kind)
    service_line = problems.choice(data, "service_line", ServiceLine)
    pauses = _pauses(data.get("pauses"), problems)
    ground = _ground(data, actor, created_at or at, problems)
    priority = _priority(data, ground, created_at or at, problems)
    problems.check()
    assert created_at is not None
    assert ground is not None
    subject = targets.Subject(kind=kind, service_line=service_line, priority=priority, created_at=created_at)
    try:
        return _reckon(subject, ground, pauses, at)
    except (ValueError, OverflowError):
        raise InvalidInput({"created_at": "Con esa fecha el vencimiento sale del calendario (1900 a 2199)."}) from None


def _reckon(subject: targets.Subject, ground: Ground, pauses: Sequence[Wait], at: datetime) -> Preview:
    plans = targets.plans(subject, ground.rows, ground.windows)
    own = ground.own | targets.own_values(subject, ground.rows)
    waits = [wait._replace(stops=ground.pauses.get(wait.cause, True)) for wait in pauses]
    ledger = {}
    for kind, plan in plans.items():
        account = Account(
            plan=plan,
            windows=ground.windows,
            created_at=subject.created_at,
            waits=waits if kind == ClockKind.ATTENTION else (),
            contract=ground.contract,
            own=own,
        )
        ledger[kind] = ledgers.draw(account, until=None, at=at, zone=ZoneInfo(ground.zone))
    reaction, attention = ledger[ClockKind.REACTION], ledger[ClockKind.ATTENTION]
    return Preview(subject.priority, reaction.due_at, attention.due_at, ledger)


def _ground(data: Mapping[str, Any], actor: User, created_at: datetime, problems: Problems) -> Ground | None:
    contract = problems.row(data, "contract", Contract.objects.visible_to(actor).select_related("company"))
    company = problems.row(data, "company", Company.objects.visible_to(actor))
    tried = data.get("terms")
    if tried is not None and data.get("contract") is not None:
        problems.add("terms", "Dé un contrato o unas condiciones de prueba, no ambos.")
    if contract is not None and company is not None and contract.company_id != company.pk:
        problems.add("contract", "El contrato es de otra compañía.")
    if tried is None and data.get("company") is None and data.get("contract") is None:
        if actor.is_customer:
            company = Company.objects.visible_to(actor).first()
        if company is None:
            problems.add("company", "Diga de qué compañía o de qué contrato.")
    zone = company.time_zone if company else contract.company.time_zone if contract else DEFAULT_ZONE
    if tried is not None:
        return _tried(tried, zone, created_at, problems)
    if contract is None and company is not None:
        today = created_at.astimezone(ZoneInfo(zone)).date()
        contract = Contract.objects.in_force(today).filter(company=company).order_by("-starts_on").first()
    if contract is None and company is None:
        return None
    terms = terms_of.in_force(contract.pk if contract else None, created_at)
    windows = windows_for(terms, zone=zone, at=created_at)
    return Ground(
        terms,
        zone,
        windows,
        targets.rows_for(terms, created_at),
        contract=ledgers.name_of(terms, contract),
        pauses=_stops(terms, created_at),
        own=ledgers.own_pauses(terms),
    )


def _tried(tried: Any, zone: str, created_at: datetime, problems: Problems) -> Ground | None:
    found = preview_terms.read(tried, problems)
    if found is None:
        return None
    standard = terms_of.standard(created_at)
    week = closing(week_of(calendar_id_of(standard, created_at)), found.closed_days)
    windows = build(week, zone=zone, extension=found.extension)
    return Ground(
        standard,
        zone,
        windows,
        [found.overrides, *targets.rows_for(standard, created_at)],
        contract=TRIED,
        pauses={**_stops(standard, created_at), **found.pauses},
        own=frozenset(found.pauses),
    )


def _stops(terms: ServiceTerms, at: datetime) -> dict[str, bool]:
    return {
        PauseCause.USER: terms_of.pauses_for_user(terms, at),
        PauseCause.VENDOR: terms_of.pauses_for_vendor(terms, at),
    }


def _priority(data: Mapping[str, Any], ground: Ground | None, at: datetime, problems: Problems) -> str:
    """Given, or derived from impact and urgency by the terms' matrix; not both."""
    derived = [name for name in ("impact", "urgency") if data.get(name) is not None]
    if data.get("priority") is not None:
        for name in derived:
            problems.add(name, "Dé la prioridad, o impacto y urgencia, no ambos.")
        return problems.choice(data, "priority", Priority)
    if not derived:
        problems.add("priority", f"Elija la prioridad ({', '.join(Priority.values)}), o dé impacto y urgencia.")
        return ""
    impact, urgency = problems.choice(data, "impact", Impact), problems.choice(data, "urgency", Urgency)
    if ground is None or not impact or not urgency:
        return ""
    return priority_for(ground.terms, impact=impact, urgency=urgency, at=at).value


def _pauses(given: Any, problems: Problems) -> list[Wait]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_PAUSES:
        problems.add("pauses", f"Debe ser una lista de pausas, no más de {MOST_PAUSES}.")
        return []
    pauses: list[Wait] = []
    for index, item in enumerate(given):
        path = f"pauses.{index}"
        if not isinstance(item, Mapping):
            problems.add(path, "Cada pausa es un objeto con «start» y «end».")
            continue
        problems.unknown(item, ("start", "end", "cause"), path)
        cause = "" if item.get("cause") is None else problems.choice(item, "cause", PauseCause, path)
        start = problems.moment(item, "start", path)
        end = None if item.get("end") is None else problems.moment(item, "end", path)
        if start is None or (end is None and item.get("end") is not None):
            continue
        if end is not None and end < start:
            problems.add(f"{path}.end", "La pausa no puede terminar antes de empezar.")
            continue
        pauses.append(Wait(start, end, cause))
    return pauses
