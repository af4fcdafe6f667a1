"""Satisfaction surveys for other tools: who reads whose, who answers, and that the results are the console's."""

from datetime import timedelta

import pytest

from core import clock
from servicedesk.seeding import surveys
from servicedesk.testing import TUESDAY
from surveys.models import Question, Survey, SurveyLimits
from surveys.tests.asking import closed, first, graded

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/surveys/"


@pytest.fixture(autouse=True)
def seeded(guide, now):
    surveys.everything()
    SurveyLimits.objects.update(days_between=0, most_per_month=100)


@pytest.fixture
def make(report, requester, agent, consultant):
    def build(score=None, comment="", **changes):
        survey = Survey.objects.get(ticket=closed(report, requester, agent, consultant, **changes))
        return graded(survey, score, comment) if score else survey

    return build


def body(survey, score, **more):
    return {"answers": [{"question": first(survey.questionnaire).pk, "value": score}], **more}


def test_a_survey_reads_as_it_is(api, make, supervisor, consultant, requester, company, group):
    survey = make(2, "Tardó.")
    got = api(supervisor).get(f"{ADDRESS}{survey.pk}/").json()
    questions = got.pop("questions")
    assert got == {
        "id": survey.pk, "ticket": survey.ticket.number, "person": {"id": requester.pk, "name": requester.full_name},
        "company": {"id": company.pk, "name": company.name}, "service_line": "functional", "service_line_label": "Soporte funcional",
        "group": {"id": group.pk, "name": group.name}, "agent": {"id": consultant.pk, "name": consultant.full_name},
        "state": "answered", "state_label": "Contestada", "left_out": None, "left_out_label": None, "closed_at": "2026-03-10T16:00:00Z",
        "invited_at": "2026-03-10T16:00:00Z", "expires_at": "2026-03-24T16:00:00Z", "answered_at": "2026-03-10T16:00:00Z",
        "changed_at": None, "score": 2, "is_low": True, "comment": "Tardó.", "questionnaire": survey.questionnaire_id,
    }  # fmt: skip
    assert [(row["kind"], row["number"], row["is_required"]) for row in questions] == [
        ("scale", 2, True), ("scale", None, False), ("scale", None, False), ("yes_no", None, False),
    ]  # fmt: skip


def test_each_reads_what_is_theirs(
    api, make, requester, colleague, representative, outsider, consultant, other_consultant, agent, supervisor, bpo
):
    survey = make(5)
    for person in (requester, consultant, supervisor):
        assert [row["id"] for row in api(person).get(ADDRESS).json()["results"]] == [survey.pk], person
    for person in (colleague, representative, outsider, other_consultant, agent, bpo):
        assert api(person).get(ADDRESS).json()["results"] == [], person
        foreign, absent = (api(person).get(f"{ADDRESS}{pk}/") for pk in (survey.pk, 999_999))
        assert foreign.status_code == absent.status_code == 404
        assert foreign.json() == absent.json()


def test_a_customer_does_not_read_who_attended_nor_why_they_were_not_asked(api, make, requester):
    survey = make(5)
    got = api(requester).get(f"{ADDRESS}{survey.pk}/").json()
    assert (got["agent"], got["group"]) == (None, None)
    Survey.objects.filter(pk=survey.pk).update(
        state="left_out", left_out="sample", score=None, answered_at=None, invited_at=None
    )
    assert api(requester).get(ADDRESS).json()["results"] == []


def test_its_person_answers_and_changes(api, make, requester):
    survey = make()
    address = f"{ADDRESS}{survey.pk}/answer/"
    yes = survey.questionnaire.questions.get(kind="yes_no")
    sent = body(survey, 4, comment="Bien.")
    sent["answers"].append({"question": yes.pk, "value": True})
    got = api(requester).post(address, sent, format="json")
    assert got.status_code == 200
    assert (got.json()["score"], got.json()["comment"], got.json()["state"]) == (4, "Bien.", "answered")
    assert got.json()["questions"][3]["number"] == 1
    again = api(requester).post(address, body(survey, 1), format="json").json()
    assert (again["score"], again["comment"], again["questions"][3]["number"]) == (1, None, None)


