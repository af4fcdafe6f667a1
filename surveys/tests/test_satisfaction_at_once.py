"""Several of a person's tickets closing at the same moment, and one survey answered twice at once."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from core import clock
from core.models import Delivery
from improvements.models import CorrectiveAction
from servicedesk.seeding import improvements, surveys
from servicedesk.testing import TUESDAY
from surveys.events import LowScore
from surveys.models import Survey, SurveyLimits
from surveys.services import follow_up, satisfaction, survey_sweep
from surveys.tests.asking import first, solved
from tickets.events import TicketClosed
from tickets.services import resolution

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def endings(report, requester, agent, consultant, guide) -> list[TicketClosed]:
    """Six tickets of one requester that closed, none of which has asked yet."""
    surveys.everything()
    improvements.rules()
    with clock.at(TUESDAY):
        rows = [solved(report, requester, agent, consultant) for _ in range(6)]
        for row in rows:
            resolution.accept(row, by=requester)
    Delivery.objects.all().delete()
    return [TicketClosed(ticket_id=row.pk, entry_id=0) for row in rows]


def together(acts: Sequence[Callable[[], object]]) -> list[BaseException]:
    barrier, faults = threading.Barrier(len(acts), timeout=20), []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            with clock.at(TUESDAY):
                act()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_tickets_that_close_at_once_ask_their_person_once(endings):
    assert together([partial(satisfaction.invite, event) for event in endings]) == []
    states = list(Survey.objects.values_list("state", "left_out"))
    assert sorted(states) == [("invited", ""), *[("left_out", "recent")] * 5]


def test_the_most_of_a_month_is_never_passed(endings):
    SurveyLimits.objects.update(days_between=0, most_per_month=2)
    assert together([partial(satisfaction.invite, event) for event in endings]) == []
    assert Survey.objects.filter(state="invited").count() == 2


def test_one_ending_told_many_times_at_once_has_one_survey(endings):
    assert together([lambda: satisfaction.invite(endings[0])] * 4) == []
    assert Survey.objects.count() == 1


def test_answers_at_once_leave_one_answer_and_one_action(endings, supervisor):
    with clock.at(TUESDAY):
        satisfaction.invite(endings[0])
    survey = Survey.objects.get()
    question = first(survey.questionnaire)
    assert together([lambda: satisfaction.answer(survey, answers={question.pk: 1})] * 4) == []
    survey.refresh_from_db()
    assert (survey.score, survey.answers.count(), survey.changed_at) == (1, 1, None)
    assert Delivery.objects.filter(handler__contains="open_action").count() == 1
    assert together([lambda: follow_up.open_action(LowScore(survey_id=survey.pk))] * 3) == []
    assert CorrectiveAction.objects.count() == 1


def test_sweeps_at_once_remind_once(endings):
    with clock.at(TUESDAY):
        satisfaction.invite(endings[0])
    at = TUESDAY + timedelta(days=4)
    assert together([partial(survey_sweep.sweep, at)] * 4) == []
    assert Survey.objects.get().reminders == 1
    assert Delivery.objects.filter(event="SurveyReminded").count() == 1
