"""What can happen on a ticket's way up a matrix. `step_id` is the level's row."""

from dataclasses import dataclass

from tickets.events import TicketFact


@dataclass(frozen=True, kw_only=True)
class EscalationFact(TicketFact):
    """Base."""

    step_id: int


class LevelNotified(EscalationFact):
    """A level is owed notice. A step without contact is one that nobody of the matrix can be told of: the supervisors are."""


class EscalationAcknowledged(EscalationFact):
    pass


class EscalationAnswered(EscalationFact):
    pass


class EscalationOverdue(EscalationFact):
    """The level's time to answer passed; the customer may go further."""
