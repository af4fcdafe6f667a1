"""The technical list is used after the desk has answered (guide 3.5.2); the customer's own words are no answer."""

from datetime import timedelta

import pytest

from core import caching
from core.errors import NotVisible, Refused
from escalation import standing
from escalation.models import Contact, Level, Matrix
from escalation.services import raising
from tickets.models import Ticket
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(ticket, service, agent, admin, matrices, now) -> Ticket:
    """An open ticket whose contract has a technical list for its service."""
    Ticket.objects.filter(pk=ticket.pk).update(service=service)
    row = Matrix.objects.create(
        kind="technical",
        contract=ticket.contract,
        service=service,
        version=1,
        valid_from=now - timedelta(days=1),
        published_at=now - timedelta(days=1),
        published_by=admin,
    )
    contact = Contact.objects.get(name="Teresa Olvera Luna")
    Level.objects.create(matrix=row, level=1, role="Consultor", contact=contact)
    caching.forget_all()
    return triage.open(ticket, by=agent)


def test_what_the_customers_themselves_write_is_no_answer(listed, requester, representative, now):
    for person in (requester, representative):
        conversation.reply(listed, by=person, message="¿Hay novedades?")
    with pytest.raises(Refused) as refused:
        raising.escalate(listed, by=representative, reason="Sin respuesta", kind="technical")
    assert refused.value.code == "not_yet"
    assert standing.of(listed, representative, at=now).technical.may.allowed is False


def test_a_public_answer_of_the_desk_opens_the_list_to_the_representative_alone(
    listed, agent, requester, representative, outsider, now
):
    conversation.reply(listed, by=agent, message="Lo revisamos.")
    for person, refusal in ((requester, Refused), (outsider, NotVisible)):
        with pytest.raises(refusal):
            raising.escalate(listed, by=person, reason="Más detalle", kind="technical")
    assert raising.escalate(listed, by=representative, reason="Más detalle", kind="technical").level == 1
