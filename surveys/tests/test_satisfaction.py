"""Whom a closed ticket asks, how often, and what becomes of the answers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from channels.models import OutboundMessage
from core import clock
from core.errors import InvalidInput, NotVisible, Refused
from core.tasks import run_deliveries
from customers.models import Company, ValidUser
from servicedesk.seeding import improvements, surveys
from servicedesk.testing import TUESDAY
from surveys.models import Answer, Question, Questionnaire, Survey, SurveyLimits
from surveys.questionnaires import in_force
from surveys.services import satisfaction
from surveys.tests.asking import closed, first, graded, solved
from tickets.events import TicketClosed
from tickets.services import ending, resolution, triage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seeded(guide, now):
    surveys.everything()
    improvements.rules()


@pytest.fixture
def close(report, requester, agent, consultant):
    """`close(at=…)`: another ticket of the requester's closes, and its survey."""

    def build(at=TUESDAY, by=None, **changes):
        with clock.at(at):
            ticket = closed(report, by or requester, agent, consultant, **changes)
            return Survey.objects.filter(ticket=ticket).first()

    return build


@pytest.fixture
def limits():
    def build(**values):
        SurveyLimits.objects.update_or_create(pk=1, defaults=values)

    return build


# -- who is asked ------------------------------------------------------------------------------------------------------


def test_an_accepted_ticket_asks_its_requester_about_who_attended_it(close, requester, consultant, group):
    survey = close()
    assert (survey.state, survey.left_out, survey.person, survey.agent, survey.group) == (
        "invited", "", requester, consultant, group,
    )  # fmt: skip
    assert survey.closed_at == survey.invited_at == TUESDAY
    assert survey.expires_at == TUESDAY + timedelta(days=14)
    assert survey.next_at == TUESDAY + timedelta(days=4)
    mail = OutboundMessage.objects.get(kind="survey_invited")
    assert mail.address == requester.email


def test_a_ticket_that_closed_in_silence_asks_too(report, requester, agent, consultant):
    ticket = solved(report, requester, agent, consultant)
    with clock.at(TUESDAY + timedelta(hours=73)):
        resolution.auto_close(ticket)
        run_deliveries()
    assert Survey.objects.get(ticket=ticket).state == "invited"


def test_nobody_is_asked_about_what_nobody_attended(report, requester, agent, consultant):
    from tickets.services import intake

    rejected = intake.receive(report(), by=requester, channel="web")
    triage.reject(rejected, by=agent, reason="No es del contrato.")
    cancelled = intake.receive(report(), by=requester, channel="web")
    ending.cancel(cancelled, by=requester, reason="Ya no hace falta.")
    invalid = intake.receive(report(), by=requester, channel="web")
    triage.open(invalid, by=agent)
    ending.close_as_invalid(invalid, by=agent, reason="Falta la autorización.")
    run_deliveries()
    assert not Survey.objects.exists()


def test_who_solved_it_is_graded_where_nobody_had_taken_it(report, requester, agent, desk_group):
    from tickets.services import intake

    row = intake.receive(report(), by=requester, channel="web")
    triage.open(row, by=agent)
    resolution.solve(row, by=agent, solution_type="definitive", solution="Se corrigió.")
    resolution.accept(row, by=requester)
    run_deliveries()
    assert Survey.objects.get().agent == agent


def test_nothing_happens_while_no_questionnaire_is_published(close):
    Questionnaire.objects.update(published_at=None)
    assert close() is None


def test_somebody_whose_account_ended_is_not_asked(report, requester, agent, consultant):
    ticket = solved(report, requester, agent, consultant)
    requester.is_active = False
    requester.save()
    resolution.accept(ticket, by=agent, note="Lo dijo por teléfono.")
    run_deliveries()
    survey = Survey.objects.get()
    assert (survey.state, survey.left_out, survey.invited_at, survey.next_at) == ("left_out", "inactive", None, None)
    assert not OutboundMessage.objects.filter(kind="survey_invited").exists()


def test_somebody_who_went_to_another_company_is_not_asked_about_the_first(report, requester, agent, consultant):
    ticket = solved(report, requester, agent, consultant)
    ValidUser.objects.filter(user=requester).update(company=Company.objects.create(name="Otra"))
    resolution.accept(ticket, by=agent, note="Lo dijo por teléfono.")
    run_deliveries()
    assert Survey.objects.get().left_out == "inactive"


