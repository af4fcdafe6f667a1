"""What the API's tests share: a client per person, and keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from api import tokens
from api.scopes import DEFAULT_SCOPES
from core import caching
from customers.models import ServiceTerms
from escalation.models import Contact, Level, Matrix
from servicedesk.seeding import escalation
from servicedesk.testing import TUESDAY
from surveys.models import Voice
from surveys.services import hearing
from tickets.models import Ticket
from tickets.services import intake, triage

REPORT = {
    "kind": "incident",
    "service_line": "functional",
    "impact": "moderate",
    "urgency": "high",
    "title": "La nómina quincenal no se timbra",
    "description": "Al timbrar la quincena 5 el proceso termina con el mensaje CFDI33118.",
}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def key_of() -> Callable[..., str]:
    def make(user: User, *scopes: str, days: int = 30) -> str:
        return tokens.issue(user, scopes=scopes or DEFAULT_SCOPES, days=days)[1]

    return make


@pytest.fixture
def api(key_of: Callable[..., str]) -> Callable[..., Any]:
    """`api(user)`: a client that acts for the user with a key of the default scopes, or those given."""

    def connect(user: User, *scopes: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key_of(user, *scopes)}")
        return client

    return connect


@pytest.fixture
def url(ticket: Ticket) -> Callable[..., str]:
    """`url("messages/")`: an address under the cast's ticket."""

    def under(rest: str = "") -> str:
        return f"/api/v1/tickets/{ticket.number}/{rest}"

    return under


@pytest.fixture
def tickets(requester: User, report: Callable[..., Any], clock_at: Any) -> Callable[[int], list[Ticket]]:
    """`tickets(n)`: n tickets of the requester, a minute apart."""

    def make(count: int) -> list[Ticket]:
        made = []
        for index in range(count):
            with clock_at(TUESDAY + timedelta(minutes=index)):
                made.append(intake.receive(report(title=f"Ticket {index}"), by=requester, channel="web"))
        return made

    return make


@pytest.fixture
def matrices(guide: ServiceTerms) -> None:
    """The guide's matrices in force, and the standard rules."""
    escalation.everything(guide)
    caching.forget_all()


@pytest.fixture
def opened(matrices, ticket, agent) -> Ticket:
    return triage.open(ticket, by=agent)


@pytest.fixture
def listed(opened, contract, service) -> Ticket:
    """The ticket with a technical list for its service, and an answer of the desk."""
    Ticket.objects.update(service=service)
    long_ago = opened.created_at - timedelta(days=1)
    matrix = Matrix.objects.create(
        kind="technical", contract=contract, service=service, version=3, valid_from=long_ago, published_at=long_ago
    )
    contact = Contact.objects.create(name="Rosa Meza", email="rosa@mesa.example", mobile="55 5000 0999")
    Level.objects.create(matrix=matrix, level=1, role="Consultor Senior", contact=contact)
    caching.forget_all()
    return Ticket.objects.get(pk=opened.pk)


@pytest.fixture
def complaint(matrices, requester, now) -> Voice:
    """A complaint of the requester to the desk's own area."""
    return hearing.receive(
        hearing.Draft(
            kind="complaint",
            subject="Nadie contesta el teléfono",
            body="Llamé tres veces.",
            direction=escalation.CUSTOMERS,
            area="Mesa de Servicio",
        ),
        by=requester,
        channel="web",
    )


@pytest.fixture
def suggestion(matrices, requester, now) -> Voice:
    draft = hearing.Draft(
        kind="suggestion",
        subject="Avisos por WhatsApp",
        body="Que avisen al cerrar.",
        direction=escalation.CUSTOMERS,
        area="Mesa de Servicio",
    )
    return hearing.receive(draft, by=requester, channel="web")
