"""What can happen to a clock or to a promised date. Moments travel as ISO 8601 text in UTC."""

from dataclasses import dataclass, field
from typing import Any

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ClockFact(Event):
    """Base. `clock` is the kind: reaction or attention. `due_at` is the deadline in question."""

    ticket_id: int
    clock: str
    due_at: str


@dataclass(frozen=True, kw_only=True)
class ClockWarned(ClockFact):
    """That part of the target has run, and the clock still does."""

    percent: int


@dataclass(frozen=True, kw_only=True)
class ClockBreached(ClockFact):
    """The deadline passed unmet. `entry_id` is the ticket's history event."""

    breach_id: int
    entry_id: int


@dataclass(frozen=True, kw_only=True)
class ClocksMoved(Event):
    """A ticket's clocks are not what they were: for `inside` handlers only. `ticket` is the locked row, `clocks` all of its clocks."""

    ticket_id: int
    ticket: Any = field(default=None, repr=False, compare=False, metadata={"transient": True})
    clocks: Any = field(default=(), repr=False, compare=False, metadata={"transient": True})


class ClocksStarted(ClocksMoved):
    """The clocks of a new ticket."""


@dataclass(frozen=True, kw_only=True)
class ClocksRecounted(Event):
    """The clocks of many tickets moved at once: for `inside` handlers only, which must not ask once for each.

    `cases` have the locked `ticket`, all of its `clocks` and all of its `pauses`.
    """

    cases: Any = field(default=(), repr=False, compare=False, metadata={"transient": True})


@dataclass(frozen=True, kw_only=True)
class CommitmentBroken(Event):
    """The promised date `due_at` passed without a solution. `entry_id` is the ticket's history event."""

    ticket_id: int
    commitment_id: int
    due_at: str
    entry_id: int
