"""The page that the solution's mail leads to."""

from datetime import timedelta

import pytest
from django.test import Client

from channels import links
from core import clock
from tickets.models import Message, Ticket
from tickets.services import resolution, triage
from tickets.vocabulary import ClosingCode, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def solved(ticket, agent):
    triage.open(ticket, by=agent)
    return resolution.solve(ticket, by=agent, solution_type="workaround", solution="Reinicie la sesión.")


@pytest.fixture
def address(solved, requester):
    return f"/validar/{links.validation_token(solved, requester)}/"


def test_the_link_shows_the_solution_and_nothing_of_the_conversation(client, solved, address):
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Reinicie la sesión." in page
    assert "Sí, cerrar el ticket" in page
    assert solved.description not in page
    assert "no-store" in answer["Cache-Control"]


def test_following_the_link_changes_nothing_and_signs_nobody_in(client, solved, address):
    for _ in range(3):
        client.get(address)
        client.head(address)
    assert Ticket.objects.get().version == solved.version
    assert client.get("/").status_code == 302


def test_yes_closes_the_ticket_and_the_link_says_so_afterwards(client, solved, address):
    page = client.post(address, {"answer": "accept"}).content.decode()
    row = Ticket.objects.get()
    assert (row.state, row.closing_code) == (State.CLOSED, ClosingCode.APPROVED)
    assert "Gracias, el ticket quedó cerrado" in page
    again = client.post(address, {"answer": "accept"})
    assert (again.status_code, Ticket.objects.get().version) == (200, row.version)
    assert "ya terminó" in again.content.decode()


def test_no_takes_a_reason_and_sends_it_to_review(client, solved, address):
    empty = client.post(address, {"answer": "refuse", "reason": " "})
    assert (empty.status_code, Ticket.objects.get().state) == (422, State.SOLVED)
    assert "Escriba qué sigue fallando." in empty.content.decode()
    page = client.post(address, {"answer": "refuse", "reason": "Sigue igual."}).content.decode()
    assert "Lo devolvimos a revisión" in page
    assert Ticket.objects.get().state == State.ASSIGNED
    assert Message.objects.last().body == "Sigue igual."
    assert client.get(address).status_code == 410


def test_a_post_that_says_neither_closes_nothing(client, solved, address):
    assert client.post(address, {}).status_code == 422
    assert Ticket.objects.get().state == State.SOLVED


def test_an_old_link_explains_itself(client, solved, address, now):
    with clock.at(now + timedelta(days=5)):
        answer = client.get(address)
    assert answer.status_code == 410
    assert "Este enlace ya venció." in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "a:b:c", "W10:1:2", "ñ", "x" * 4000])
def test_a_forged_link_is_not_found(client, token):
    assert client.get(f"/validar/{token}/").status_code == 404


def test_the_buttons_are_protected_against_forged_posts(solved, address):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"answer": "accept"}).status_code == 403
    assert Ticket.objects.get().state == State.SOLVED
