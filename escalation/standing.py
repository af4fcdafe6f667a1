"""How a ticket's escalations look to somebody: what happened, who owes what, and whether they may go further now (guide 3.5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from core.verdict import Verdict
from escalation import ladder, policy
from escalation.ladder import Position
from escalation.models import Escalation, EscalationStep
from escalation.vocabulary import LIVE, MatrixKind
from tickets.models import Ticket

KINDS = (MatrixKind.SERVICE_DESK, MatrixKind.TECHNICAL)


@dataclass(frozen=True, slots=True)
class Next:
    """Whom a request would reach; the names are the matrix's of today, or the case's own."""

    level: int
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """One matrix. `case` and `steps` are what happened on it; `may` says whether the actor may ask for `next`, and why not."""

    kind: str
    label: str
    case: Escalation | None
    steps: Sequence[EscalationStep]
    may: Verdict
    next: Next | None
    may_answer: Verdict
    """Whether the actor may acknowledge or answer the present step."""

    @property
    def present(self) -> EscalationStep | None:
        """The step that owes an acknowledgement or an answer."""
        return self.steps[-1] if self.steps and self.case is not None and self.case.state in LIVE else None


@dataclass(frozen=True, slots=True)
class Standing:
    """`desk` is the service desk's matrix; `technical` the contract's list, or None where there is none to show."""

    desk: Way
    technical: Way | None

    @property
    def ways(self) -> list[Way]:
        return [way for way in (self.desk, self.technical) if way is not None]

    @property
    def live(self) -> Way | None:
        """The one on which somebody owes something."""
        return next((way for way in self.ways if way.present is not None), None)


def of(ticket: Ticket, actor: User, *, at: datetime) -> Standing:
    """Both matrices, for somebody who may see the ticket. The same few queries however much happened.

    The technical list is its readers' alone; others find of it only what happened on their ticket.
    """
    cases = {
        case.kind: case for case in Escalation.objects.filter(ticket=ticket).prefetch_related("steps__contact").all()
    }
    ways = {}
    for kind in KINDS:
        if kind == MatrixKind.TECHNICAL and ticket.service_id is None:
            continue
        case = cases.get(kind)
        steps = tuple(case.steps.all()) if case else ()
        position = ladder.position(ticket, kind, case, steps, heard=_heard(ticket, kind, case, cases, at), at=at)
        is_kept = kind == MatrixKind.TECHNICAL and not policy.reads_list(actor)
        if kind == MatrixKind.TECHNICAL and (not position.levels or (is_kept and case is None)):
            continue
        ways[kind] = _way(position, actor, at, names_next=not is_kept)
    return Standing(ways[MatrixKind.SERVICE_DESK], ways.get(MatrixKind.TECHNICAL))


def _heard(ticket: Ticket, kind: str, case: Escalation | None, cases: dict[str, Escalation], at: datetime) -> bool:
    """Asked of the database only where what is in hand does not tell."""
    if kind == MatrixKind.SERVICE_DESK:
        return ticket.reacted_at is not None or case is not None or ladder.heard(ticket, kind, at=at)
    answered = any(step.answered_at for row in cases.values() for step in row.steps.all())
    return answered or case is not None or ladder.heard(ticket, kind, at=at)


def _way(position: Position, actor: User, at: datetime, *, names_next: bool) -> Way:
    rung = ladder.next_rung(position, at=at, zone=ZoneInfo(actor.time_zone))
    may = policy.may_escalate(actor, position.ticket, position.kind)
    last = position.last
    return Way(
        kind=position.kind,
        label=str(MatrixKind(position.kind).label),
        case=position.case,
        steps=position.steps,
        may=may if not may else rung.verdict,
        next=_next(position, rung.level) if rung.verdict and names_next else None,
        may_answer=policy.may_answer(actor, position.ticket, last) if last else Verdict(False),
    )


def _next(position: Position, level: int) -> Next:
    if position.matrix is not None and (place := position.matrix.place(level)) is not None:
        return Next(level, place.role, place.contact_name)
    row = next(row for row in position.case.levels if row["level"] == level) if position.case else {"role": ""}
    return Next(level, row["role"], row.get("name", ""))
