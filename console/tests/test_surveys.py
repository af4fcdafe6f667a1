"""«Encuestas»: who reads whose answers, that the numbers are right, and that low grades are followed up."""

import csv
import io
import re

import pytest

from core import caching
from improvements.models import CorrectiveAction, OriginRule
from improvements.vocabulary import Origin
from servicedesk.seeding import improvements, surveys
from servicedesk.testing import TUESDAY
from surveys.models import Survey, SurveyLimits
from surveys.satisfaction_queries import Narrow, by, results
from surveys.tests.asking import closed, graded

pytestmark = pytest.mark.django_db
RESULTS, ANSWERS, EXPORT = (
    "/admin/surveys/survey/resultados/",
    "/admin/surveys/survey/",
    "/admin/surveys/survey/exportar/",
)


@pytest.fixture(autouse=True)
def seeded(guide, now):
    surveys.everything()
    improvements.rules()
    SurveyLimits.objects.update(days_between=0, most_per_month=1000)


@pytest.fixture
def make(report, requester, agent, consultant):
    def build(score=None, comment="", **changes):
        survey = Survey.objects.get(ticket=closed(report, requester, agent, consultant, **changes))
        return graded(survey, score, comment) if score else survey

    return build


@pytest.fixture
def see(client):
    def get(person, address=RESULTS, **query):
        client.force_login(person)
        return client.get(address, query)

    return get


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_the_heads_see_all_and_others_what_was_said_of_them(see, make, supervisor, admin, service_delivery, consultant):
    make(2, "Tardaron mucho.")
    for person in (supervisor, admin, service_delivery, consultant):
        assert "Tardaron mucho." in see(person, ANSWERS).content.decode(), person


def test_another_agent_reads_nothing_of_it(see, make, agent, other_consultant):
    survey = make(2, "Tardaron mucho.")
    for person in (agent, other_consultant):
        page = see(person, ANSWERS)
        assert page.status_code == 200
        assert "Tardaron mucho." not in page.content.decode()
        assert survey.ticket.number not in see(person, EXPORT).getvalue().decode()
        assert see(person, f"{ANSWERS}{survey.pk}/change/").status_code == 404
        assert "Todavía no hay encuestas" in see(person).content.decode()


def test_a_role_without_the_right_is_refused(see, make, bpo):
    survey = make(5)
    for address in (RESULTS, ANSWERS, EXPORT):
        assert see(bpo, address).status_code == 403
    assert see(bpo, f"{ANSWERS}{survey.pk}/change/").status_code == 404


def test_customers_never_enter(see, make, requester):
    survey = make(5)
    for address in (RESULTS, ANSWERS, EXPORT, f"{ANSWERS}{survey.pk}/change/"):
        assert see(requester, address).status_code in (302, 403, 404)


def test_the_ticket_says_how_its_survey_went_to_those_who_may_know(see, make, supervisor, consultant, agent):
    survey = make(4)
    address = f"/admin/tickets/ticket/{survey.ticket.number}/change/"
    for person, told in ((supervisor, True), (consultant, True), (agent, False)):
        assert ("4 de 5" in see(person, address).content.decode()) is told, person


# -- the numbers -------------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_page(see, make, supervisor, consultant):
    for score in (5, 5, 4, 3, 2):
        make(score)
    make()
    page = " ".join(see(supervisor).content.decode().split())
    for text in ("3.8", "60.0 %", "83.3 %", "de 6 enviadas", "mar 2026", consultant.full_name):
        assert text in page, text


def test_without_answers_there_is_no_zero(see, make, supervisor):
    make()
    page = see(supervisor).content.decode()
    assert "sin respuestas" in page
    assert "0.0" not in page
    figures = results(supervisor, Narrow())
    assert (figures.mean, figures.satisfied, str(figures.rate), figures.answered) == (None, None, "0.0", 0)


def test_one_answer_is_a_result_for_the_desk_and_none_for_a_person(see, make, supervisor, consultant):
    make(4)
    assert str(results(supervisor, Narrow()).mean) == "4.0"
    (part,) = by("agent", supervisor, Narrow())
    assert (part.name, part.figures.is_short, part.figures.mean) == (consultant.full_name, True, None)
    assert "faltan respuestas" in see(supervisor).content.decode()


def test_a_person_reads_their_own_result_from_the_least_on(see, make, consultant):
    for _ in range(4):
        make(4)
    assert "faltan respuestas" in see(consultant).content.decode()
    make(3)
    page = see(consultant).content.decode()
    assert "3.8" in page
    assert "Lo que los clientes dijeron de los tickets que usted atendió." in page


def test_whoever_was_left_out_counts_for_nothing_but_is_told(see, make, supervisor):
    make(5)
    SurveyLimits.objects.update(days_between=7)
    make()
    assert results(supervisor, Narrow()).asked == 1
    assert "Se le preguntó hace poco" in see(supervisor).content.decode()


def test_filters_narrow_and_a_wrong_one_shows_no_number(see, make, supervisor, company, outsider):
    make(5)
    assert "de 1 enviadas" in see(supervisor, compania=company.name, linea="functional").content.decode()
    assert "No se envió ninguna encuesta" in see(supervisor, linea="technical").content.decode()
    assert "No se envió ninguna encuesta" in see(supervisor, desde="2026-03-11").content.decode()
    assert "de 1 enviadas" in see(supervisor, desde="2026-03-10", hasta="2026-03-10").content.decode()
    for query in ({"compania": "Nadie"}, {"desde": "ayer"}, {"desde": "2026-03-10", "hasta": "2026-03-09"}):
        page = see(supervisor, **query).content.decode()
        assert "No se sabe qué mostrar" in page
        assert "de 1 enviadas" not in page
        listed = see(supervisor, ANSWERS, **query).content.decode()
        assert "No se sabe qué mostrar" in listed
        assert 'class="sd-title"' not in listed
    for hostile in ({"linea": "x"}, {"grupo": "1 or 1"}, {"agente": "\x00"}, {"p": "nada"}, {"nota": "9"}):
        for address in (RESULTS, ANSWERS):
            assert see(supervisor, address, **hostile).status_code in (200, 400), hostile


