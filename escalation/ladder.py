"""Where a ticket stands on a matrix, and whose turn is next (guide 3.5.2).

Level 1 is the desk itself: it has been tried once it answered, or once its time to react passed. A further level comes only after the
present one answered, or let its time pass.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from accounts.roles import CUSTOMER_ROLES
from core import words
from core.verdict import ALLOW, Verdict, deny
from escalation import matrices
from escalation.matrices import Published
from escalation.models import Escalation, EscalationStep
from escalation.vocabulary import LIVE, EscalationState, MatrixKind
from sla.vocabulary import ClockKind
from tickets.models import Ticket
from tickets.vocabulary import Visibility


@dataclass(frozen=True, slots=True)
class Position:
    """`case` is the way so far, with its `steps` in order; without one, `matrix` is the one that would be used, if there is any."""

    ticket: Ticket
    kind: str
    case: Escalation | None
    steps: tuple[EscalationStep, ...]
    matrix: Published | None
    heard: bool
    """The desk has answered at least once, or its time to react has passed."""

    @property
    def last(self) -> EscalationStep | None:
        return self.steps[-1] if self.steps else None

    @property
    def levels(self) -> list[int]:
        if self.case is not None:
            return sorted(row["level"] for row in self.case.levels)
        return sorted(place.level for place in self.matrix.places) if self.matrix else []


@dataclass(frozen=True, slots=True)
class Rung:
    """Which level a request would reach now; `verdict` says why none when it would not."""

    verdict: Verdict
    level: int = 0
    case: Escalation | None = None
    matrix: Published | None = None


def of(ticket: Ticket, kind: str, *, at: datetime) -> Position:
    """The ticket's position on one matrix. Up to four queries."""
    case = Escalation.objects.filter(ticket=ticket, kind=kind).prefetch_related("steps__contact").first()
    steps = tuple(case.steps.all()) if case else ()
    return position(ticket, kind, case, steps, heard=heard(ticket, kind, at=at), at=at)


def position(
    ticket: Ticket,
    kind: str,
    case: Escalation | None,
    steps: tuple[EscalationStep, ...],
    *,
    heard: bool,
    at: datetime,
) -> Position:
    matrix = None if case is not None else matrix_of(ticket, kind, at=at)
    return Position(ticket, kind, case, steps, matrix, heard)


def heard(ticket: Ticket, kind: str, *, at: datetime) -> bool:
    """Whether the first answer that the matrix asks for has been given, or is owed for too long."""
    if kind == MatrixKind.TECHNICAL:
        answered = Escalation.objects.filter(ticket=ticket, steps__answered_at__isnull=False).exists()
        replies = ticket.messages.filter(visibility=Visibility.PUBLIC).exclude(author__role__in=CUSTOMER_ROLES)
        return answered or replies.exists()
    if ticket.reacted_at is not None:
        return True
    return any(row.kind == ClockKind.REACTION and row.due_at and row.due_at < at for row in ticket.clocks.all())


def next_rung(position: Position, *, at: datetime, zone: tzinfo) -> Rung:
    """Whose turn it is, whoever asks. `zone` is the reader's: a refusal says until when to wait."""
    levels, last, case = position.levels, position.last, position.case
    if not levels:
        return Rung(deny("Todavía no se publica la matriz de escalamiento. Comuníquese con la Mesa de Servicio."))
    if position.kind == MatrixKind.TECHNICAL and not position.heard:
        return Rung(
            deny("El Listado de Fallas Técnicas se usa después de recibir una respuesta de la Mesa de Servicio.")
        )
    if case is None or last is None:
        is_first = position.kind == MatrixKind.TECHNICAL or not position.heard
        level = levels[0] if is_first or len(levels) == 1 else levels[1]
        return Rung(ALLOW, level, case, position.matrix)
    above = [level for level in levels if level > last.level]
    if case.state == EscalationState.ENDED:
        return Rung(ALLOW, above[0] if above else last.level, case)
    if not tried(case, last, at):
        return Rung(deny(_wait(last, at, zone)))
    if not above:
        return Rung(deny(f"El ticket ya está en el último nivel: {_who(last)}."))
    return Rung(ALLOW, above[0], case)


def tried(case: Escalation, last: EscalationStep, at: datetime) -> bool:
    """The present level answered, or its time to answer has passed."""
    late = last.answer_by is not None and last.answer_by < at
    return case.state not in LIVE or last.answered_at is not None or late


def matrix_of(ticket: Ticket, kind: str, *, at: datetime) -> Published | None:
    """The one that a way up begun at `at` would follow. No query with warm configuration."""
    if kind == MatrixKind.TECHNICAL:
        return matrices.in_force(kind, contract_id=ticket.contract_id, service_id=ticket.service_id, at=at)
    return matrices.in_force(kind, at=at)


def _wait(last: EscalationStep, at: datetime, zone: tzinfo) -> str:
    until = ""
    if last.answer_by is not None:
        until = f" tiene hasta {words.on_brief(last.answer_by, zone=zone, now=at)} para responder"
    return f"{_who(last)}{until}. Podrá escalar al nivel siguiente cuando responda o cuando pase ese plazo."


def _who(step: EscalationStep) -> str:
    return f"{step.name} ({step.role})" if step.name else step.role
