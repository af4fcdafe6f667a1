"""What the form of a complaint offers: the areas that answer, the tickets it may be about, and who of the desk wrote on one (guide 3.13.1)."""

from datetime import datetime

from accounts.models import User
from core import words
from portal import matrices
from portal.matrices import Rung
from surveys import routing
from tickets.models import Message, Ticket
from tickets.vocabulary import Visibility

UNSURE = "no-se"
"""What the form sends for «No lo sé»."""
OFFERED = 20
SHOWN = 12

Option = dict[str, str]


def tickets(user: User, asked: str = "") -> list[Ticket]:
    """The person's own latest tickets, and first the one of the number `asked` where they may see it. Two queries at most."""
    visible = Ticket.objects.visible_to(user)
    rows = list(visible.filter(requester=user).order_by("-updated_at", "-id")[:OFFERED])
    if not asked or any(row.number == asked for row in rows):
        return rows
    return [*visible.by_number(asked), *rows]


def directions(at: datetime) -> list[tuple[str, list[Option]]]:
    """The areas of the matrix in force by direction, with who is in charge of each and how soon they answer."""
    _, found = matrices.complaints(at)
    return [(direction, _options(rungs)) for direction, rungs in found]


def _options(rungs: list[Rung]) -> list[Option]:
    """Each area once: an area with several levels begins at the first."""
    found: dict[str, Option] = {}
    for rung in rungs:
        found.setdefault(rung.place.area, _option(rung))
    return list(found.values())


def _option(rung: Rung) -> Option:
    place = rung.place
    return {
        "value": value_of(place.direction, place.area),
        "title": place.area,
        "who": f"{_name(rung)}{place.role}",
        "answers": rung.answers,
    }


def _name(rung: Rung) -> str:
    if rung.stand_in is not None:
        return f"{rung.stand_in.name}, en ausencia de {rung.place.contact_name}, "
    return "" if rung.is_vacant or not rung.place.contact_name else f"{rung.place.contact_name}, "


def times(at: datetime) -> dict[str, str]:
    """The longest that any area has to acknowledge and to answer, in words; empty without a matrix in force."""
    _, found = matrices.complaints(at)
    places = [rung.place for _, rungs in found for rung in rungs]
    if not places:
        return {}
    return {
        "acknowledge": words.hours(max(place.acknowledge_minutes for place in places)),
        "answer": words.hours(max(place.answer_minutes for place in places)),
    }


def value_of(direction: str, area: str) -> str:
    """How the form sends an area: the words themselves, so that a matrix published meanwhile moves no choice."""
    return f"{direction} | {area}"


def place_of(value: str, offered: list[tuple[str, list[Option]]]) -> tuple[str, str] | None:
    """The direction and the area of a form's value; None where it is none of the `offered`."""
    for direction, options in offered:
        for option in options:
            if option["value"] == value:
                return direction, option["title"]
    return None


def suggested(ticket: Ticket | None) -> tuple[str, str]:
    """Where a complaint goes when its author does not know."""
    return routing.suggested(ticket)


def desk_people(ticket: Ticket, viewer: User) -> list[User]:
    """The people of the desk whose words the viewer read on the ticket, and who has it now: whom a complaint may be about."""
    said = Message.objects.visible_to(viewer).filter(ticket=ticket, visibility=Visibility.PUBLIC)
    found = {row.author_id: row.author for row in said.select_related("author").order_by("-id")[:200]}
    if ticket.assignee is not None:
        found.setdefault(ticket.assignee.pk, ticket.assignee)
    people = [person for person in found.values() if person.is_desk]
    return sorted(people, key=lambda person: person.full_name)[:SHOWN]
