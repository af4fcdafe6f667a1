"""The «Registro de Quejas»: its queues and counts, filters, search and files, and who finds what in it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import load_workbook

from console import queues, voice_queues
from core import clock
from servicedesk.testing import TUESDAY
from surveys.models import Voice
from surveys.services import hearing, voices
from surveys.services.waiting import sweep

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/surveys/voice/"
EXPORT = f"{ADDRESS}exportar/"


@pytest.fixture(autouse=True)
def working_tuesday(now):
    return now


@pytest.fixture
def heard(requester, matrices, draft):
    def build(by=requester, minutes=0, **changes) -> Voice:
        with clock.at(TUESDAY + timedelta(minutes=minutes)):
            return hearing.receive(draft(**changes), by=by, channel="web")

    return build


def shown(response) -> list[int]:
    return [row["voice"].pk for row in response.context["rows"]]


def read(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_each_queue_holds_what_its_name_says(heard, agent, supervisor, requester):
    new, taken, late, appealed, answered, closed = (heard(minutes=i) for i in range(6))
    idea = heard(kind="suggestion")
    voices.acknowledge(taken, by=supervisor)
    Voice.objects.filter(pk=late.pk).update(next_at=TUESDAY - timedelta(minutes=1))
    for row in (appealed, answered, closed):
        voices.answer(row, by=supervisor, text="Ya.")
    voices.appeal(appealed, by=requester, reason="No responde.")
    voices.agree(closed, by=requester)
    held = {
        key: set(voice_queues.voices_of(queue, agent, TUESDAY).values_list("pk", flat=True))
        for key, queue in voice_queues.QUEUES.items()
    }
    assert held["por-acusar"] == {new.pk, late.pk, idea.pk}
    assert held["por-responder"] == {taken.pk, appealed.pk}
    assert held["vencidas"] == {late.pk}
    assert held["apeladas"] == {appealed.pk}
    assert held["esperan-cliente"] == {answered.pk}
    assert held["sugerencias"] == {idea.pk}
    assert held["cerradas"] == {closed.pk}
    assert len(held["todas"]) == 7
    counted = queues.counts(agent, TUESDAY)
    assert {key: counted[f"voz-{key}"] for key in ("por-acusar", "vencidas", "sugerencias")} == {
        "por-acusar": 3,
        "vencidas": 1,
        "sugerencias": 1,
    }


@pytest.mark.parametrize("queue", ["todas", "por-acusar", "vencidas"])
def test_the_list_costs_the_same_with_one_row_and_with_three(client, agent, desk_group, heard, queue):
    client.force_login(agent)
    heard()
    Voice.objects.update(next_at=TUESDAY)
    client.get(ADDRESS, {"cola": queue})
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS, {"cola": queue})
    heard(minutes=1)
    heard(minutes=2)
    Voice.objects.update(next_at=TUESDAY)
    with CaptureQueriesContext(connection) as three:
        response = client.get(ADDRESS, {"cola": queue})
    assert len(shown(response)) == 3
    assert len(three) == len(one) == LIST_QUERIES, "\n".join(q["sql"][:200] for q in three.captured_queries)


LIST_QUERIES = 6
"""Session, person, their groups, the page, its levels told, the sidebar's counts."""


def test_what_falls_due_next_is_said_and_what_is_late_is_marked(client, agent, heard):
    row = heard()
    client.force_login(agent)
    (line,) = client.get(ADDRESS).context["rows"]
    assert (line["due"]["status"], line["late"]) == ("running", False)
    assert line["due"]["when"].startswith("acuse: hoy")
    with clock.at(row.next_at + timedelta(minutes=1)):
        (line,) = client.get(ADDRESS).context["rows"]
        assert (line["due"]["status"], line["late"]) == ("breached", True)
        sweep(clock.now())
        page = client.get(ADDRESS)
        (line,) = page.context["rows"]
        assert (line["due"]["status"], line["late"]) == ("running", True)
        assert "Nivel 2, Marta Quiroga Vela" in page.content.decode()
        assert "Vencida" in page.content.decode()


