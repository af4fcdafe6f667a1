"""Several at the same moment: a person asked once, a detractor with one action, a campaign that closes while somebody answers."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.utils import OperationalError

from core import clock
from core.errors import DomainError
from core.tasks import run_deliveries
from improvements.models import ActionSource
from servicedesk.seeding import improvements
from servicedesk.testing import TUESDAY
from surveys import nps_checks
from surveys.events import NpsInvited
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.nps_table import Line
from surveys.services import campaigns, nps, nps_history, nps_sweep
from surveys.tests.nps_cast import draft, of, passing, people, running

pytestmark = pytest.mark.django_db(transaction=True)
LATER = TUESDAY + timedelta(days=1.1)


def at_once(changes: Sequence[Callable[[], object]], *, at=TUESDAY) -> list[str]:
    """What each answered: "done", or the code of the refusal. SQLite, which has one writer, may refuse to wait: that is "busy"."""
    barrier, answers = threading.Barrier(len(changes), timeout=20), []

    def run(change: Callable[[], object]) -> None:
        try:
            barrier.wait()
            with clock.at(at):
                change()
            answers.append("done")
        except DomainError as refusal:
            answers.append(refusal.code)
        except OperationalError:
            answers.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def whole() -> None:
    assert list(nps_checks.invariants()) == []
    asked = Counter(NpsInvitation.objects.values_list("year", "person"))
    assert set(asked.values()) <= {1}


def test_two_campaigns_that_start_at_once_ask_nobody_twice(now, supervisor, company, requester):
    people(company, 40)
    rows = [campaigns.draft(draft(name=f"Campaña {number}"), by=supervisor) for number in range(3)]
    answers = at_once([partial(campaigns.start, row, by=supervisor) for row in rows])
    assert answers.count("done") == 1
    assert set(answers) <= {"done", "asked", "nobody", "busy"}
    assert NpsInvitation.objects.count() == 41
    assert Counter(Campaign.objects.values_list("state", flat=True)) == {"running": 1, "draft": 2}
    whole()


def test_one_campaign_that_is_started_twice_starts_once(now, supervisor, requester):
    row = campaigns.draft(draft(), by=supervisor)
    answers = at_once([lambda: campaigns.start(row, by=supervisor)] * 2)
    assert answers.count("done") == 1
    assert NpsInvitation.objects.count() == 1
    whole()


def test_two_sweeps_at_once_write_to_everybody_once(now, supervisor, company, requester):
    people(company, 60)
    running(supervisor)
    at_once([lambda: nps_sweep.mails(LATER)] * 3, at=LATER)
    nps_sweep.mails(LATER)
    from core.models import Delivery

    assert Delivery.objects.filter(event=NpsInvited.name).count() == 61
    assert not NpsInvitation.objects.exclude(state="invited").exists()
    whole()


def test_a_detractor_who_presses_many_times_has_one_action(now, supervisor, requester):
    improvements.rules()
    running(supervisor)
    passing(1)
    row = of(requester)
    at_once([partial(nps.answer, row, score=score, why="Tardan") for score in (1, 2, 3, 1)], at=LATER)
    with clock.at(LATER):
        run_deliveries()
    assert ActionSource.objects.count() == 1
    whole()


def test_whoever_answers_while_the_campaign_closes_answered_or_not(now, supervisor, company, requester):
    people(company, 8)
    row = running(supervisor)
    passing(1)
    asked = list(NpsInvitation.objects.order_by("pk"))
    answering = [partial(nps.answer, one, score=9) for one in asked[:4]]
    answers = at_once([*answering, lambda: campaigns.close(row, by=supervisor)], at=LATER)
    told = Campaign.objects.get()
    states = Counter(NpsInvitation.objects.values_list("state", flat=True))
    if told.state == "closed":
        counted = told.entries.get(kind="close").data
        assert states == Counter({"answered": counted["answered"], "expired": counted["silent"]}) + Counter()
    assert states["answered"] == NpsInvitation.objects.exclude(score=None).count() <= answers.count("done")
    whole()


def test_two_imports_of_one_year_leave_one(now, supervisor, company):
    lines = [Line(2024, company.pk, company.name, None, "", 9, 1, 1, 1)]
    answers = at_once([partial(nps_history.store, lines, by=supervisor, source=name) for name in ("a", "b")])
    assert answers.count("done") == 1
    assert NpsRecord.objects.count() == 1
