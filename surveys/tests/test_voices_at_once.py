"""Two people act on the same complaint at the same time: one does it, the other is told."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from core.errors import DomainError, IllegalTransition
from surveys.models import Voice
from surveys.services import hearing, voices, waiting
from surveys.voice_checks import invariants

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[DomainError | None]:
    """What each of the acts was refused with, in their order."""
    ready = threading.Barrier(len(acts))
    found: list[DomainError | None] = [None] * len(acts)

    def run(index: int) -> None:
        try:
            ready.wait(20)
            acts[index]()
        except DomainError as error:
            found[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_two_answers_one_is_given(complaint, agent, supervisor):
    found = at_once(
        lambda: voices.answer(complaint, by=agent, text="La del agente."),
        lambda: voices.answer(complaint, by=supervisor, text="La de la supervisión."),
    )
    assert [type(error) for error in found if error] == [IllegalTransition]
    assert Voice.objects.get().entries.filter(kind="answer").count() == 1
    assert list(invariants()) == []


def test_an_acknowledgement_and_the_sweep_leave_one_truth(complaint, agent):
    due = complaint.next_at
    at_once(lambda: voices.acknowledge(complaint, by=agent), lambda: waiting.sweep(due))
    waiting.sweep(due)
    row = Voice.objects.get()
    assert row.state == "acknowledged"
    assert list(invariants()) == []


def test_an_appeal_and_the_silence_that_closes_it_are_not_both_done(complaint, agent, requester):
    row = voices.answer(complaint, by=agent, text="Ya.")
    due = row.next_at
    assert due is not None
    [refusal, _] = at_once(lambda: voices.appeal(row, by=requester, reason="No."), lambda: waiting.sweep(due))
    kinds = list(Voice.objects.get().entries.order_by("sequence").values_list("kind", flat=True))
    assert ("appeal" in kinds) is (refusal is None)
    assert ("appeal" in kinds) is not ("close_unanswered" in kinds)
    assert list(invariants()) == []


def test_many_are_received_at_once(requester, matrices, draft, now):
    assert at_once(*[lambda: hearing.receive(draft(), by=requester, channel="web")] * 6) == [None] * 6
    assert Voice.objects.count() == 6
    assert list(invariants()) == []