# -- one by one --------------------------------------------------------------------------------------------------------


def test_answers_are_narrowed_by_grade_and_comment(see, make, supervisor):
    make(5, "Muy bien todo.")
    make(1)
    make(4)
    for query, numbers in (({"nota": "bajas"}, 1), ({"nota": "5"}, 1), ({"comentario": "si"}, 1), ({}, 3)):
        assert see(supervisor, ANSWERS, **query).content.decode().count('class="sd-title"') == numbers, query


def test_a_low_grade_leads_to_its_action(see, make, supervisor):
    survey = make(1)
    action = CorrectiveAction.objects.get()
    for address in (ANSWERS, f"{ANSWERS}{survey.pk}/change/"):
        assert action.number in see(supervisor, address).content.decode()


def test_where_none_opened_a_supervisor_opens_it(client, see, make, supervisor, consultant):
    OriginRule.objects.filter(origin=Origin.SURVEY).update(opens_itself=False)
    caching.forget_all()
    survey = make(1)
    address = f"{ANSWERS}{survey.pk}/seguimiento/"
    assert "Abrir acción correctiva" in see(supervisor, f"{ANSWERS}{survey.pk}/change/").content.decode()
    assert "Abrir acción correctiva" not in see(consultant, f"{ANSWERS}{survey.pk}/change/").content.decode()
    client.force_login(consultant)
    client.post(address)
    assert not CorrectiveAction.objects.exists()
    client.force_login(supervisor)
    assert client.get(address).status_code == 405
    client.post(address)
    assert CorrectiveAction.objects.get().owner == supervisor


def test_a_fair_grade_is_not_followed_up(client, make, supervisor):
    survey = make(4)
    client.force_login(supervisor)
    client.post(f"{ANSWERS}{survey.pk}/seguimiento/")
    assert not CorrectiveAction.objects.exists()


def test_a_survey_shows_every_answer_in_words(see, make, supervisor):
    survey = make(4, "Gracias.")
    page = see(supervisor, f"{ANSWERS}{survey.pk}/change/").content.decode()
    assert "4, bien" in page
    assert "Gracias." in page
    unanswered = make()
    assert "Sin respuesta" in see(supervisor, f"{ANSWERS}{unanswered.pk}/change/").content.decode()


# -- files -------------------------------------------------------------------------------------------------------------


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_file_of_answers_holds_what_was_sent(see, make, supervisor, company):
    make(5, "=1+1")
    make()
    head, first, second = rows_of(see(supervisor, EXPORT))
    assert head[:3] == ["Ticket", "Cerrado", "Compañía"]
    assert (first[2], first[11], first[12]) == (company.name, "5", "'=1+1")
    assert (second[7], second[11]) == ("Enviada", "")
    book = see(supervisor, EXPORT, formato="xlsx")
    assert b"".join(book.streaming_content)[:2] == b"PK"


def test_the_file_of_a_table_keeps_the_least(see, make, supervisor, consultant):
    make(5)
    head, row = rows_of(see(supervisor, EXPORT, tabla="agente"))
    assert head[0] == "Quién atendió"
    assert (row[0], row[2], row[8], row[-1]) == (consultant.full_name, "1", "", "faltan respuestas")
    assert rows_of(see(supervisor, EXPORT, tabla="mes"))[1][:9] == [
        "mar 2026", "1", "1", "0", "0", "0", "0", "1", "5.0",
    ]  # fmt: skip


# -- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "queries"), [(RESULTS, 15), (ANSWERS, 9), (EXPORT, 4)])
@pytest.mark.parametrize("rows", [1, 3])
def test_every_page_costs_the_same_queries(client, make, supervisor, rows, address, queries, django_assert_num_queries):
    for _ in range(rows):
        make(1, "Mal.")
    client.force_login(supervisor)
    client.get(address)
    with django_assert_num_queries(queries):
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)


def test_moments_are_of_the_desks_month(make, supervisor):
    from datetime import UTC, datetime

    make(5)
    # 31 March, 23:30 in Mexico City, is already April in UTC.
    Survey.objects.update(closed_at=datetime(2026, 4, 1, 5, 30, tzinfo=UTC))
    (part,) = by("month", supervisor, Narrow())
    assert part.name == "2026-03"
    assert TUESDAY.month == 3


def test_one_persons_result_is_not_cut_so_small_that_nothing_is_left(see, make, consultant):
    for line in ("functional", "technical", "technological", "functional", "technical"):
        make(4, service_line=line)
    page = see(consultant).content.decode()
    assert "4.0" in page
    assert "Por línea de servicio" not in page
    assert "Por mes" in page


def test_what_is_hidden_of_a_person_is_no_zero_either(see, make, supervisor, consultant):
    make(4)
    table = re.search(
        rf"<tr>\s*<th scope=.row.>\s*{consultant.full_name}.*?</tr>", see(supervisor).content.decode(), re.S
    )
    assert re.findall(r"<td>\s*(.*?)\s*</td>", table[0]) == [
        "—", "—", "—", "1", "faltan respuestas", "—", "100 %",
    ]  # fmt: skip