def test_the_same_fact_told_twice_asks_once(close):
    survey = close()
    event = TicketClosed(ticket_id=survey.ticket_id, entry_id=0)
    satisfaction.invite(event)
    run_deliveries()
    assert Survey.objects.count() == 1
    assert OutboundMessage.objects.filter(kind="survey_invited").count() == 1


def test_at_night_it_waits_for_the_morning_of_the_person(close):
    night = datetime(2026, 3, 11, 8, 30, tzinfo=UTC)  # 2:30 in Mexico City
    survey = close(at=night)
    assert survey.invited_at == datetime(2026, 3, 11, 14, tzinfo=UTC)
    assert OutboundMessage.objects.get(kind="survey_invited").next_at == survey.invited_at


# -- sampling ----------------------------------------------------------------------------------------------------------


def test_the_sample_decides_the_same_every_time_and_takes_its_share():
    keys = [f"{number:032x}" for number in range(4000)]
    taken = [key for key in keys if satisfaction.is_sampled(key, 30)]
    assert taken == [key for key in keys if satisfaction.is_sampled(key, 30)]
    assert 0.27 < len(taken) / len(keys) < 0.33
    assert set(taken) <= {key for key in keys if satisfaction.is_sampled(key, 31)}
    assert all(satisfaction.is_sampled(key, 100) for key in keys)
    assert not any(satisfaction.is_sampled(key, 0) for key in keys)


def test_who_is_not_in_the_sample_has_a_row_that_says_so(close):
    Questionnaire.objects.update(sample_percent=0)
    survey = close()
    assert (survey.state, survey.left_out) == ("left_out", "sample")


# -- how often ---------------------------------------------------------------------------------------------------------


def test_nobody_is_asked_again_within_the_days_between(close, limits):
    limits(days_between=7, most_per_month=30)
    assert close().state == "invited"
    early = close(at=TUESDAY + timedelta(days=7) - timedelta(seconds=1))
    assert (early.state, early.left_out) == ("left_out", "recent")
    assert close(at=TUESDAY + timedelta(days=7)).state == "invited"


def test_nobody_is_asked_more_than_the_most_in_thirty_days(close, limits):
    limits(days_between=0, most_per_month=2)
    assert [close(at=TUESDAY + timedelta(days=day)).left_out for day in (0, 10, 20)] == ["", "", "often"]
    last = TUESDAY + timedelta(days=30)
    assert close(at=last - timedelta(seconds=1)).left_out == "often"
    assert close(at=last).left_out == ""


def test_the_limits_count_across_lines(close, limits):
    limits(days_between=7, most_per_month=3)
    assert close(service_line="functional").left_out == ""
    assert close(service_line="technical").left_out == "recent"


def test_the_limits_are_of_each_person(close, colleague):
    assert close().left_out == ""
    assert close(by=colleague).left_out == ""


def test_the_days_between_are_counted_between_sendings(close, limits):
    limits(days_between=1, most_per_month=30)
    night = datetime(2026, 3, 11, 8, 30, tzinfo=UTC)  # 2:30 in Mexico City: it leaves at 8:00
    assert close(at=night).left_out == ""
    assert close(at=night + timedelta(hours=1)).left_out == "recent"
    assert close(at=night + timedelta(days=1)).left_out == ""


def test_who_was_left_out_does_not_count(close, limits):
    limits(days_between=7, most_per_month=3)
    close()
    close(at=TUESDAY + timedelta(days=6))
    assert close(at=TUESDAY + timedelta(days=8)).left_out == ""


# -- which questionnaire -----------------------------------------------------------------------------------------------


def _published(line, version=1, **values):
    row = Questionnaire.objects.create(service_line=line, version=version, published_at=TUESDAY, **values)
    Question.objects.create(questionnaire=row, position=1, kind="scale", text="¿Cómo califica?", is_required=True)
    return row


def test_the_lines_own_questionnaire_goes_before_the_general_one(close):
    own = _published("functional")
    assert close().questionnaire == own
    assert in_force("technical").service_line == ""


def test_a_survey_keeps_the_version_it_was_sent_with(close):
    survey = close()
    newer = _published("", version=2)
    survey.refresh_from_db()
    assert survey.questionnaire.version == 1
    assert in_force("functional") == newer


def test_a_draft_asks_nobody():
    Questionnaire.objects.create(service_line="", version=2)
    assert in_force("functional").version == 1


