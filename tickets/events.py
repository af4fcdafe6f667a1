"""What can happen to a ticket, in the past tense. `servicedesk/reactions.py` says what follows from each."""

from dataclasses import dataclass, field
from typing import Any

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketFact(Event):
    """Base. Ids travel to later handlers; `ticket` (the locked, saved row) and `entry` (its history event) only to the `inside` ones."""

    ticket_id: int
    entry_id: int
    ticket: Any = field(default=None, repr=False, compare=False, metadata={"transient": True})
    entry: Any = field(default=None, repr=False, compare=False, metadata={"transient": True})


class TicketReceived(TicketFact):
    """Arrived by e-mail, web, WhatsApp or API: Nuevo."""


class TicketRegistered(TicketFact):
    """A desk agent registered it for the user: Abierto."""


class TicketOpened(TicketFact):
    """The desk answered that it exists and is ready to be attended."""


class TicketAssigned(TicketFact):
    pass


class TicketTaken(TicketFact):
    """A member of the group made it theirs; the state did not change."""


class TicketStarted(TicketFact):
    pass


class UserAwaited(TicketFact):
    """Pendiente por usuario."""


class VendorAwaited(TicketFact):
    """Pendiente por proveedor."""


class TicketResumed(TicketFact):
    """The user answered what they were asked."""


class TicketReclassified(TicketFact):
    pass


class MessagePosted(TicketFact):
    """A message or note that moved nothing."""


class FileAttached(TicketFact):
    pass


class TicketSolved(TicketFact):
    pass


class ValidationReminded(TicketFact):
    """One day is left to validate the solution."""


class SolutionRefused(TicketFact):
    pass


class TicketClosed(TicketFact):
    """Approved, unvalidated, or found invalid."""


class TicketRejected(TicketFact):
    pass


class TicketCancelled(TicketFact):
    pass