def test_nobody_else_answers(api, make, colleague, representative, outsider, consultant, supervisor):
    survey = make()
    address = f"{ADDRESS}{survey.pk}/answer/"
    for person, status in (
        (colleague, 404), (representative, 404), (outsider, 404), (consultant, 403), (supervisor, 403),
    ):  # fmt: skip
        assert api(person).post(address, body(survey, 1), format="json").status_code == status, person
    assert Survey.objects.get(pk=survey.pk).state == "invited"


def test_a_key_that_only_reads_does_not_answer(api, make, requester):
    survey = make()
    got = api(requester, "tickets:read").post(f"{ADDRESS}{survey.pk}/answer/", body(survey, 1), format="json")
    assert (got.status_code, got.json()["code"]) == (403, "insufficient_scope")


def test_faults_are_named_where_they_were_sent(api, make, requester):
    survey = make()
    address = f"{ADDRESS}{survey.pk}/answer/"
    grade, time, *_ = survey.questionnaire.questions.order_by("position")
    sent = {"answers": [{"question": time.pk, "value": 9}, {"question": 999_999, "value": 1}]}
    got = api(requester).post(address, sent, format="json")
    assert got.status_code == 400
    assert sorted(fault["field"] for fault in got.json()["errors"]) == ["answers", "answers.0.value"]
    wrong: list[object] = [[], {}, 4.5, None, "", "x" * 3000]
    for value in wrong:
        sent = {"answers": [{"question": grade.pk, "value": value}]}
        assert api(requester).post(address, sent, format="json").status_code == 400, value
    assert api(requester).post(address, {"answers": [], "nota": 1}, format="json").status_code == 400
    assert Survey.objects.get(pk=survey.pk).state == "invited"


def test_what_comes_too_late_is_a_conflict(api, make, requester):
    survey = make()
    client = api(requester)
    with clock.at(survey.expires_at):
        got = client.post(f"{ADDRESS}{survey.pk}/answer/", body(survey, 5), format="json")
    assert (got.status_code, got.json()["code"]) == (409, "expired")


def test_the_list_is_narrowed_by_what_the_contract_names_and_nothing_else(api, make, supervisor, company):
    low, high = make(1), make(5, service_line="technical")
    client = api(supervisor)
    for query, ids in (
        ("low=true", [low.pk]), ("score=4,5", [high.pk]), ("service_line=technical", [high.pk]), ("state=invited", []),
        (f"company={company.pk}", [high.pk, low.pk]), ("company=999", []), ("closed_after=2026-03-11T00:00:00Z", []),
        ("answered_before=2026-03-11T00:00:00Z", [high.pk, low.pk]),
    ):  # fmt: skip
        assert [row["id"] for row in client.get(f"{ADDRESS}?{query}").json()["results"]] == ids, query
    for query in ("state=nada", "low=si", "score=9", "agent=x", "closed_after=ayer", "ordering=score"):
        assert client.get(f"{ADDRESS}?{query}").status_code == 400, query


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries(api, make, supervisor, rows, django_assert_num_queries):
    for _ in range(rows):
        make(4)
    client = api(supervisor)
    client.get(ADDRESS)
    with django_assert_num_queries(2):  # the key with its person, and the surveys
        assert len(client.get(ADDRESS).json()["results"]) == rows


# -- results -----------------------------------------------------------------------------------------------------------


def test_the_results_are_added_up(api, make, supervisor):
    for score in (5, 5, 4, 2):
        make(score)
    make()
    got = api(supervisor, "reports:read").get(f"{ADDRESS}results/").json()
    figures = {
        "asked": 5, "answered": 4, "too_few": False, "mean": 4.0, "satisfied_percent": 75.0, "response_percent": 80.0,
        "counts": {"1": 0, "2": 1, "3": 0, "4": 1, "5": 2},
    }  # fmt: skip
    assert got == {
        "by": "month",
        "least_answers": 5,
        "total": figures,
        "parts": [{"key": "2026-03", "name": "2026-03", **figures}],
    }


