"""Walking up a matrix as somebody keeps it: who can be told at each level, until somebody is (guide 3.5.2, 3.13.1)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from escalation import matrices
from escalation.matrices import Place, Reach

Row = Mapping[str, Any]
"""A level as a snapshot keeps it."""


class Finder:
    """Who can be told today, each contact looked for once."""

    def __init__(self, at: datetime) -> None:
        self.on = matrices.day_of(at)
        self.found: dict[int | None, Reach | None] = {None: None}

    def whom(self, contact_id: int | None) -> Reach | None:
        if contact_id not in self.found:
            self.found[contact_id] = matrices.whom(contact_id, self.on)
        return self.found[contact_id]


def kept(place: Place) -> dict[str, Any]:
    """The level as a snapshot keeps it: who holds it and how long they have, in minutes."""
    return {
        "level": place.level,
        "role": place.role,
        "contact": place.contact_id,
        "name": place.contact_name,
        "acknowledge_minutes": place.acknowledge_minutes,
        "answer_minutes": place.answer_minutes,
    }


def climb(
    levels: Sequence[Row], start: int, find: Callable[[Row], Reach | None], *, passing: Collection[int] = ()
) -> Iterator[tuple[Row, Reach | None]]:
    """The levels to tell: those in `passing`, then from `start` up to the first at which `find` finds somebody, else to the last."""
    for row in sorted(levels, key=lambda row: row["level"]):
        goes = row["level"] >= start
        if not goes and row["level"] not in passing:
            continue
        reach = find(row)
        yield row, reach
        if goes and reach is not None:
            return