def test_the_customers_time_to_disagree_is_said(client, agent, heard, supervisor):
    voices.answer(heard(), by=supervisor, text="Ya.")
    client.force_login(agent)
    (line,) = client.get(ADDRESS).context["rows"]
    assert line["due"]["words"].startswith("se cierra sola")


def test_filters_narrow_and_cost_no_query(client, agent, heard, outsider):
    row, other = heard(), heard(by=outsider, area="Monitoreo", kind="suggestion")
    client.force_login(agent)
    client.get(ADDRESS)
    everything = "?tipo=complaint&compania=alborada&area=Mesa+de+Servicio&mes=2026-03&nivel=1"
    everything += "&direccion=Direcci%C3%B3n+de+Servicio+al+Cliente"
    with CaptureQueriesContext(connection) as narrowed:
        response = client.get(ADDRESS + everything)
    assert shown(response) == [row.pk]
    assert len(narrowed) == LIST_QUERIES
    assert "Mes: marzo de 2026" in response.content.decode()
    for query, found in (
        ("?tipo=suggestion", [other.pk]),
        ("?area=Monitoreo", [other.pk]),
        ("?compania=%3DTextiles+Ixtl%C3%A1n", [other.pk]),
        ("?mes=2026-02", []),
        ("?nivel=2", []),
        ("?area=No+existe", []),
        ("?mes=2026-13&nivel=x&tipo=y&cola=z&p=basura", [other.pk, row.pk]),
        ("?mes=%00&nivel=99999999999999999999&compania=%00", [other.pk, row.pk]),
    ):
        assert shown(client.get(ADDRESS + query)) == found, query


def test_a_number_goes_straight_to_its_page_and_a_text_is_searched_in_every_state(client, agent, heard, requester):
    row = heard()
    voices.withdraw(row, by=requester)
    client.force_login(agent)
    assert client.get(ADDRESS, {"q": row.number.lower()})["Location"] == f"{ADDRESS}{row.pk}/change/"
    for text in ("contesta", "HERRERA", "alborada", requester.email):
        assert shown(client.get(ADDRESS, {"q": text, "cola": "por-acusar"})) == [row.pk], text
    for text in ("nada que ver", "QS999999", "QS999999999999999999", "nadie@example.test"):
        assert shown(client.get(ADDRESS, {"q": text})) == [], text


def test_pages_go_on_where_the_last_one_ended(client, agent, heard, monkeypatch):
    from console import keyset

    rows = [heard(minutes=i).pk for i in range(5)]
    found, cursor = [], ""
    while True:
        page = keyset.page_of(voice_queues.voices_of(voice_queues.FIRST, agent, TUESDAY), "voice_recent", cursor, 2)
        found += [row.pk for row in page.rows]
        if not (cursor := page.next):
            break
    assert found == rows[::-1]


def test_a_consultant_finds_only_what_they_wrote_down(client, consultant, other_consultant, heard, requester):
    heard()
    own = heard(by=consultant, author=requester)
    client.force_login(consultant)
    assert shown(client.get(ADDRESS)) == [own.pk]
    assert queues.counts(consultant, TUESDAY)["voz-por-acusar"] == 1
    assert queues.counts(other_consultant, TUESDAY)["voz-por-acusar"] == 0
    client.force_login(other_consultant)
    assert shown(client.get(ADDRESS)) == []
    assert len(read(client.get(EXPORT))) == 1


def test_whoever_it_points_at_finds_it_nowhere(client, agent, supervisor, manager, heard, requester):
    row = heard(by=supervisor, author=requester, pointed_at=[agent, manager])
    for person in (agent, manager):
        client.force_login(person)
        assert shown(client.get(ADDRESS)) == []
        assert shown(client.get(ADDRESS, {"q": "contesta"})) == []
        assert client.get(ADDRESS, {"q": row.number}).status_code == 200
        assert queues.counts(person, TUESDAY)["voz-por-acusar"] == 0
        assert len(read(client.get(EXPORT))) == len(read(client.get(EXPORT, {"con": "historial"}))) == 1
    client.force_login(supervisor)
    assert shown(client.get(ADDRESS)) == [row.pk]


