"""What happened to each ticket. What it means in time is the app sla's."""

from tickets.models.catalog import CatalogCategory, CatalogItem
from tickets.models.conversation import Attachment, Message
from tickets.models.history import TicketEvent
from tickets.models.priority import PriorityRule
from tickets.models.ticket import Ticket

__all__ = ["Attachment", "CatalogCategory", "CatalogItem", "Message", "PriorityRule", "Ticket", "TicketEvent"]
