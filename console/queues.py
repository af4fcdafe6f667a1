"""The desk's standard queues: what each holds, in which order, and how many there are, counted up to a bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Role
from console import action_queues, voice_queues
from core import clock
from escalation.models import Escalation
from sla import risk
from sla.vocabulary import Standing
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import UNSOLVED, WORKABLE, State

BOUND = 99
"""Counts stop here: «99+» says enough, and costs the same with a hundred tickets as with a million."""
VOICES = "voz-"
ACTIONS = "accion-"

Condition = Callable[[User, datetime], Q]


@dataclass(frozen=True, slots=True)
class Queue:
    """`order` names one of `keyset.ORDERS`; `icon` is the theme's, `glyph` ours. `empty` says what to do when there is nothing."""

    key: str
    label: str
    icon: str
    condition: Condition
    empty: str
    order: str = "precedence"
    tone: str = ""
    counted: bool = True


def _open(actor: User, now: datetime) -> Q:
    return risk.is_open()


def _mine(actor: User, now: datetime) -> Q:
    return Q(state__in=UNSOLVED, assignee=actor.pk)


def _my_group(actor: User, now: datetime) -> Q:
    """What belongs to the person's groups; for the desk itself, also what no group has yet (guide 3.5: it is at level 1)."""
    own = Q(group__in=actor.group_ids)
    if actor.role in (Role.AGENT, Role.SUPERVISOR):
        own |= Q(group=None)
    return Q(state__in=UNSOLVED) & own


def _unassigned(actor: User, now: datetime) -> Q:
    return Q(state__in=WORKABLE, assignee=None)


def _at_risk(actor: User, now: datetime) -> Q:
    """Running, with the warning that turns a clock amber given, and not yet late."""
    return risk.standing(Standing.RISK, now)


def _breached(actor: User, now: datetime) -> Q:
    return risk.standing(Standing.LATE, now)


def _escalated(actor: User, now: datetime) -> Q:
    """Somebody of a matrix owes an acknowledgement or an answer (guide 3.5.2)."""
    return Q(pk__in=Escalation.objects.visible_to(actor).live().values("ticket"))


def _in(state: State) -> Condition:
    return lambda actor, now: Q(state=state)


QUEUES: Mapping[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue(
            "mios",
            "Mis tickets",
            "person",
            _mine,
            "No tiene tickets a su nombre. Tome uno de «Mi grupo».",
        ),
        Queue("grupo", "Mi grupo", "groups", _my_group, "Su grupo no tiene tickets abiertos."),
        Queue("sin-asignar", "Sin asignar", "inbox", _unassigned, "Todos los tickets tienen responsable."),
        Queue("nuevos", "Nuevos", "auto_awesome", _in(State.NEW), "No hay tickets por abrir."),
        Queue("en-riesgo", "En riesgo", "warning", _at_risk, "Ningún plazo está por vencer.", tone="act"),
        Queue(
            "vencidos",
            "Vencidos",
            "error",
            _breached,
            "Ningún plazo de reacción ni de atención está vencido.",
            tone="bad",
        ),
        Queue(
            "escalados",
            "Escalados",
            "trending_up",
            _escalated,
            "Ningún escalamiento espera respuesta.",
            tone="bad",
        ),
        Queue(
            "esperan-usuario",
            "Esperan al usuario",
            "sms",
            _in(State.PENDING_USER),
            "Nadie espera respuesta del usuario.",
        ),
        Queue(
            "esperan-proveedor",
            "Esperan al proveedor",
            "local_shipping",
            _in(State.PENDING_VENDOR),
            "Nadie espera a un proveedor.",
        ),
        Queue(
            "por-validar",
            "Por validar",
            "check_circle",
            _in(State.SOLVED),
            "No hay soluciones por validar.",
            order="validation",
        ),
        Queue("abiertos", "Todos los abiertos", "list", _open, "No hay tickets abiertos.", counted=False),
        Queue(
            "todos",
            "Todos",
            "history",
            lambda actor, now: Q(),
            "Todavía no hay tickets.",
            order="recent",
            counted=False,
        ),
    )
}


def default_for(actor: User) -> Queue:
    """Where a person's day begins: their group's work, or everything open for who belongs to none."""
    works = actor.role in (Role.AGENT, Role.CONSULTANT, Role.SUPERVISOR)
    return QUEUES["grupo"] if works else QUEUES["abiertos"]


def tickets_of(queue: Queue, actor: User, now: datetime) -> TicketQuerySet:
    rows: TicketQuerySet = Ticket.objects.visible_to(actor).filter(queue.condition(actor, now))
    return rows


class BoundedCount(Subquery):
    """How many rows a sliced query has, as a number to select."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _bounded)"
    output_field = IntegerField()


def counts(actor: User, now: datetime) -> dict[str, int]:
    """How many each counted queue holds, up to BOUND + 1, those of complaints after VOICES and of actions after ACTIONS, in one query."""
    held: dict[str, QuerySet[Any]] = {
        queue.key: tickets_of(queue, actor, now) for queue in QUEUES.values() if queue.counted
    }
    held |= {f"{VOICES}{key}": rows for key, rows in voice_queues.counted(actor, now).items()}
    held |= {f"{ACTIONS}{key}": rows for key, rows in action_queues.counted(actor, now).items()}
    counted = {key: BoundedCount(rows.order_by().values("pk")[: BOUND + 1]) for key, rows in held.items()}
    names = {key.replace("-", "_"): key for key in counted}
    numbers = {name: counted[key] for name, key in names.items()}
    row: Mapping[str, Any] = User.objects.filter(pk=actor.pk).values(**numbers).get()
    return {names[name]: int(number or 0) for name, number in row.items()}


def counts_for(request: HttpRequest) -> dict[str, int]:
    """The counts of this request's person, asked once however often the page shows them."""
    found: dict[str, int] | None = getattr(request, "_queue_counts", None)
    if found is None:
        assert isinstance(request.user, User)
        found = counts(request.user, clock.now())
        request._queue_counts = found  # type: ignore[attr-defined]
    return found


def words(number: int) -> str:
    return f"{BOUND}+" if number > BOUND else str(number)
