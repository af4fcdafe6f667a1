"""The same thing noticed by two at the same moment: one action, one entry, one notice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core import clock
from core.models import Delivery
from customers.models import Company
from improvements.models import CorrectiveAction
from improvements.services import register, sweep
from improvements.services.register import Draft
from improvements.vocabulary import Origin
from servicedesk.seeding import improvements, standard
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None) -> User:
    standard.terms()
    improvements.rules()
    return User.objects.create_user("jefa@example.test", full_name="Jefa", role="supervisor")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, all begun together."""
    found: list[Any] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait(5)
            with clock.at(TUESDAY):
                found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == len(acts)
    return found


def opens(by: User, source_id: int, company: Company | None = None, origin: str = Origin.SURVEY) -> Callable[[], Any]:
    return lambda: register.open_for(
        origin, source_id=source_id, by=by, label="x", title="t", problem="p", company=company
    )


def test_one_thing_noticed_by_many_is_one_action(desk: User) -> None:
    assert len({row.pk for row in at_once(*[opens(desk, 7)] * 6)}) == 1
    assert CorrectiveAction.objects.get().version == 1
    assert Delivery.objects.filter(event="ActionOpened").count() == 1


def test_promises_broken_together_are_one_action_with_every_case(desk: User) -> None:
    company = Company.objects.create(name="Grupo Alborada")
    rows = at_once(*[opens(desk, n, company, Origin.PROMISE) for n in range(1, 7)])
    assert len({row.pk for row in rows}) == 1
    row = CorrectiveAction.objects.get()
    assert (row.sources.count(), row.version, row.entries.count()) == (6, 6, 6)


def test_a_form_sent_twice_at_once_is_one_action(desk: User) -> None:
    draft = Draft(origin=Origin.RCA, title="Título", problem="Qué pasó")
    at_once(*[lambda: register.propose(draft, by=desk)] * 4)
    assert CorrectiveAction.objects.count() == 1


def test_two_sweeps_at_once_tell_once(desk: User) -> None:
    with clock.at(TUESDAY):
        for n in range(1, 6):
            opens(desk, n)()
    late = TUESDAY + timedelta(days=30)
    at_once(*[lambda: sweep.due(late)] * 3)
    assert Delivery.objects.filter(event="ActionOverdue").count() == 5
    assert set(CorrectiveAction.objects.values_list("version", flat=True)) == {2}
