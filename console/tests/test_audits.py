"""The audits of the clocks in the console, and «Volver a calcular»."""

from datetime import date

import pytest

from core import clock
from sla.models import Clock, ClockAudit, ClockDifference
from sla.tasks import audit_clocks
from sla.tests.conftest import local
from tickets.models import Ticket, TicketEvent
from tickets.services import ending, triage

pytestmark = pytest.mark.django_db
AUDITS, FOUND = "/admin/sla/clockaudit/", "/admin/sla/clockdifference/"
WRONG = local("2026-03-20 12:00")


@pytest.fixture
def difference(ticket, agent, now):
    """The attention's deadline of an open ticket was corrupted, and found."""
    triage.open(ticket, by=agent)
    Clock.objects.filter(ticket=ticket, kind="attention").update(due_at=WRONG)
    Ticket.objects.filter(pk=ticket.pk).update(next_due_at=WRONG)
    ClockAudit.objects.create(day=date(2026, 3, 10), next_at=now)
    audit_clocks()
    return ClockDifference.objects.get()


def page(client, address):
    return client.get(address).content.decode()


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "director", "service_delivery", "admin"])
def test_the_audits_lead_to_what_they_found_and_that_to_the_tickets(client, request, difference, who):
    client.force_login(request.getfixturevalue(who))
    text = page(client, AUDITS)
    assert f'href="{FOUND}?audit__id__exact={difference.audit_id}"' in text
    text = page(client, f"{FOUND}?audit__id__exact={difference.audit_id}")
    assert "contado desde el principio: el 11/03/2026 a las 10:00:00." in text
    assert f'href="/admin/tickets/ticket/{difference.ticket.number}/change/"' in text
    assert page(client, f"{FOUND}?audit__id__exact=999999").count("contado desde el principio") == 0
    for address in (f"{AUDITS}add/", f"{FOUND}add/", f"{AUDITS}{difference.audit_id}/change/"):
        assert client.post(address, {"day": "2026-01-01"}).status_code == 403


def test_a_day_without_differences_says_so(client, agent, now):
    ClockAudit.objects.create(day=date(2026, 3, 10), state="done", done_at=now, total=4, done=4)
    client.force_login(agent)
    assert "Ninguna" in page(client, AUDITS)
    assert "10/03/2026" in page(client, f"{AUDITS}{ClockAudit.objects.get().pk}/change/")


@pytest.mark.parametrize("who", ["supervisor", "admin"])
def test_working_it_out_again_asks_for_a_reason_and_stays_in_history(client, request, difference, who):
    person = request.getfixturevalue(who)
    client.force_login(person)
    address = f"{FOUND}{difference.pk}/change/"
    text = page(client, address)
    assert "La revisión del 10/03/2026 encontró: Vencimiento: el 20/03/2026" in text
    assert "Cómo está ahora" in text
    refused = client.post(address, {"reason": "  "})
    assert refused.status_code == 422
    assert "Escriba por qué se vuelven a calcular." in refused.content.decode()
    assert client.post(address, {"reason": "Se dañó al restaurar."}).status_code == 302
    ticket = Ticket.objects.get(pk=difference.ticket_id)
    assert ticket.next_due_at == local("2026-03-11 10:00")
    entry = TicketEvent.objects.filter(ticket=ticket).latest("sequence")
    assert (entry.kind, entry.actor, entry.data["reason"]) == ("clocks_mended", person, "Se dañó al restaurar.")
    text = page(client, address)
    assert "Ahora coincide" in text
    assert "sus tiempos coinciden" in text
    assert "Se dañó al restaurar." in page(client, f"/admin/tickets/ticket/{ticket.number}/change/")


def test_several_are_worked_out_again_from_the_list(client, supervisor, difference):
    client.force_login(supervisor)
    client.post(FOUND, {"action": "mend", "_selected_action": [difference.pk]})
    assert Ticket.objects.get(pk=difference.ticket_id).next_due_at == local("2026-03-11 10:00")
    assert (
        TicketEvent.objects.latest("pk").data["reason"].startswith("La revisión del 10/03/2026 encontró: Vencimiento")
    )


@pytest.mark.parametrize("who", ["agent", "manager", "service_delivery"])
def test_who_may_only_look_is_told_why_and_changes_nothing(client, request, difference, who):
    client.force_login(request.getfixturevalue(who))
    address = f"{FOUND}{difference.pk}/change/"
    assert "Sólo un supervisor o un administrador" in page(client, address)
    assert client.post(address, {"reason": "x"}).status_code == 422
    client.post(FOUND, {"action": "mend", "_selected_action": [difference.pk]})
    assert Ticket.objects.get(pk=difference.ticket_id).next_due_at == WRONG


@pytest.mark.parametrize("who", ["consultant", "other_consultant", "bpo", "requester", "outsider"])
def test_the_others_do_not_reach_them(client, request, difference, who):
    client.force_login(request.getfixturevalue(who))
    for address in (AUDITS, FOUND, f"{FOUND}{difference.pk}/change/", f"{AUDITS}{difference.audit_id}/change/"):
        assert client.get(address).status_code in (302, 403)
        assert client.post(address, {"reason": "x"}).status_code in (302, 403)
    assert Ticket.objects.get(pk=difference.ticket_id).next_due_at == WRONG


def test_what_ended_meanwhile_stays_as_it_is(client, supervisor, agent, difference):
    with clock.at(local("2026-03-10 11:00")):
        ending.cancel(difference.ticket, by=agent, cause="customer_request", reason="Ya.")
    client.force_login(supervisor)
    address = f"{FOUND}{difference.pk}/change/"
    assert "El ticket ya terminó" in page(client, address)
    answer = client.post(address, {"reason": "x"})
    assert answer.status_code == 422
    assert "sus tiempos quedan como están" in answer.content.decode()


@pytest.mark.parametrize("pk", ["0", "999999", "x", "9" * 30, "1_2"])
def test_what_does_not_exist_is_not_found(client, supervisor, difference, pk):
    client.force_login(supervisor)
    assert client.get(f"{FOUND}{pk}/change/").status_code == 404
