"""The ticket's promises as a mail says them: which clock, by when, and how much time that is."""

from dataclasses import dataclass
from datetime import datetime

from core import words
from sla.models import Clock
from sla.vocabulary import Basis, ClockKind
from tickets.models import Ticket

MEANS = {
    ClockKind.REACTION: "le confirmamos que su ticket está listo para ser atendido",
    ClockKind.ATTENTION: "le decimos cuánto tardará y qué haremos",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """`due_at` is empty while the clock waits for somebody else."""

    name: str
    means: str
    due_at: datetime | None
    target: str
    is_met: bool


def of(ticket: Ticket, *, only: str = "") -> list[Promise]:
    """The ticket's promises, reaction first; with `only`, that kind alone. Empty when the ticket has no clocks."""
    clocks = {clock.kind: clock for clock in Clock.objects.filter(ticket=ticket.pk)}
    kinds = [kind for kind in ClockKind if kind in clocks and only in ("", kind)]
    return [_promise(clocks[kind]) for kind in kinds]


def _promise(clock: Clock) -> Promise:
    kind = ClockKind(clock.kind)
    target = words.span_words(clock.target_minutes, is_business=clock.clock == Basis.BUSINESS)
    return Promise(kind.label, MEANS[kind], clock.due_at, target, clock.met_at is not None)
