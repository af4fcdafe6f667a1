"""The page of a satisfaction survey's link: it shows on GET, saves on POST, and says nothing of the ticket but when it closed."""

from datetime import timedelta

import pytest
from django.test import Client

from channels import survey_links
from channels.models import OutboundMessage
from core import clock
from servicedesk.seeding import surveys
from servicedesk.testing import TUESDAY
from surveys import tokens
from surveys.models import Survey
from surveys.tests.asking import closed, first, graded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seeded(guide, now):
    surveys.everything()


@pytest.fixture
def survey(report, requester, agent, consultant) -> Survey:
    return Survey.objects.get(ticket=closed(report, requester, agent, consultant))


def path(survey, token=""):
    return f"/encuesta/{token or tokens.survey_token(survey)}/"


def sent(survey, score, **more):
    return {f"question_{first(survey.questionnaire).pk}": score, "comment": "", **more}


def untouched(survey):
    fresh = Survey.objects.get(pk=survey.pk)
    return fresh.state == "invited" and fresh.answered_at is None and not fresh.answers.exists()


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("query", ["", "?v=1", "?v=5", "?v=9", "?cambiar=1"])
def test_looking_saves_nothing(client, survey, method, query):
    answer = getattr(client, method)(path(survey) + query)
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]
    assert untouched(survey)


def test_the_links_grade_is_marked_and_no_other(client, survey):
    page = client.get(path(survey) + "?v=4").content.decode()
    assert page.count(" checked") == 1
    assert 'value="4" checked' in page
    assert " checked" not in client.get(path(survey) + "?v=9").content.decode()


def test_the_page_says_nothing_of_the_ticket_but_its_day(client, survey, consultant, requester):
    page = client.get(path(survey)).content.decode()
    assert "su solicitud cerrada el 10 de marzo" in page
    for word in (
        survey.ticket.number,
        survey.ticket.title,
        consultant.full_name,
        requester.full_name,
        "Nómina",
        "Alborada",
    ):
        assert word not in page


def test_an_answer_is_saved_thanked_for_and_can_be_changed(client, survey):
    answer = client.post(path(survey), sent(survey, "2", comment="Tardó."), follow=True)
    assert answer.redirect_chain == [(path(survey), 302)]
    page = answer.content.decode()
    assert "Gracias por su respuesta" in page
    assert "2 de 5: mal" in page
    assert "Tardó." in page
    again = client.get(path(survey) + "?cambiar=1").content.decode()
    assert 'value="2" checked' in again
    assert "Tardó." in again
    client.post(path(survey), sent(survey, "5"))
    fresh = Survey.objects.get(pk=survey.pk)
    assert (fresh.score, fresh.comment) == (5, "")


def test_a_second_click_in_the_mail_marks_the_new_grade_and_keeps_the_old_until_it_is_sent(client, survey):
    graded(survey, 4, "Bien.")
    page = client.get(path(survey) + "?v=1").content.decode()
    assert 'value="1" checked' in page
    assert "Bien." in page
    assert Survey.objects.get(pk=survey.pk).score == 4


def test_a_fault_keeps_what_was_typed_and_names_its_question(client, survey):
    answer = client.post(path(survey), sent(survey, "", comment="Casi."))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Elija una calificación." in page
    assert "Casi." in page
    assert untouched(survey)
    long = client.post(path(survey), sent(survey, "5", comment="x" * 2001))
    assert long.status_code == 422
    assert "Su comentario es muy largo" in long.content.decode()
    assert untouched(survey)


def test_a_link_that_ended_explains_itself_and_saves_nothing(client, survey):
    with clock.at(survey.expires_at):
        answer = client.post(path(survey), sent(survey, "5"))
        assert answer.status_code == 410
        assert answer.content.decode().count("El plazo para contestar terminó") == 2, "its title and its heading"
        assert untouched(survey)


def test_what_was_answered_stays_when_the_time_to_change_it_ends(client, survey):
    graded(survey, 4)
    with clock.at(survey.expires_at + timedelta(days=30)):
        answer = client.post(path(survey), sent(survey, "1"))
        assert answer.status_code == 200
        assert "Ya tenemos su respuesta" in answer.content.decode()
    assert Survey.objects.get(pk=survey.pk).score == 4


def test_forged_and_foreign_tokens_are_nobodys(client, survey):
    good = tokens.survey_token(survey)
    from django.core import signing

    foreign = signing.Signer(salt=tokens.NPS_SALT, sep=".").sign(survey.key)
    for token in (good[:-1], good[1:], good.upper(), survey.key, f"{survey.key}.", "x" * 40, foreign):
        assert client.get(path(survey, token)).status_code == 404, token
        assert client.post(path(survey, token), sent(survey, "1")).status_code == 404, token
    assert untouched(survey)


@pytest.mark.parametrize("state", ["left_out", "planned"])
def test_who_was_not_asked_has_no_page(client, survey, state):
    Survey.objects.filter(pk=survey.pk).update(state=state, left_out="sample" if state == "left_out" else "")
    assert client.get(path(survey)).status_code == 404


def test_an_account_that_ended_answers_nothing(client, survey, requester):
    requester.is_active = False
    requester.save()
    assert client.get(path(survey)).status_code == 404


def test_a_form_without_its_key_saves_nothing(survey):
    assert Client(enforce_csrf_checks=True).post(path(survey), sent(survey, "1")).status_code == 403
    assert untouched(survey)


def test_pressed_too_often_keeps_what_was_typed(client, survey, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signed_link": "1/m/key"}
    client.post(path(survey), sent(survey, "5"))
    answer = client.post(path(survey), sent(survey, "1", comment="Otra vez."))
    assert answer.status_code == 429
    assert "Otra vez." in answer.content.decode()


def test_the_mail_has_one_link_per_grade_and_nothing_of_the_ticket(survey, consultant):
    mail = OutboundMessage.objects.get(kind="survey_invited")
    for value in range(1, 6):
        address = survey_links.survey_url(survey, value)
        assert mail.text.count(f"{address}\n") == mail.html.count(f'href="{address}"') == 1
    for word in (survey.ticket.number, survey.ticket.title, consultant.full_name, "Nómina"):
        assert word not in mail.text + mail.html + mail.subject
    assert "cerrada el 10 de marzo" in mail.text
    assert mail.ticket_id is None


def test_a_mail_that_is_overtaken_is_withdrawn(survey):
    from channels import wanted

    mail = OutboundMessage.objects.get(kind="survey_invited")
    assert wanted.objection(mail, at=TUESDAY) == ""
    graded(survey, 5)
    assert wanted.objection(mail, at=TUESDAY) == "La encuesta ya se contestó."
    Survey.objects.filter(pk=survey.pk).update(state="expired", score=None, answered_at=None)
    assert wanted.objection(mail, at=TUESDAY) == "El plazo para contestar la encuesta terminó."


def test_home_tells_of_a_survey_that_waits_to_its_person_alone(client, survey, requester, representative):
    client.force_login(requester)
    assert path(survey) in client.get("/").content.decode()
    client.force_login(representative)
    assert "/encuesta/" not in client.get("/").content.decode()
    graded(survey, 5)
    client.force_login(requester)
    assert "/encuesta/" not in client.get("/").content.decode()
