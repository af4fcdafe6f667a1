"""A real mail server on this machine, in a thread, that can be told to refuse, to hang up or to be away."""

import _thread
import email
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.models import OutboundMessage
from core.tasks import run_deliveries
from servicedesk.seeding import escalation
from tickets.models import Ticket
from tickets.services import triage


class PostOffice:
    """The server. `received` are the mails it took, in order; `answers` maps an address to what it answers to RCPT."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.received: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.hangs_up_on: set[str] = set()
        self.interrupts_after = 0
        self.connections = 0
        self.controller: Controller | None = None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.hangs_up_on:
            server.transport.close()
            return "421 bye"
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        if self.interrupts_after and len(self.received) == self.interrupts_after:
            _thread.interrupt_main()
        return "250 taken"

    def opens(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def closes(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """The server's address is set; it is closed until `opens()`."""
    place = PostOffice()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", place.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield place
    place.closes()


@pytest.fixture
def post(office: PostOffice) -> PostOffice:
    """The server, open."""
    office.opens()
    return office


@pytest.fixture
def mails(db: None) -> Callable[..., list[OutboundMessage]]:
    """`mails("solved")`: runs the pending reactions, then gives the messages of that kind (all of them without one)."""

    def of(*kinds: str) -> list[OutboundMessage]:
        run_deliveries()
        rows = OutboundMessage.objects.order_by("pk")
        return list(rows.filter(kind__in=kinds) if kinds else rows)

    return of


@pytest.fixture
def told(mails):
    """`told("escalation_level")`: the addresses that got that kind."""
    return lambda *kinds: sorted(row.address.removesuffix("@example.test") for row in mails(*kinds))


@pytest.fixture
def quiet(mails):
    """`quiet()`: runs what is pending and forgets it."""

    def forget():
        mails()
        OutboundMessage.objects.all().delete()

    return forget


@pytest.fixture
def opened(ticket, agent, consultant, group, guide, quiet) -> Ticket:
    """With the group of Nómina, which is the consultant's."""
    escalation.everything(guide)
    triage.open(ticket, by=agent)
    row = triage.assign(ticket, by=agent, group=group)
    quiet()
    return row
