"""The messages and reactions as the console shows them."""

import pytest

from channels import links
from channels.models import OutboundMessage, Route
from core.leases import WorkState
from core.models import Delivery
from tickets.services import resolution, triage

MESSAGES = "/admin/channels/outboundmessage/"
REACTIONS = "/admin/core/delivery/"


@pytest.fixture
def message(ticket, mails):
    [row] = mails()
    return row


def test_the_desk_reads_a_message_as_text_and_cannot_change_it(client, message, agent):
    OutboundMessage.objects.update(text="Hola <script>alert(1)</script>", last_error="550 no existe")
    client.force_login(agent)
    page = client.get(MESSAGES).content.decode()
    assert message.address in page
    page = client.get(f"{MESSAGES}{message.pk}/change/").content.decode()
    assert "Hola &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "550 no existe" in page
    assert client.get(f"{MESSAGES}add/").status_code == 403
    assert client.post(f"{MESSAGES}{message.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{MESSAGES}{message.pk}/change/", {"subject": "x"}).status_code == 403


@pytest.mark.parametrize(("path", "model"), [(MESSAGES, OutboundMessage), (REACTIONS, Delivery)])
def test_a_supervisor_gives_what_was_parked_another_set_of_tries(client, ticket, mails, supervisor, path, model, now):
    mails()
    model.objects.update(state=WorkState.PARKED, attempts=8, last_error="550 no existe")
    row = model.objects.first()
    client.force_login(supervisor)
    assert "Volver a intentar" in client.get(path).content.decode()
    chosen = {"action": "try_again", "_selected_action": [row.pk]}
    assert client.get(path, chosen).status_code in (200, 302)
    row.refresh_from_db()
    assert row.state == WorkState.PARKED
    assert client.post(path, chosen).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts) == (WorkState.PENDING, 0)


def test_an_agent_cannot_send_again(client, message, agent):
    OutboundMessage.objects.update(state=WorkState.PARKED)
    client.force_login(agent)
    client.post(MESSAGES, {"action": "try_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.state == WorkState.PARKED


def test_customers_and_consultants_do_not_reach_the_messages(client, message, requester, consultant, agent, group):
    for person in (requester, consultant):
        client.force_login(person)
        assert client.get(MESSAGES).status_code in (302, 403)
        assert client.get(f"{MESSAGES}{message.pk}/change/").status_code in (302, 403)


def test_a_parked_reaction_says_why(client, ticket, supervisor, agent):
    triage.open(ticket, by=agent)
    Delivery.objects.update(state=WorkState.PARKED, last_error="ValueError: algo")
    client.force_login(supervisor)
    page = client.get(f"{REACTIONS}{Delivery.objects.first().pk}/change/").content.decode()
    assert "ValueError: algo" in page
    assert "ticket_id" in page


def test_the_way_out_says_since_when_it_fails(client, supervisor, now):
    Route.objects.create(channel="email", failures=3, failing_since=now, last_error="ConnectionRefusedError")
    client.force_login(supervisor)
    assert "ConnectionRefusedError" in client.get("/admin/channels/route/").content.decode()


def test_nobody_at_the_desk_reads_the_link_by_which_the_customer_validates(client, ticket, mails, agent, requester):
    triage.open(ticket, by=agent)
    solved = resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")
    mails()
    row = OutboundMessage.objects.get(recipient=requester, text__contains="/validar/")
    client.force_login(agent)
    page = client.get(f"{MESSAGES}{row.pk}/change/").content.decode()
    assert "Reinicie la sesión." in page
    assert "/validar/…" in page
    assert links.validation_token(solved, requester).partition(":")[0] not in page
