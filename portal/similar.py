"""Open tickets that a new one resembles, among those that the person may see."""

import unicodedata

from accounts.models import User
from tickets.models import Ticket

LOOK_AT = 200
SHOW = 3
LITTLE = (
    "para como esta este esto ese esa con sin por que del los las una uno unos unas desde hasta sobre entre cuando "
    "donde porque pero muy mas hay ser son fue han tiene puede ticket favor ayuda error problema sistema"
)
EMPTY_WORDS = frozenset(LITTLE.split())


def similar(user: User, title: str) -> list[Ticket]:
    """Up to three open tickets whose title shares words with `title`, the closest first; reads a bounded number of rows."""
    wanted = significant(title)
    if not wanted:
        return []
    rows = Ticket.objects.visible_to(user).alive().select_related("requester").order_by("-updated_at", "-id")
    scored = [(likeness(wanted, significant(row.title)), row) for row in rows[:LOOK_AT]]
    close = sorted((pair for pair in scored if pair[0] >= 0.5), key=lambda pair: (-pair[0], -pair[1].pk))
    return [row for _, row in close[:SHOW]]


def significant(text: str) -> frozenset[str]:
    """The words that say something, without accents, plural «s» or case."""
    plain = unicodedata.normalize("NFKD", text[:200].lower()).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return frozenset(word.rstrip("s") for word in words if len(word) > 2 and word not in EMPTY_WORDS)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over the shorter title's; a single shared word counts only when it is all there is."""
    shared = len(one & other)
    shortest = min(len(one), len(other))
    if not shortest or (shared == 1 and shortest > 1):
        return 0.0
    return shared / shortest
