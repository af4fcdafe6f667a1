"""Open tickets that a new one resembles, among those that the person may see."""

from accounts.models import User
from tickets.likeness import ALIKE, likeness, significant
from tickets.models import Ticket

LOOK_AT = 200
SHOW = 3


def similar(user: User, title: str) -> list[Ticket]:
    """Up to three open tickets whose title shares words with `title`, the closest first; reads a bounded number of rows."""
    wanted = significant(title)
    if not wanted:
        return []
    rows = Ticket.objects.visible_to(user).alive().select_related("requester").order_by("-updated_at", "-id")
    scored = [(likeness(wanted, significant(row.title)), row) for row in rows[:LOOK_AT]]
    close = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: (-pair[0], -pair[1].pk))
    return [row for _, row in close[:SHOW]]