# -- answering ---------------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_question_by_question(close):
    survey = close()
    grade, time, _, solved_it = survey.questionnaire.questions.order_by("position")
    row = satisfaction.answer(survey, answers={grade.pk: "5", time.pk: 4, solved_it.pk: "no"}, comment=" Bien. ")
    assert (row.state, row.score, row.comment, row.answered_at, row.changed_at, row.next_at) == (
        "answered", 5, "Bien.", TUESDAY, None, None,
    )  # fmt: skip
    assert dict(row.answers.values_list("question", "number")) == {grade.pk: 5, time.pk: 4, solved_it.pk: 0}


def test_the_same_answer_again_changes_nothing(close):
    survey = close()
    later = TUESDAY + timedelta(minutes=5)
    graded(survey, 4, "Bien.")
    row = graded(survey, 4, "Bien.", at=later)
    assert (row.answered_at, row.changed_at) == (TUESDAY, None)


def test_an_answer_can_be_changed_until_the_survey_ends(close):
    survey = close()
    graded(survey, 4)
    last = survey.expires_at - timedelta(seconds=1)
    row = graded(survey, 5, "Mejor.", at=last)
    assert (row.score, row.comment, row.answered_at, row.changed_at) == (5, "Mejor.", TUESDAY, last)
    with pytest.raises(Refused) as refused:
        satisfaction.answer(survey, answers={first(survey.questionnaire).pk: 1}, at=survey.expires_at)
    assert refused.value.code == "closed"


def test_an_answer_that_is_left_out_later_is_gone(close):
    survey = close()
    grade, time, *_ = survey.questionnaire.questions.order_by("position")
    satisfaction.answer(survey, answers={grade.pk: 5, time.pk: 4})
    satisfaction.answer(survey, answers={grade.pk: 5})
    assert Answer.objects.get().question == grade


def test_what_came_too_late_is_refused(close):
    survey = close()
    with pytest.raises(Refused) as refused:
        satisfaction.answer(survey, answers={first(survey.questionnaire).pk: 5}, at=survey.expires_at)
    assert refused.value.code == "expired"


@pytest.mark.parametrize("value", [None, "", "0", "6", "4.5", "cinco", -1, True])
def test_the_grade_is_obligatory_and_of_one_to_five(close, value):
    survey = close()
    question = first(survey.questionnaire)
    with pytest.raises(InvalidInput) as invalid:
        satisfaction.answer(survey, answers={question.pk: value})
    assert list(invalid.value.errors) == [f"question_{question.pk}"]
    survey.refresh_from_db()
    assert survey.state == "invited"


def test_every_fault_is_told_at_once(close):
    survey = close()
    grade, time, _, yes = survey.questionnaire.questions.order_by("position")
    with pytest.raises(InvalidInput) as invalid:
        satisfaction.answer(survey, answers={time.pk: 9, yes.pk: "quizá", 999999: 1}, comment="x" * 3)
    assert set(invalid.value.errors) == {f"question_{row.pk}" for row in (grade, time, yes)} | {"answers"}


def test_a_choice_is_one_of_its_options(close):
    survey = close()
    question = Question.objects.create(
        questionnaire=survey.questionnaire, position=9, kind="choice", text="¿Por dónde?", options="Correo\nPortal"
    )
    grade = first(survey.questionnaire)
    with pytest.raises(InvalidInput):
        satisfaction.answer(survey, answers={grade.pk: 5, question.pk: "Fax"})
    satisfaction.answer(survey, answers={grade.pk: 5, question.pk: "Portal"})
    assert Answer.objects.get(question=question).text == "Portal"


def test_only_its_person_answers_when_signed_in(close, colleague, representative, outsider, requester, supervisor):
    survey = close()
    question = first(survey.questionnaire)
    for person in (colleague, representative, outsider, supervisor):
        with pytest.raises(NotVisible):
            satisfaction.answer(survey, answers={question.pk: 5}, by=person)
    assert satisfaction.answer(survey, answers={question.pk: 5}, by=requester).score == 5


def test_whoever_was_left_out_answers_nothing(close):
    Questionnaire.objects.update(sample_percent=0)
    survey = close()
    with pytest.raises(NotVisible):
        satisfaction.answer(survey, answers={first(survey.questionnaire).pk: 5})


def test_the_database_refuses_an_answer_without_a_grade(close):
    survey = close()
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(state="answered")
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(state="left_out")
