"""What follows from an answer, or from none: the follow-up of a low grade, reminders, and the end."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.models import OutboundMessage
from core import clock
from core.errors import Refused
from core.tasks import run_deliveries
from improvements.models import CorrectiveAction
from improvements.vocabulary import Origin
from servicedesk.testing import TUESDAY
from surveys.models import Survey
from surveys.services import survey_sweep
from surveys.tests.asking import graded
from surveys.tests.test_satisfaction import close, limits, seeded  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db
# ruff: noqa: F811


# -- low grades --------------------------------------------------------------------------------------------------------


def test_a_low_grade_opens_one_action_of_a_supervisors(close, supervisor):
    survey = close()
    graded(survey, 2, "Tardaron mucho.")
    action = CorrectiveAction.objects.get()
    assert (action.origin, action.owner, action.company) == (Origin.SURVEY, supervisor, survey.company)
    assert "2 de 5" in action.problem
    assert "Tardaron mucho." in action.problem
    assert action.sources.get().source_id == survey.pk


def test_a_fair_grade_opens_none(close, supervisor):
    graded(close(), 3)
    assert not CorrectiveAction.objects.exists()


def test_a_grade_that_is_raised_later_is_a_comment_on_the_action(close, supervisor):
    survey = close()
    graded(survey, 1)
    graded(survey, 5, at=TUESDAY + timedelta(days=1))
    action = CorrectiveAction.objects.get()
    said = action.entries.get(kind="commented").data["text"]
    assert said == "La persona cambió su calificación de 1 a 5 el 11 de marzo, 10:00:00."
    assert action.state == "open"


def test_a_grade_that_falls_later_opens_it_then(close, supervisor):
    survey = close()
    graded(survey, 5)
    graded(survey, 1, at=TUESDAY + timedelta(days=1))
    action = CorrectiveAction.objects.get()
    assert [entry.kind for entry in action.entries.all()] in (["opened"], ["opened", "commented"])


def test_a_grade_that_goes_up_and_down_has_one_action_with_its_story(close, supervisor):
    survey = close()
    for day, score in enumerate((1, 4, 2)):
        graded(survey, score, at=TUESDAY + timedelta(days=day))
    action = CorrectiveAction.objects.get()
    assert action.entries.filter(kind="commented").count() == 2


def test_told_twice_it_opens_and_says_once(close, supervisor):
    from core.models import Delivery

    survey = close()
    graded(survey, 1)
    graded(survey, 4, at=TUESDAY + timedelta(days=1))
    Delivery.objects.filter(handler__contains="follow_up").update(state="pending", done_at=None, attempts=0)
    run_deliveries()
    action = CorrectiveAction.objects.get()
    assert action.entries.filter(kind="commented").count() == 1


def test_where_the_rule_says_so_no_action_opens_by_itself(close, supervisor, manager, consultant, settings):
    from core import caching
    from improvements.models import OriginRule
    from surveys.services import follow_up

    OriginRule.objects.filter(origin=Origin.SURVEY).update(opens_itself=False)
    caching.forget_all()
    survey = close()
    graded(survey, 1)
    assert not CorrectiveAction.objects.exists()
    with pytest.raises(Refused):
        follow_up.start(survey, by=consultant)
    assert follow_up.start(survey, by=manager).owner == supervisor
    assert follow_up.start(survey, by=manager) == CorrectiveAction.objects.get()


# -- reminders and expiry ----------------------------------------------------------------------------------------------


def _swept(at):
    with clock.at(at):
        survey_sweep.sweep(at)
        run_deliveries()


def test_who_has_not_answered_is_reminded_once_and_then_left_in_peace(close):
    survey = close()
    _swept(TUESDAY + timedelta(days=4) - timedelta(seconds=1))
    assert not OutboundMessage.objects.filter(kind="survey_reminded").exists()
    for day in (4, 5, 9, 13):
        _swept(TUESDAY + timedelta(days=day))
    survey.refresh_from_db()
    assert (survey.reminders, survey.next_at, survey.state) == (1, survey.expires_at, "invited")
    assert OutboundMessage.objects.filter(kind="survey_reminded").count() == 1
    _swept(survey.expires_at)
    survey.refresh_from_db()
    assert (survey.state, survey.next_at) == ("expired", None)


def test_a_reminder_of_the_night_waits_for_the_morning(close):
    survey = close()
    night = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)  # 3:00 in Mexico City
    _swept(night)
    survey.refresh_from_db()
    assert (survey.reminders, survey.next_at) == (0, datetime(2026, 3, 15, 14, tzinfo=UTC))


def test_who_answered_is_not_reminded(close):
    survey = close()
    graded(survey, 5)
    _swept(TUESDAY + timedelta(days=30))
    survey.refresh_from_db()
    assert survey.state == "answered"
    assert not OutboundMessage.objects.filter(kind="survey_reminded").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_sweep_costs_the_same_queries_for_many(close, limits, django_assert_num_queries, rows):
    limits(days_between=0, most_per_month=30)
    for _ in range(rows):
        close()
    with django_assert_num_queries(5):  # which, the savepoint's two, the rows locked, their update
        survey_sweep.sweep(TUESDAY + timedelta(days=14))
    assert set(Survey.objects.values_list("state", flat=True)) == {"expired"}
