"""Messages to the user whose ticket it is (guide 3.4: copy of the ticket; 3.5: informed of its status; 3.6: validation).

Each function is a reaction to one event, safe to repeat. An internal note never gets here: every message passes `_tell`, which
refuses what is not public.
"""

from typing import Any

import structlog

from channels import about, deadlines, links, outbox
from channels.messages import facts
from channels.messages.facts import Fact
from customers import terms
from tickets.events import TicketFact
from tickets.vocabulary import ClosingCode, State

log = structlog.get_logger(__name__)


def receipt(event: TicketFact) -> None:
    """The copy of a ticket that arrived by itself. It is only a receipt: the reaction is the desk's (guide 3.4.2)."""
    _copy(event, "receipt")


def registered(event: TicketFact) -> None:
    """The copy of a ticket that an agent registered: the user already has the desk's answer."""
    _copy(event, "registered")


def opened(event: TicketFact) -> None:
    """It exists and is ready to be attended (guide 3.4.2, reaction)."""
    fact = facts.read(event)
    _tell(fact, "opened", deadlines=deadlines.of(fact.ticket, only="attention"))


def assigned(event: TicketFact) -> None:
    fact = facts.read(event)
    _tell(fact, "assigned", group=fact.entry.data.get("group", ""), level=fact.entry.data.get("level"))


def started(event: TicketFact) -> None:
    _tell(facts.read(event), "started")


def awaited(event: TicketFact) -> None:
    """What is needed from the user."""
    fact = facts.read(event)
    _tell(fact, "awaited", pauses=terms.pauses_for_user(fact.ticket.terms, fact.ticket.created_at))


def vendor(event: TicketFact) -> None:
    """That a vendor is awaited; not which one, nor its reference."""
    fact = facts.read(event)
    _tell(fact, "vendor", pauses=terms.pauses_for_vendor(fact.ticket.terms, fact.ticket.created_at))


def message(event: TicketFact) -> None:
    """A public message or file, from the desk or from somebody else of the company."""
    _tell(facts.read(event), "message")


def resumed(event: TicketFact) -> None:
    """That a colleague answered in the user's place. What an agent wrote down for them they know already."""
    fact = facts.read(event)
    if fact.author.is_customer:
        _tell(fact, "message")


def reclassified(event: TicketFact) -> None:
    """Only a change of priority is the user's concern: it moves the dates that they were given."""
    fact = facts.read(event)
    if "priority" in fact.entry.data.get("changes", {}):
        _tell(fact, "reclassified", reason=fact.entry.data.get("reason", ""), deadlines=deadlines.of(fact.ticket))


def solved(event: TicketFact) -> None:
    """The solution, with the links to accept or refuse it (guide 3.5, 3.6)."""
    _ask(facts.read(event), "solved")


def reminder(event: TicketFact) -> None:
    """One day is left to validate."""
    _ask(facts.read(event), "reminder")


def refused(event: TicketFact) -> None:
    """Somebody else refused the solution of the user's ticket, or an agent wrote it down for them."""
    fact = facts.read(event)
    _tell(fact, "refused", reason=fact.entry.data.get("reason", ""))


def closed(event: TicketFact) -> None:
    """Approved, unvalidated or invalid (guide 3.6.1): each is told in its own words."""
    fact = facts.read(event)
    code = fact.entry.data.get("closing_code", fact.ticket.closing_code)
    _tell(fact, "closed", code=code, code_label=ClosingCode(code).label, reason=fact.entry.data.get("reason", ""))


def rejected(event: TicketFact) -> None:
    fact = facts.read(event)
    _tell(fact, "rejected", reason=fact.entry.data.get("reason", ""))


def cancelled(event: TicketFact) -> None:
    fact = facts.read(event)
    data = fact.entry.data
    _tell(fact, "cancelled", reason=data.get("reason", ""), duplicate_of=data.get("duplicate_of") or "")


def _copy(event: TicketFact, kind: str) -> None:
    """To the user, though they are its author: the copy lets them confirm the registration (guide 3.4)."""
    fact = facts.read(event)
    ticket = fact.ticket
    copy: dict[str, Any] = {
        "description": ticket.description,
        "service": str(ticket.service or ""),
        "environment": ticket.environment.name if ticket.environment else "",
        "created_at": ticket.created_at,
        "channel": ticket.get_channel_display(),
        "deadlines": deadlines.of(ticket),
    }
    also = fact.author if fact.author.is_customer else None
    outbox.post(event, kind, to=[ticket.requester, also], about=about.ticket(ticket), context={**fact.context, **copy})


def _ask(fact: Fact, kind: str) -> None:
    """Ask for the validation, unless it was overtaken: accepted, refused or answered since."""
    ticket = fact.ticket
    # A reminder makes no sense once the customer has written, which takes the date away.
    is_stale = ticket.solved_at != fact.entry.at if kind == "solved" else ticket.validation_due_at is None
    if ticket.state != State.SOLVED or is_stale:
        log.info("message_overtaken", message=kind, ticket=ticket.pk, state=ticket.state)
        return
    link = links.validation_url(ticket, ticket.requester)
    _tell(
        fact,
        kind,
        solution=ticket.solution,
        solution_type=ticket.get_solution_type_display(),
        validation_due_at=ticket.validation_due_at,
        accept_url=link,
        refuse_url=f"{link}?r=no",
    )


def _tell(fact: Fact, kind: str, **context: Any) -> None:
    """Write to the ticket's user, unless they did it themselves or it is internal."""
    if not fact.is_public:
        log.info("internal_not_told", message=kind, ticket=fact.ticket.pk)
        return
    told = {**fact.context, **context}
    outbox.post(
        fact.event, kind, to=[fact.ticket.requester], about=about.ticket(fact.ticket), context=told, but=fact.author
    )
