"""The queue from which a ticket was opened: the way back to it, and to the tickets before and after, while one works down the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts.models import User
from console import keyset, queues
from console.filters import Filters
from console.queues import Queue
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import TERMINAL

PLACE = "lugar"
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Listing:
    """What one address of the queue lists. `shown` differs from the queue that was chosen when a search or an ended state widens it."""

    filters: Filters
    chosen: Queue
    shown: Queue

    def tickets(self, actor: User, now: datetime) -> TicketQuerySet:
        rows: TicketQuerySet = queues.tickets_of(self.shown, actor, now).filter(self.filters.condition(actor))
        return rows


@dataclass(frozen=True, slots=True)
class Trail:
    label: str
    href: str
    query: str
    previous: str
    next: str


def listing_of(query: QueryDict | Mapping[str, str], actor: User) -> Listing:
    filters = Filters(query)
    chosen = queues.QUEUES.get(filters.values.get("cola", "")) or queues.default_for(actor)
    wide = bool(filters.search) or filters.values.get("estado") in TERMINAL
    return Listing(filters, chosen, queues.QUEUES["todos"] if wide else chosen)


def query_of(request: HttpRequest) -> str:
    """What an address must carry for the trail to go on: «?cola=…», or nothing when the ticket was not opened from a queue."""
    filters = Filters(request.GET)
    if filters.values.get("cola") not in queues.QUEUES:
        return ""
    place = request.GET.get(PLACE, "")[:LONGEST]
    return filters.address() + (f"&{urlencode({PLACE: place})}" if place else "")


def page_of(ticket: Ticket, request: HttpRequest) -> str:
    """The ticket's page, with the trail on which the person is."""
    return reverse("admin:tickets_ticket_change", args=[ticket.number]) + query_of(request)


def row_address(ticket: Ticket, listing: Listing) -> str:
    """The page of a ticket of the list, with its place there: what is done to the ticket may move it, not the person's way."""
    address = reverse("admin:tickets_ticket_change", args=[ticket.number])
    query = listing.filters.address(cola=listing.chosen.key)
    return f"{address}{query}&{PLACE}={keyset.place_of(ticket, listing.shown.order)}"


def trail_of(request: HttpRequest, ticket: Ticket, actor: User, now: datetime) -> Trail | None:
    """Two queries; none when the ticket was not opened from a queue."""
    query = query_of(request)
    if not query:
        return None
    listing = listing_of(request.GET, actor)
    place = request.GET.get(PLACE, "")
    before, after = keyset.neighbours(listing.tickets(actor, now), listing.shown.order, place, ticket)
    label = f"Búsqueda: {listing.filters.search}" if listing.filters.search else listing.shown.label
    return Trail(
        label=label,
        href=reverse("admin:tickets_ticket_changelist") + listing.filters.address(),
        query=query,
        previous=row_address(before, listing) if before else "",
        next=row_address(after, listing) if after else "",
    )
