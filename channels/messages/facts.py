"""What a message about an event may say, read back from the rows that the event left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import SupportGroup, User
from channels import compose
from tickets.events import TicketFact
from tickets.models import Attachment, Message, Ticket, TicketEvent
from tickets.vocabulary import Visibility


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a ticket. `said` is the message that came with it, if one did; `files` are the names of what was attached."""

    event: TicketFact
    ticket: Ticket
    entry: TicketEvent
    said: Message | None
    files: list[str]

    @property
    def author(self) -> User:
        """Who did it."""
        return self.entry.actor

    @property
    def is_public(self) -> bool:
        """Whether a customer may hear of it: neither the event nor its message is internal."""
        return self.entry.is_public and (self.said is None or self.said.visibility == Visibility.PUBLIC)

    @property
    def changed_date(self) -> datetime | None:
        """The promised date that the message's own replaces, if it does."""
        if not self.entry.data.get("commitment_reason"):
            return None
        return parse_datetime(str(self.entry.data.get("was_committed_for") or ""))

    @property
    def context(self) -> dict[str, Any]:
        """What every template may use. No rows: only values, so that nothing reaches a mail by accident."""
        ticket = self.ticket
        return {
            "priority": ticket.get_priority_display(),
            "kind": ticket.get_kind_display(),
            "line": ticket.get_service_line_display(),
            "company": ticket.company.name,
            "requester": ticket.requester.full_name,
            "author": speaker(self.author),
            "said": self.said.body if self.said else "",
            "said_by": speaker(self.said.author) if self.said else "",
            "committed_for": self.said.committed_for if self.said else None,
            "was_committed_for": self.changed_date,
            "commitment_reason": self.entry.data.get("commitment_reason") or "",
            "files": self.files,
            "data": self.entry.data,
        }


def read(event: TicketFact) -> Fact:
    """The fact behind a stored event."""
    ticket = Ticket.objects.select_related(
        "company", "requester", "group", "assignee", "service", "environment", "terms"
    ).get(pk=event.ticket_id)
    entry = TicketEvent.objects.select_related("actor").get(pk=event.entry_id, ticket=ticket)
    said = Message.objects.select_related("author").filter(pk=entry.data.get("message"), ticket=ticket).first()
    return Fact(event, ticket, entry, said, _files(entry, said))


def _files(entry: TicketEvent, said: Message | None) -> list[str]:
    rows = Attachment.objects.filter(ticket=entry.ticket_id)
    if said is not None:
        rows = rows.filter(message=said)
    elif "attachments" in entry.data:
        rows = rows.filter(pk__in=entry.data["attachments"])
    elif entry.sequence == 1:
        rows = rows.filter(created_at=entry.at).exclude(message__visibility=Visibility.INTERNAL)
    else:
        return []
    return [compose.line(name) for name in rows.values_list("name", flat=True)]


def speaker(person: User) -> str:
    """How a person is named in a mail."""
    return compose.line(person.full_name)


def party(ticket: Ticket) -> list[User]:
    """Who attends the ticket: its person, else its group, else the first-level groups. Customers are never among them."""
    if ticket.assignee is not None and ticket.assignee.is_active and ticket.assignee.is_desk:
        return [ticket.assignee]
    if ticket.group_id is not None:
        return list(User.objects.desk().filter(support_groups=ticket.group_id, is_active=True))
    return list(
        User.objects.desk()
        .filter(support_groups__level=SupportGroup.Level.FIRST, support_groups__is_active=True, is_active=True)
        .distinct()
    )