def test_a_person_with_too_few_answers_has_no_result(api, make, supervisor, consultant):
    for _ in range(4):
        make(1)
    client = api(supervisor, "reports:read")
    part = client.get(f"{ADDRESS}results/?by=agent").json()["parts"][0]
    assert (part["name"], part["answered"], part["too_few"], part["mean"], part["counts"]) == (
        consultant.full_name, 4, True, None, None,
    )  # fmt: skip
    assert client.get(f"{ADDRESS}results/?agent={consultant.pk}").json()["total"]["mean"] is None
    assert api(consultant, "reports:read").get(f"{ADDRESS}results/?by=line").json()["parts"][0]["mean"] is None
    assert client.get(f"{ADDRESS}results/").json()["total"]["mean"] == 1.0
    make(1)
    assert client.get(f"{ADDRESS}results/?by=agent").json()["parts"][0]["mean"] == 1.0


def test_who_reads_results(api, make, supervisor, consultant, other_consultant, requester, representative, bpo):
    for _ in range(5):
        make(5)
    assert api(consultant, "reports:read").get(f"{ADDRESS}results/").json()["total"]["answered"] == 5
    assert api(other_consultant, "reports:read").get(f"{ADDRESS}results/").json()["total"]["asked"] == 0
    for person in (requester, representative, bpo):
        assert api(person, "reports:read").get(f"{ADDRESS}results/").status_code == 403, person
    assert api(supervisor).get(f"{ADDRESS}results/").json()["code"] == "insufficient_scope"


def test_results_refuse_what_they_do_not_know(api, supervisor):
    client = api(supervisor, "reports:read")
    for query in ("by=mes", "since=ayer", "until=2026-02-31", "company=x", "service_line=otra", "p=1"):
        assert client.get(f"{ADDRESS}results/?{query}").status_code == 400, query


def test_the_period_is_of_the_desks_days_and_both_are_in_it(api, make, supervisor):
    make(5)
    client = api(supervisor, "reports:read")
    for query, asked in (
        ("since=2026-03-10&until=2026-03-10", 1), ("since=2026-03-11", 0), ("until=2026-03-09", 0),
    ):  # fmt: skip
        assert client.get(f"{ADDRESS}results/?{query}").json()["total"]["asked"] == asked, query


# -- questionnaires ----------------------------------------------------------------------------------------------------


def test_questionnaires_are_read_by_the_heads(api, supervisor, consultant, requester, agent):
    got = api(supervisor).get(f"{ADDRESS}questionnaires/").json()["results"]
    assert [(row["service_line"], row["version"], len(row["questions"])) for row in got] == [(None, 1, 4)]
    assert got[0]["questions"][0]["text"] == Question.objects.get(position=1).text
    assert api(supervisor).get(f"{ADDRESS}questionnaires/{got[0]['id']}/").json() == got[0]
    for person in (consultant, requester, agent):
        assert api(person).get(f"{ADDRESS}questionnaires/").status_code == 403, person
    assert api(supervisor).get(f"{ADDRESS}questionnaires/999999/").status_code == 404


def test_an_answer_sent_twice_with_its_key_is_given_once(api, make, requester):
    survey = make()
    client = api(requester)
    address, sent = f"{ADDRESS}{survey.pk}/answer/", body(survey, 3)
    client.post(address, sent, format="json", HTTP_IDEMPOTENCY_KEY="k1")
    with clock.at(TUESDAY + timedelta(minutes=1)):
        again = client.post(address, sent, format="json", HTTP_IDEMPOTENCY_KEY="k1")
    assert again["Idempotent-Replayed"] == "true"
    assert Survey.objects.get(pk=survey.pk).changed_at is None
