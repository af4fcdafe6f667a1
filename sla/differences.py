"""What is stored of a ticket's clocks, beside what counting from scratch gives: every difference, for people and for programs.

One reading for the daily audit and for `manage.py check_invariants`. Nothing is changed here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Value
from django.db.models.functions import Coalesce

from core.errors import DomainError
from sla import targets
from sla.models import Breach, Clock
from sla.plan import Plan
from sla.services.clocks import CAUSES
from sla.services.counting import next_look, pauses_of, summary
from sla.vocabulary import ClockKind, ClockState
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import TERMINAL

UNREAD = ("description", "solution", "fields")
"""Long values of a ticket that no clock needs."""
NEVER = datetime(1, 1, 2, tzinfo=UTC)
BEYOND = "su vencimiento queda fuera de los años 1900 a 2199."

# code -> what it says in English, and in Spanish. `clock` is the kind's value or its label; moments are stored and expected.
WORDS: Mapping[str, tuple[str, str]] = {
    "clocks": ("has the clocks {found}", "No tiene sus dos tiempos, reacción y atención."),
    "next_due": (
        "next_due_at is not its earliest running deadline",
        "Vencimiento en la cola: {stored}; según sus tiempos: {expected}.",
    ),
    "breached": (
        "breached does not tell what its clocks do",
        "Su marca de incumplido no dice lo que dicen sus tiempos.",
    ),
    "pauses": ("is {state} with the open pauses {found}", "Sus pausas abiertas no son las de su estado, «{label}»."),
    "state": (
        "{clock} is {state}, against the ticket's facts",
        "El tiempo de {clock} está «{label}», contra lo que pasó.",
    ),
    "met": (
        "{clock} was met at {stored}, and the ticket says {expected}",
        "Cumplido: {stored}; según el ticket: {expected}.",
    ),
    "ended": ("{clock} has ended and is still looked at", "El tiempo de {clock} terminó y se sigue revisando."),
    "promise": (
        "{clock} does not keep what its terms promise",
        "No guarda el objetivo ni las horas de sus condiciones.",
    ),
    "due": (
        "{clock} is due at {stored}, and counting from scratch at {expected}",
        "Vencimiento: {stored}; contado desde el principio: {expected}.",
    ),
    "overlooked": (
        "{clock} is not looked at before {stored}, and should be at {expected}",
        "Siguiente revisión: {stored}; debe ser: {expected}.",
    ),
    "unmarked": (
        "{clock} ended late and is not marked as breached",
        "Terminó tarde y no está marcado como incumplido.",
    ),
    "early": (
        "{clock} is marked as breached at {stored}, which was not missed",
        "Está marcado incumplido {stored}, sin haberlo sido.",
    ),
    "unrecorded": ("the breach of {clock} is not on record", "Está marcado incumplido, y no hay registro de ello."),
    "stray": (
        "a breach of {clock} is on record that no clock knows",
        "Hay un incumplimiento registrado que el tiempo no dice.",
    ),
    "uncountable": ("cannot be counted: {why}", "No se puede contar: {why}"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind` is the clock's, empty when it is about the ticket."""

    code: str
    kind: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def english(self) -> str:
        return WORDS[self.code][0].format(clock=self.kind, **self.values)

    @property
    def spanish(self) -> str:
        """In the desk's zone."""
        told = {name: _on(value) for name, value in self.values.items()}
        name = ClockKind(self.kind).label.lower() if self.kind else ""
        return WORDS[self.code][1].format(clock=name, **told)


