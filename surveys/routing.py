"""Which way a complaint or suggestion goes: its direction and area, and the levels above (guide 3.13.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.text import fold, words
from escalation import finding, matrices
from escalation.matrices import Place, Published
from escalation.vocabulary import MatrixKind
from tickets.models import Ticket
from tickets.vocabulary import ServiceLine

Level = dict[str, Any]
INFRASTRUCTURE = "infraestructura"
"""In the name of the area to which technological tickets belong where nothing nearer is found."""
SHORTEST = 4
"""Letters of a word that says something of an area: «de» and «la» do not."""


@dataclass(frozen=True, slots=True)
class Area:
    """Whom somebody may address: `level` and `role` are of the row where its way up begins."""

    direction: str
    area: str
    level: int
    role: str


def matrix(at: datetime | None = None) -> Published | None:
    """The complaints' matrix in force. No query with warm configuration."""
    return matrices.in_force(MatrixKind.COMPLAINTS, at=at)


def areas(at: datetime | None = None) -> tuple[Area, ...]:
    """Every direction's areas, in the order in which the matrix has them; none without a matrix in force."""
    found: dict[tuple[str, str], Area] = {}
    published = matrix(at)
    for place in published.places if published else ():
        found.setdefault((place.direction, place.area), Area(place.direction, place.area, place.level, place.role))
    return tuple(found.values())


def route(published: Published, direction: str, area: str) -> list[Level]:
    """The way up: the area's own first row, then one row for each higher level of the same direction; empty for an unknown area.

    Where a higher level has several rows, the area's own counts, else the one written first.
    """
    places = [place for place in published.places if place.direction == direction]
    own = [place for place in places if place.area == area]
    if not own:
        return []
    start = min(place.level for place in own)
    levels = sorted({place.level for place in places if place.level >= start})
    return [_kept(_chosen(level, own, places)) for level in levels]


def _chosen(level: int, own: Sequence[Place], places: Sequence[Place]) -> Place:
    return next(place for place in (*own, *places) if place.level == level)


def _kept(place: Place) -> Level:
    return {**finding.kept(place), "direction": place.direction, "area": place.area}


def suggested(ticket: Ticket | None, at: datetime | None = None) -> tuple[str, str]:
    """The direction and area that a complaint about the ticket most likely concerns; the matrix's first without a better one.

    By the words that the area's name shares with those of the ticket's service and group. Two empty texts without a matrix in force.
    """
    choices = areas(at)
    if not choices:
        return "", ""
    best = choices[0]
    if ticket is not None:
        near = _words(" ".join(str(part) for part in (ticket.service, ticket.group) if part is not None))
        scores = [len(near & _words(choice.area)) for choice in choices]
        if max(scores):
            best = choices[scores.index(max(scores))]
        elif ticket.service_line == ServiceLine.TECHNOLOGICAL:
            best = next((choice for choice in choices if INFRASTRUCTURE in fold(choice.area)), best)
    return best.direction, best.area


def _words(text: str) -> set[str]:
    return {word for word in words(text) if len(word) >= SHORTEST}
