"""What can happen to a clock. Moments travel as ISO 8601 text in UTC."""

from dataclasses import dataclass

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
