"""A ticket's way up a matrix in words, as the component `ladder` takes it (guide 3.5.2). No query."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any

from core import words
from escalation.forecast import levels_of
from escalation.models import EscalationStep
from escalation.standing import Way
from escalation.vocabulary import FIRST_LEVEL, Cause, EscalationState, MatrixKind
from tickets.models import Ticket

Fact = dict[str, Any]


def rungs(way: Way, ticket: Ticket, *, at: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """The levels from the first to the last: who holds each, and what happened on it. `zone` is the reader's."""
    told: dict[int, list[Fact]] = defaultdict(list)
    last: dict[int, EscalationStep] = {}
    say = _Words(at, zone)
    for taken, left_at in _with_their_ends(way):
        told[taken.level] += _facts(taken, way, left_at, say)
        last[taken.level] = taken
    drawn = []
    for row in levels_of(way, ticket, at=at):
        step, level = last.get(row["level"]), row["level"]
        facts = told[level]
        if step is None and level == FIRST_LEVEL and way.kind == MatrixKind.SERVICE_DESK:
            facts = [_of_the_desk(ticket, say)]
        drawn.append(
            {
                "level": level,
                "role": step.role if step else row["role"],
                "name": (step.name if step else "") or row["name"],
                "current": level == _present_level(way, ticket),
                "reached": bool(facts),
                "facts": facts,
            }
        )
    return drawn


def name_of(name: str, role: str) -> str:
    """«Teresa Olvera Luna (Supervisor de Mesa de Servicio)»; a shared mailbox that bears its role's name says it once."""
    return f"{name} ({role})" if name and name not in role else role


def whom(name: str, role: str, instead_of: str) -> str:
    """Who is told at a level; without a name, those who supervise are."""
    if not name:
        return "la supervisión de la Mesa de Servicio"
    return f"{name_of(name, role)}{f', en ausencia de {instead_of}' if instead_of else ''}"


class _Words:
    """Moments inside sentences, for one reader now."""

    def __init__(self, at: datetime, zone: tzinfo) -> None:
        self.at, self.zone = at, zone

    def fact(self, icon: str, text: str, moment: datetime, when: str = "{}", **more: str) -> Fact:
        """`when` says the moment: «{}» as it is, «antes {de}» with its preposition. `more`: tone, note, quote."""
        plain = words.on_brief(moment, zone=self.zone, now=self.at)
        after = words.on_brief(moment, zone=self.zone, now=self.at, after="de")
        return {"icon": icon, "text": text, "at": moment, "when": when.format(plain, de=after), **more}

    def owed(self, text: str, due: datetime) -> Fact:
        return self.fact("clock", text, due, "antes {de}", tone="owed")

    def missed(self, text: str, due: datetime) -> Fact:
        return self.fact("exclamation-circle", text, due, "(tenía hasta {})", tone="late")


def _present_level(way: Way, ticket: Ticket) -> int | None:
    """Who has the ticket in hand on this matrix; None once it ended, or before it began on one that the desk does not head."""
    if ticket.is_terminal or (way.case is not None and way.case.state == EscalationState.ENDED):
        return None
    if way.case is not None:
        return way.case.level
    return FIRST_LEVEL if way.kind == MatrixKind.SERVICE_DESK else None


def _with_their_ends(way: Way) -> Iterator[tuple[EscalationStep, datetime | None]]:
    """Each step with the moment from which it owed nothing any more; None for the one that still owes."""
    steps: Sequence[EscalationStep] = way.steps
    for step, following in pairwise(steps):
        yield step, following.notified_at
    if steps:
        yield steps[-1], way.case.ended_at if way.case and way.present is None else None


def _of_the_desk(ticket: Ticket, say: _Words) -> Fact:
    if ticket.reacted_at is not None:
        return say.fact("check-circle", "Confirmó el ticket", ticket.reacted_at)
    return say.fact("ticket", "Recibió el ticket", ticket.created_at)


def _facts(step: EscalationStep, way: Way, left_at: datetime | None, say: _Words) -> Iterator[Fact]:
    yield _notice(step, way, say)
    if step.acknowledged_at is not None and step.acknowledged_at != step.answered_at:
        yield say.fact("hand-raised", _by("Acusó recibo", step.acknowledged_by, step), step.acknowledged_at)
    if step.answered_at is not None:
        late = step.answer_by is not None and step.answered_at > step.answer_by
        text = _by("Respondió fuera de tiempo" if late else "Respondió", step.answered_by, step)
        yield say.fact("chat-bubble-left-ellipsis", text, step.answered_at, quote=step.answer)
        return
    until = left_at or say.at
    if step.acknowledged_at is None and step.acknowledge_by is not None:
        if step.acknowledge_by < until:
            yield say.missed("No acusó recibo a tiempo", step.acknowledge_by)
        elif step == way.present:
            yield say.owed("Debe acusar recibo", step.acknowledge_by)
    if step.answer_by is not None:
        if step.answer_by < until:
            yield say.missed("No respondió a tiempo", step.answer_by)
        elif step == way.present:
            yield say.owed("Debe responder", step.answer_by)


def _notice(step: EscalationStep, way: Way, say: _Words) -> Fact:
    if step.contact_id is None:
        is_last = step == way.steps[-1]
        instead = "se avisó a la supervisión de la Mesa de Servicio" if is_last else "se avisó al nivel siguiente"
        return say.fact("exclamation-triangle", f"No fue posible avisarle: {instead}", step.notified_at)
    why = {
        Cause.RULE: step.reason[:1].lower() + step.reason[1:],
        Cause.UNACKNOWLEDGED: "el nivel anterior no acusó recibo",
        Cause.UNREACHABLE: "no fue posible avisar al nivel anterior",
    }.get(Cause(step.cause), "")
    text = f"Se avisó, en ausencia de {step.instead_of}," if step.instead_of else "Se avisó"
    return say.fact("bell", text, step.notified_at, note=why)


def _by(what: str, who: str, step: EscalationStep) -> str:
    """The name only when it is not the level's own."""
    return what if who == step.name else f"{what} {who},"
