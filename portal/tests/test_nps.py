"""The page of the yearly question: whom it opens for, what it shows, and that only its button saves."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from core import clock
from surveys import tokens
from surveys.services import campaigns
from surveys.tests.nps_cast import of, passing, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def asked(supervisor, requester, colleague):
    cache.clear()
    running(supervisor)
    passing(1.1)
    return of(requester)


@pytest.fixture
def address(asked):
    return f"/nps/{tokens.nps_token(asked)}/"


def marked(page: str) -> list[str]:
    return re.findall(r'<input[^>]*value="(\d+)"[^>]*checked', page)


def test_it_asks_the_guides_question_and_shows_nothing_else(client, address, asked, ticket):
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    for text in ("¿Cuán probable es que recomiende", "Muy improbable", "Definitivamente lo recomendaría", "¿Por qué?"):
        assert text in page
    for secret in (ticket.number, ticket.title, asked.person.full_name, asked.company.name, "Teresa"):
        assert secret not in page
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("grade", ["0", "7", "10"])
def test_a_mails_link_only_marks_the_grade(client, address, asked, grade):
    for method in (client.get, client.head):
        answer = method(f"{address}?v={grade}")
    assert marked(client.get(f"{address}?v={grade}").content.decode()) == [grade]
    assert answer.status_code == 200
    assert of(asked.person).score is None


@pytest.mark.parametrize("grade", ["11", "-1", "x", "%00", "", "7&v=8&cambiar=1"])
def test_an_odd_grade_in_the_address_marks_nothing_or_the_last(client, address, grade):
    answer = client.get(f"{address}?v={grade}")
    assert answer.status_code == 200
    assert marked(answer.content.decode()) in ([], ["8"])


@pytest.mark.parametrize(
    ("score", "words"),
    [("10", "Gracias por recomendarnos"), ("7", "Gracias por su respuesta"), ("3", "se comunicará con usted")],
)
def test_the_thanks_suit_the_answer(client, address, asked, score, words):
    answer = client.post(address, {"score": score, "why": "Por <b>algo</b>"}, follow=True)
    page = answer.content.decode()
    assert words in page
    assert "Por &lt;b&gt;algo&lt;/b&gt;" in page
    assert (of(asked.person).score, of(asked.person).why) == (int(score), "Por <b>algo</b>")


def test_the_answer_may_be_changed_until_the_campaign_closes(client, address, asked, supervisor):
    client.post(address, {"score": "2", "why": "Tardan"})
    page = client.get(f"{address}?cambiar=1").content.decode()
    assert marked(page) == ["2"]
    assert "Tardan" in page
    assert "Ya nos contestó" in page
    assert marked(client.get(f"{address}?v=9").content.decode()) == ["9"]
    client.post(address, {"score": "9", "why": "Ya mejoraron"})
    assert of(asked.person).score == 9
    campaigns.close(asked.campaign, by=supervisor)
    over = client.get(address)
    assert over.status_code == 200
    assert "ya tenemos su respuesta" in over.content.decode()
    assert client.post(address, {"score": "0"}).status_code == 200
    assert of(asked.person).score == 9


def test_who_comes_too_late_is_told_so(client, address, asked):
    with clock.at(clock.now() + timedelta(days=33)):
        for answer in (client.get(address), client.post(address, {"score": "9"})):
            assert answer.status_code == 410
            assert answer.content.decode().count("El plazo para contestar terminó") == 2, "its title and its heading"
    assert of(asked.person).score is None


@pytest.mark.parametrize("data", [{}, {"score": ""}, {"score": "11"}, {"score": "9", "why": "x" * 4001}])
def test_a_refused_form_says_why_and_loses_nothing(client, address, asked, data):
    answer = client.post(address, {"why": "Lo que escribí", **data})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Elija una calificación de 0 a 10." in page or "caben 4,000" in page
    assert "Lo que escribí" in page or "xxxx" in page
    assert of(asked.person).score is None


def test_a_forged_cut_or_foreign_token_is_no_page(client, address, asked, supervisor, colleague):
    token = tokens.nps_token(asked)
    swapped = asked.key + "." + tokens.nps_token(of(colleague)).split(".")[1]
    for bad in ("x", token[:-1], token + "x", asked.key, swapped):
        assert client.get(f"/nps/{bad}/").status_code == 404
        assert client.post(f"/nps/{bad}/", {"score": "9"}).status_code == 404
    assert client.get(f"/encuesta/{token}/").status_code == 404


def test_whoever_was_not_asked_yet_or_is_gone_has_no_page(client, address, asked):
    asked.person.is_active = False
    asked.person.save()
    assert client.get(address).status_code == 404


def test_without_its_token_a_form_saves_nothing(address, asked):
    answer = Client(enforce_csrf_checks=True).post(address, {"score": "9"})
    assert answer.status_code == 403
    assert of(asked.person).score is None


def test_home_says_that_an_opinion_is_missing_until_it_is_given(client, address, asked, colleague, outsider):
    client.force_login(asked.person)
    with clock.at(clock.now() + timedelta(days=1.2)):
        page = client.get("/").content.decode()
        assert "Nos falta su opinión" in page
        assert address in page
        client.post(address, {"score": "9"})
        assert "Nos falta su opinión" not in client.get("/").content.decode()
    client.force_login(outsider)
    assert address not in client.get("/").content.decode()
