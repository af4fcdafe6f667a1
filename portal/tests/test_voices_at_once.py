"""Several clicks at the same time: one complaint, one vote each, one end (guide 2.2, 3.13)."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import system_actor
from surveys.models import Voice
from surveys.services import hearing, voices
from surveys.services.hearing import Draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("matrices")]
PLACE: dict[str, Any] = {"direction": "Dirección de Servicio al Cliente", "area": "Service Delivery"}


def at_once(people: list[User], send: Callable[[Client], int]) -> list[int]:
    """What each person's sending was answered, all sent together."""
    answers: list[int] = []

    def click(person: User) -> None:
        browser = Client()
        browser.force_login(person)
        answers.append(send(browser))
        connection.close()

    threads = [threading.Thread(target=click, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_four_clicks_present_one_complaint(requester):
    data = {
        "key": str(uuid.uuid4()),
        "kind": "complaint",
        "subject": "Nadie contesta",
        "body": "Llamé tres veces.",
        "where": "no-se",
    }
    assert at_once([requester] * 4, lambda browser: browser.post("/quejas/nueva/", data).status_code) == [302] * 4
    assert Voice.objects.count() == 1


def test_votes_given_together_all_count_once(requester, colleague, representative):
    row = hearing.receive(
        Draft(kind="suggestion", subject="Avisos", body="Por mensaje.", **PLACE), by=requester, channel="web"
    )
    address = f"/sugerencias/{row.number}/votar/"
    people = [colleague, representative] * 2
    assert at_once(people, lambda browser: browser.post(address).status_code) == [302] * 4
    row.refresh_from_db()
    assert (row.votes_count, row.votes.count()) == (2, 2)


def test_agreeing_and_appealing_together_ends_in_one_of_them(requester, representative):
    row = hearing.receive(Draft(kind="complaint", subject="Nadie", body="Nada.", **PLACE), by=requester, channel="web")
    voices.answer(row, by=system_actor(), text="Ya.")
    row.refresh_from_db()
    data = {"version": row.version, "reason": "No."}
    acts = iter(["conforme", "inconforme"])
    lock = threading.Lock()

    def send(browser: Client) -> int:
        with lock:
            act = next(acts)
        return browser.post(f"/quejas/{row.number}/{act}/", data).status_code

    assert at_once([requester, representative], send) == [302, 409]
    row.refresh_from_db()
    assert (row.state, row.appeals) in (("closed", 0), ("in_analysis", 1))
