"""Who would be told if the ticket went up now, and until when they would have (guide 3.5.2).

It binds nobody: absences and the matrix may change before the request arrives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from escalation import ladder, matrices
from escalation.services.ascent import clock_of, snapshot
from escalation.standing import Way
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Forecast:
    """`name` is empty when nobody of the matrix can be told today: the supervisors are. Moments are aware."""

    level: int
    role: str
    name: str
    instead_of: str
    acknowledge_by: datetime
    answer_by: datetime


def of(way: Way, ticket: Ticket, *, at: datetime) -> Forecast | None:
    """What the actor of `way` would set off; None when there is no next level for them. No query with warm configuration."""
    if way.next is None:
        return None
    away, clock = matrices.away(matrices.day_of(at)), clock_of(ticket)
    found = None
    for row in levels_of(way, ticket, at=at):
        if row["level"] < way.next.level:
            continue
        name, instead_of = _told(row, away)
        found = Forecast(
            level=row["level"],
            role=row["role"],
            name=name,
            instead_of=instead_of,
            acknowledge_by=clock.add(at, timedelta(minutes=row["acknowledge_minutes"])),
            answer_by=clock.add(at, timedelta(minutes=row["answer_minutes"])),
        )
        if name:
            break
    return found


def levels_of(way: Way, ticket: Ticket, *, at: datetime) -> Sequence[Mapping[str, Any]]:
    """The levels of the way in order, as a case keeps them: its own, or those of the matrix that it would begin with."""
    if way.case is not None:
        return sorted(way.case.levels, key=lambda row: row["level"])
    matrix = ladder.matrix_of(ticket, way.kind, at=at)
    return snapshot(matrix) if matrix else []


def _told(row: Mapping[str, Any], away: Mapping[int, matrices.Away]) -> tuple[str, str]:
    """Whose name is told at the level, and in whose absence."""
    if row["contact"] is None:
        return "", ""
    absent = away.get(row["contact"])
    if absent is None:
        return row["name"], ""
    return (absent.reach.contact.name, absent.reach.instead_of) if absent.reach else ("", "")
