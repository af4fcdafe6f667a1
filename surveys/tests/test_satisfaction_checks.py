"""What the checks find when somebody wrote past the services, and that they find nothing else."""

from datetime import timedelta

import pytest

from servicedesk.seeding import surveys
from servicedesk.testing import TUESDAY
from surveys.models import Answer, Question, Questionnaire, Survey
from surveys.satisfaction_checks import invariants
from surveys.tests.asking import closed, graded

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(guide, now, report, requester, agent, consultant):
    surveys.everything()
    row = Survey.objects.get(ticket=closed(report, requester, agent, consultant))
    return graded(row, 4, "Bien.")


def test_what_the_services_made_holds(survey):
    assert list(invariants()) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"score": 5}, "its grade is not the answer to its first question"),
        ({"expires_at": None}, "has no moment or no end"),
        ({"next_at": TUESDAY}, "is looked at again"),
        ({"changed_at": TUESDAY - timedelta(days=1)}, "was changed before it was answered"),
        ({"changed_at": TUESDAY + timedelta(days=20)}, "was answered after its end"),
        ({"state": "expired", "score": None, "answered_at": None}, "has answers, and was not answered"),
    ],
)
def test_what_was_written_past_them_is_found(survey, changes, problem):
    Survey.objects.filter(pk=survey.pk).update(**changes)
    assert any(problem in fault for fault in invariants())


def test_an_answer_to_another_questionnaire_is_found(survey):
    other = Questionnaire.objects.create(service_line="technical", version=1)
    question = Question.objects.create(questionnaire=other, position=1, text="¿Otra?", kind="scale", is_required=True)
    Answer.objects.create(survey=survey, question=question, number=9)
    found = " ".join(invariants())
    assert "another questionnaire" in found
    assert "does not take" in found


def test_a_questionnaire_with_faults_or_gaps_is_found(survey):
    Questionnaire.objects.create(service_line="technical", version=3, published_at=TUESDAY)
    found = list(invariants())
    assert any("its versions are [3]" in fault for fault in found)
    assert any("is published with faults" in fault for fault in found)


def test_a_survey_of_a_ticket_that_was_not_solved_is_found(survey):
    from tickets.models import Ticket

    Ticket.objects.filter(pk=survey.ticket_id).update(closing_code="invalid")
    assert any("was not closed as solved" in fault for fault in invariants())
