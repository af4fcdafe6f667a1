"""An open ticket takes other terms over, because an administrator said so (guide 3.4.1; a ticket keeps its terms otherwise)."""

from typing import Any

from customers.models import ServiceTerms
from tickets.models import Ticket
from tickets.services import classification

ADOPTED = ("terms", "priority", "precedence")
"""What `adopt` sets on the row: the caller saves it, with the history event, by `history.note`."""


def adopt(row: Ticket, terms: ServiceTerms) -> dict[str, Any]:
    """Put a ticket under other terms, in hand only: their matrix gives its priority anew, and its place in the queues.

    Returns what the history event tells: `terms`, the names before and after; `previous_terms`, the id; `changes`, the priority's two
    values if it moved. The clocks are for the app sla. Raises DomainError for an incomplete matrix.
    """
    before, was = row.priority, row.terms
    row.terms = terms
    row.priority = classification.priority_for(terms, impact=row.impact, urgency=row.urgency, at=row.created_at)
    row.precedence = row.derive_precedence()
    changes = {} if row.priority == before else {"priority": [before, row.priority]}
    return {"terms": [was.name, terms.name], "previous_terms": was.pk, "changes": changes}