def _on(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"el {value.astimezone(ZoneInfo(settings.TIME_ZONE)):%d/%m/%Y a las %H:%M:%S}"
    return "sin fecha" if value is None else value


def readable(rows: TicketQuerySet) -> TicketQuerySet:
    """The tickets with all that `of_ticket` reads. Three queries, however many they are."""
    mine = Breach.objects.filter(ticket=OuterRef("ticket"), kind=OuterRef("kind"), corrected_at=None)
    marked = Coalesce(OuterRef("breached_at"), Value(NEVER))
    clocks = Clock.objects.annotate(
        recorded=Exists(mine.filter(due_at=marked)), strays=Exists(mine.exclude(due_at=marked))
    )
    found: TicketQuerySet = rows.select_related("company", "terms").defer(*UNREAD)
    return found.prefetch_related(Prefetch("clocks", clocks.order_by("pk")), "pauses")


def of_ticket(ticket: Ticket, *, at: datetime) -> Iterator[Difference]:
    """Every difference of a ticket read through `readable`, as of `at`. No query with warm configuration.

    A sweep that is late is no difference: what it will find is still to be recorded. One that can never come is.
    """
    clocks: dict[str, Any] = {row.kind: row for row in ticket.clocks.all()}
    if set(clocks) != set(ClockKind.values):
        yield Difference("clocks", values={"found": sorted(clocks)})
        return
    due, breached = summary(clocks.values())
    if ticket.next_due_at != due:
        yield Difference("next_due", values={"stored": ticket.next_due_at, "expected": due})
    if ticket.breached != breached:
        yield Difference("breached")
    waiting = [pause.cause for pause in ticket.pauses.all() if pause.ended_at is None]
    if waiting != [cause for state, cause in CAUSES.items() if state == ticket.state]:
        label = ticket.get_state_display()
        yield Difference("pauses", values={"state": ticket.state, "label": label, "found": waiting})
    try:
        plans = targets.for_ticket(ticket) if any(row.is_open for row in clocks.values()) else {}
        for kind, met_at in ((ClockKind.REACTION, ticket.reacted_at), (ClockKind.ATTENTION, ticket.attended_at)):
            yield from _of_clock(clocks[kind], ticket, plans.get(kind), met_at, at)
    except DomainError as error:
        yield Difference("uncountable", values={"why": error.message})
    except (ValueError, OverflowError):
        yield Difference("uncountable", values={"why": BEYOND})


def _of_clock(
    row: Any, ticket: Ticket, plan: Plan | None, met_at: datetime | None, at: datetime
) -> Iterator[Difference]:
    is_met = row.state == ClockState.MET
    if is_met != (met_at is not None) or row.is_open == (ticket.state in TERMINAL or met_at is not None):
        yield Difference("state", row.kind, {"state": row.state, "label": row.get_state_display()})
    elif row.met_at != met_at:
        yield Difference("met", row.kind, {"stored": row.met_at, "expected": met_at})
    yield from _of_breaches(row, at)
    if not row.is_open:
        if row.next_at is not None:
            yield Difference("ended", row.kind)
    elif plan is not None:
        yield from _of_promise(row, ticket, plan)


def _of_breaches(row: Any, at: datetime) -> Iterator[Difference]:
    """A missed deadline is on its clock and on record, and nothing else is."""
    missed = row.due_at is not None and (row.met_at or row.stopped_at or at) > row.due_at
    if not row.is_open and missed and row.breached_at != row.due_at:
        yield Difference("unmarked", row.kind)
    if row.breached_at is not None and not (missed and row.breached_at == row.due_at):
        yield Difference("early", row.kind, {"stored": row.breached_at})
    if row.breached_at is not None and not row.recorded:
        yield Difference("unrecorded", row.kind)
    if row.strays:
        yield Difference("stray", row.kind)


def _of_promise(row: Clock, ticket: Ticket, plan: Plan) -> Iterator[Difference]:
    if plan != targets.of_clock(row, ticket):
        yield Difference("promise", row.kind)
    pauses = pauses_of(row.kind, ticket.terms, ticket.pauses.all(), ticket.created_at)
    expected = plan.deadline(pauses)
    if expected != row.due_at:
        yield Difference("due", row.kind, {"stored": row.due_at, "expected": expected})
        return
    look = next_look(row, plan, pauses, targets.warning_percents(ticket.terms_id, ticket.created_at))
    if look is not None and (row.next_at is None or row.next_at > look):
        yield Difference("overlooked", row.kind, {"stored": row.next_at, "expected": look})