def test_the_file_holds_what_the_list_shows(client, agent, heard, supervisor, outsider):
    row = heard(subject="=1+1")
    heard(by=outsider)
    voices.answer(row, by=supervisor, text="Ya contestamos.")
    client.force_login(agent)
    answer = client.get(EXPORT, {"compania": "alborada"})
    assert answer["Content-Disposition"] == 'attachment; filename="registro-de-quejas.csv"'
    head, line = read(answer)
    told = dict(zip(head, line, strict=True))
    assert told["Número"] == row.number
    assert told["Asunto"] == "'=1+1"
    assert (told["Recibida"], told["A tiempo"], told["Situación"]) == ("2026-03-10 10:00", "Sí", "Respondida")
    assert (told["Respuesta al cliente"], told["Quién respondió"]) == ("Ya contestamos.", supervisor.full_name)


def test_the_history_is_one_row_for_each_thing_done(client, agent, heard, supervisor):
    row = heard()
    voices.note(row, by=supervisor, text="Es el turno de la mañana.")
    client.force_login(agent)
    head, *lines = read(client.get(EXPORT, {"con": "historial"}))
    told = [dict(zip(head, line, strict=True)) for line in lines]
    assert [line["Suceso"] for line in told] == ["1", "2", "3"]
    assert told[0]["Qué se hizo"].startswith("Lucía Herrera Montaño registró la queja")
    assert (told[2]["Qué se dijo"], told[2]["Lo ve el cliente"]) == ("Es el turno de la mañana.", "No")


def test_a_workbook_holds_the_same(client, agent, heard):
    row = heard()
    client.force_login(agent)
    answer = client.get(EXPORT, {"formato": "xlsx"})
    rows = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert [line[:2] for line in rows] == [["Número", "Tipo"], [row.number, "Queja"]]


def test_the_files_cost_the_same_for_one_and_for_three(client, agent, heard):
    client.force_login(agent)
    spent = []
    for _ in range(3):
        heard()
        for query in ({}, {"con": "historial"}):
            with CaptureQueriesContext(connection) as queries:
                read(client.get(EXPORT, query))
            spent.append(len(queries))
    assert spent[:2] == spent[2:4] == spent[4:]


def test_nothing_is_done_by_looking(client, agent, heard):
    row = heard()
    client.force_login(agent)
    assert client.post(ADDRESS).status_code == 405
    assert client.post(EXPORT).status_code == 405
    assert Voice.objects.get(pk=row.pk).version == row.version


@pytest.mark.parametrize("who", ["requester", "representative", "outsider"])
def test_customers_never_enter(client, heard, who, request):
    heard()
    client.force_login(request.getfixturevalue(who))
    for address in (ADDRESS, EXPORT):
        assert client.get(address)["Location"].startswith("/admin/login/")


def test_an_empty_queue_says_so(client, agent, matrices):
    client.force_login(agent)
    assert "A ninguna se le pasó el tiempo." in client.get(f"{ADDRESS}?cola=vencidas").content.decode()
    assert "Quite algún filtro" in client.get(f"{ADDRESS}?q=nada").content.decode()


@pytest.mark.parametrize(("subject", "place"), [("QS000012", "/admin/surveys/voice/12/change/"), ("nada", "")])
def test_an_alarm_leads_to_what_it_speaks_of(client, supervisor, subject, place):
    from core import alarms

    alarms.sound("voice", f"voice:12:{subject}", f"{subject}: nadie fue avisado.", subject=subject, at=TUESDAY)
    client.force_login(supervisor)
    told = client.get("/admin/core/alarm/").content.decode()
    assert "Queja o sugerencia" in told
    assert (f'href="{place}"' in told) == bool(place)
