"""Escalation on the working page: the card, the acts, the queue."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core import caching, clock
from escalation.models import Absence, Contact, Escalation, EscalationStep, Level, Matrix
from escalation.services import raising, sweep
from servicedesk.seeding import escalation
from servicedesk.testing import TUESDAY
from tickets.models import Ticket
from tickets.services import conversation, triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(ticket, agent, guide) -> Ticket:
    escalation.everything(guide)
    caching.forget_all()
    return triage.open(ticket, by=agent)


def act(ticket: Ticket, name: str) -> str:
    return reverse("admin:tickets_act", args=[ticket.number, name])


def page(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.number])


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_agent_escalates_for_who_calls(opened, agent):
    client = signed_in(agent)
    form = client.get(act(opened, "escalate")).content.decode()
    assert "Qué dijo el cliente" in form
    answer = client.post(act(opened, "escalate"), {"reason": "Llamó: nadie responde", "version": opened.version})
    assert answer.status_code == 302
    case = Escalation.objects.get(ticket=opened)
    assert (case.level, case.steps.get().cause) == (2, "desk")
    told = client.get(page(opened)).content.decode()
    assert "<b>Teresa Olvera Luna</b>" in told
    assert "se escaló al nivel 2: se avisó a Teresa Olvera Luna" in told


def test_without_a_reason_the_form_comes_back(opened, agent):
    answer = signed_in(agent).post(act(opened, "escalate"), {"reason": " ", "version": opened.version})
    assert answer.status_code == 422
    assert "por qué escala el ticket" in answer.content.decode()
    assert not Escalation.objects.exists()


def test_what_changed_meanwhile_keeps_what_was_typed(opened, agent, requester):
    raising.escalate(opened, by=requester, reason="No me contestan")
    answer = signed_in(agent).post(act(opened, "escalate"), {"reason": "Llamó Lucía", "version": opened.version})
    assert answer.status_code == 409
    assert "Llamó Lucía" in answer.content.decode()


def test_the_supervisor_acknowledges_and_answers(opened, requester, supervisor, now):
    raising.escalate(opened, by=requester, reason="No me contestan")
    client = signed_in(supervisor)
    told = client.get(page(opened)).content.decode()
    assert "«No me contestan»" in told
    assert 'data-act="acknowledge"' in told
    assert 'data-act="escalate"' not in told
    version = Ticket.objects.get(pk=opened.pk).version
    assert client.post(act(opened, "acknowledge"), {"version": version}).status_code == 302
    assert Escalation.objects.get().state == "acknowledged"
    assert client.get(act(opened, "acknowledge")).status_code == 409
    answer = client.post(act(opened, "answer"), {"text": "Hoy queda.", "version": version + 1})
    assert answer.status_code == 302
    assert Escalation.objects.get().state == "answered"
    assert "Hoy queda." in client.get(page(opened)).content.decode()
    assert client.post(act(opened, "answer"), {"text": "Otra.", "version": version + 2}).status_code == 403


def test_a_contact_with_an_account_answers_even_as_a_consultant_of_the_group(
    opened, requester, agent, consultant, group
):
    triage.assign(opened, by=agent, group=group)
    Contact.objects.filter(name="Teresa Olvera Luna").update(user=consultant)
    raising.escalate(opened, by=requester, reason="No me contestan")
    assert 'data-act="acknowledge"' in signed_in(consultant).get(page(opened)).content.decode()


def test_who_may_not_is_offered_nothing_and_refused(opened, requester, bpo, other_consultant):
    raising.escalate(opened, by=requester, reason="No me contestan")
    told = signed_in(bpo).get(page(opened)).content.decode()
    assert "<b>Teresa Olvera Luna</b>" in told
    assert 'data-act="acknowledge"' not in told
    version = Ticket.objects.get(pk=opened.pk).version
    assert signed_in(bpo).post(act(opened, "acknowledge"), {"version": version}).status_code == 403
    assert signed_in(other_consultant).post(act(opened, "acknowledge"), {"version": version}).status_code == 404


def test_what_nobody_answered_in_time_is_said_in_words(opened, requester, supervisor, now):
    raising.escalate(opened, by=requester, reason="No me contestan")
    with clock.at(now + timedelta(minutes=70)):
        assert "No acusó recibo a tiempo" in signed_in(supervisor).get(page(opened)).content.decode()


def test_the_queue_of_the_escalated_holds_what_is_owed(opened, requester, supervisor):
    address = reverse("admin:tickets_ticket_changelist") + "?cola=escalados"
    client = signed_in(supervisor)
    assert opened.number not in client.get(address).content.decode()
    case = raising.escalate(opened, by=requester, reason="No me contestan")
    assert opened.number in client.get(address).content.decode()
    from escalation.services import answering

    answering.answer(case.steps.get(), by=supervisor, text="Hoy queda.")
    assert opened.number not in client.get(address).content.decode()


def test_an_answer_goes_to_nobody_else_than_the_level_that_was_on_the_page(opened, requester, agent, supervisor, now):
    raising.escalate(opened, by=requester, reason="No me contestan")
    version = Ticket.objects.get(pk=opened.pk).version
    with clock.at(now + timedelta(minutes=70)):
        sweep.waits(clock.now())
        answer = signed_in(agent).post(act(opened, "answer"), {"text": "Teresa: hoy queda.", "version": version})
    assert answer.status_code == 409
    assert "Teresa: hoy queda." in answer.content.decode()
    assert list(EscalationStep.objects.order_by("number").values_list("level", "answer")) == [(2, ""), (3, "")]


def test_each_matrix_has_its_own_acts_when_both_wait(
    opened, requester, agent, representative, supervisor, service, now
):
    """The contact of the technical list is not kept waiting by the desk's matrix."""
    begun = now - timedelta(days=1)
    keys = {"kind": "technical", "contract": opened.contract, "service": service}
    matrix = Matrix.objects.create(**keys, version=1, valid_from=begun, published_at=begun)
    Level.objects.create(
        matrix=matrix, level=1, role="Consultor", contact=Contact.objects.get(name="Teresa Olvera Luna")
    )
    Ticket.objects.filter(pk=opened.pk).update(service=service)
    caching.forget_all()
    conversation.reply(opened, by=agent, message="Lo revisamos.")
    raising.escalate(opened, by=representative, reason="Más detalle", kind="technical")
    raising.escalate(opened, by=requester, reason="No me contestan")
    client = signed_in(supervisor)
    told = client.get(page(opened)).content.decode()
    assert all(f'data-act="{name}"' in told for name in ("acknowledge", "acknowledge-technical", "answer-technical"))
    version = Ticket.objects.get(pk=opened.pk).version
    answer = client.post(act(opened, "answer-technical"), {"text": "Es el parche 12.", "version": version})
    assert answer.status_code == 302
    assert dict(Escalation.objects.values_list("kind", "state")) == {
        "technical": "answered",
        "service_desk": "notified",
    }
    told = client.get(page(opened)).content.decode()
    assert 'data-act="answer"' in told
    assert 'data-act="answer-technical"' not in told


def test_the_page_names_who_would_be_told_today(opened, agent):
    """Not who holds the level, when somebody stands in."""
    with clock.at(TUESDAY):
        assert "Al escalar se avisa al nivel 2, Teresa Olvera Luna (Supervisor de Mesa de Servicio)." in (
            signed_in(agent).get(page(opened)).content.decode()
        )
        teresa, julio = Contact.objects.get(name="Teresa Olvera Luna"), Contact.objects.get(name="Julio Bernal Ortiz")
        today = TUESDAY.date()
        Absence.objects.create(contact=teresa, starts_on=today, ends_on=today, substitute=julio)
        caching.forget_all()
        told = signed_in(agent).get(page(opened)).content.decode()
    assert "nivel 2, Julio Bernal Ortiz (Supervisor de Mesa de Servicio), en ausencia de Teresa Olvera Luna." in told
