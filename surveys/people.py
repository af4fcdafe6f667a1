"""Whom a complaint may be about: the people of the desk (guide 3.13; docs/decisions/0014)."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from core.errors import InvalidInput
from surveys import policy
from tickets.models import Ticket

MOST = 20
"""People that one complaint may point at."""


def of_ticket(ticket: Ticket | None) -> list[User]:
    """The people of the desk who worked on the ticket, by name: its person, and whoever did something on it."""
    if ticket is None:
        return []
    acted = Q(pk__in=ticket.events.values("actor")) | Q(pk=ticket.assignee_id)
    return list(User.objects.desk().filter(acted).order_by("full_name"))


def checked(people: Iterable[User], *, by: User, ticket: Ticket | None) -> list[User]:
    """The people, each once. Raises InvalidInput for somebody who is not of the desk, or whom a customer cannot know of from the ticket."""
    found = {person.pk: person for person in people}
    if len(found) > MOST:
        raise InvalidInput({"pointed_at": f"Señaló a {len(found)} personas; caben {MOST}."}, code="too_many")
    known = None if policy.may_record(by) else {person.pk for person in of_ticket(ticket)} if found else set()
    for person in found.values():
        if not person.is_desk or (known is not None and person.pk not in known):
            raise InvalidInput(
                {"pointed_at": "Elija entre las personas de la Mesa de Servicio que atendieron el ticket."},
                code="not_found",
            )
    return list(found.values())
