"""The addresses that outgoing mail bears: who sends it, where an answer goes, and the ids that keep a ticket's mails in one thread."""

from email.utils import parseaddr

from django.conf import settings

from core import signing
from tickets.models import Ticket

PURPOSE = "reply"


def domain() -> str:
    """The domain of our own address, for Message-IDs."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def sender_name() -> str:
    """What the desk calls itself in a mail's From."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Mesa de Servicio"


def thread_id(ticket: Ticket) -> str:
    """The id that every mail of the ticket refers to, so that mail programs show them together."""
    return f"<{ticket.key}@{domain()}>"


def reply_address(ticket: Ticket) -> str:
    """Where an answer to the ticket's mails goes: MAIL_REPLY_ADDRESS with the number and its signature; empty when mail is not read.

    «mesa@x.mx» gives «mesa+t0000012-<26 letters>@x.mx»: at most 64 characters before the @, and safe to lower-case.
    """
    mailbox, _, host = settings.MAIL_REPLY_ADDRESS.rpartition("@")
    if not mailbox:
        return ""
    return f"{mailbox}+{ticket.number.lower()}-{signing.mac(PURPOSE, ticket.key)}@{host}"


def is_signed(ticket: Ticket, address: str) -> bool:
    """Whether `address` is the ticket's own reply address."""
    tag = address.partition("@")[0].rpartition("+")[2].lower()
    number, _, signature = tag.partition("-")
    return number == ticket.number.lower() and signing.check(PURPOSE, ticket.key, signature)
