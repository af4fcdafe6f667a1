"""Tables of earlier years: every fault named with its row and column, and all or nothing stored."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock, tables
from core.errors import InvalidInput, Refused
from customers.models import Company, Service
from surveys import nps_results, nps_table
from surveys.models import NpsRecord
from surveys.nps_results import By, Narrow
from surveys.nps_table import Reading
from surveys.services import nps_history
from surveys.tests.nps_cast import running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
ANSWERS = "año,empresa,servicio,calificación"
COUNTS = "año,empresa,servicio,invitados,promotores,pasivos,detractores"


@pytest.fixture(autouse=True)
def names(company, service):
    Company.objects.create(name="Cerámica del Bajío")


def reading(*rows: str, name: str = "nps.csv") -> Reading:
    upload = SimpleUploadedFile(name, "\n".join(rows).encode())
    return nps_table.read(tables.read_numbered(upload), this_year=2026)


def faults(*rows: str) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.message) for fault in reading(*rows).faults]


def lines(found: Reading) -> list[tuple]:
    return [(r.year, r.company, r.service, r.invited, r.promoters, r.passives, r.detractors) for r in found.lines]


def test_one_row_for_each_answer_adds_up_by_company_and_service():
    found = reading(
        ANSWERS,
        "2024,Grupo Alborada,Nómina y Recursos Humanos,10",
        "2024,GRUPO  ALBORADA,nomina y recursos humanos,6",
        "2024,Grupo Alborada,,7",
        "2025,Ceramica del Bajio,,9",
    )
    assert found.faults == []
    assert lines(found) == [
        (2024, "Grupo Alborada", "", None, 0, 1, 0),
        (2024, "Grupo Alborada", "Nómina y Recursos Humanos", None, 1, 0, 1),
        (2025, "Cerámica del Bajío", "", None, 1, 0, 0),
    ]
    assert found.years == [2024, 2025]


def test_counts_with_semicolons_other_words_and_any_order():
    found = reading(
        "Compañía;AÑO;Detractores;pasivos;promotores;invitados",
        "Grupo Alborada;2024;5;8;12;40",
        "",
        "Cerámica del Bajío;2024;0;0;3;",
    )
    assert lines(found) == [
        (2024, "Cerámica del Bajío", "", None, 3, 0, 0),
        (2024, "Grupo Alborada", "", 40, 12, 8, 5),
    ]


def test_an_excel_book_is_read_alike():
    head = nps_table.heads("counts")
    made = tables.download("x", head, [[2024, "Grupo Alborada", "", 4, 1, 1, 1]], form="xlsx", zone=None)  # type: ignore[arg-type]
    upload = SimpleUploadedFile("nps.xlsx", b"".join(made.streaming_content))
    found = nps_table.read(tables.read_numbered(upload), this_year=2026)
    assert lines(found) == [(2024, "Grupo Alborada", "", 4, 1, 1, 1)]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("24,Grupo Alborada,,9", "año", "de 2000 a 2026"),
        ("2027,Grupo Alborada,,9", "año", "de 2000 a 2026"),
        (",Grupo Alborada,,9", "año", "de 2000 a 2026"),
        ("2024,Grupo Alvorada,,9", "empresa", "¿Quiso decir «Grupo Alborada»?"),
        ("2024,Zzzz,,9", "empresa", "No hay empresa con ese nombre."),
        ("2024,,,9", "empresa", "Escriba la empresa."),
        ("2024,Grupo Alborada,Nómina y RH,9", "servicio", "¿Quiso decir «Nómina y Recursos Humanos»?"),
        ("2024,Grupo Alborada,,11", "calificación", "de 0 a 10"),
        ("2024,Grupo Alborada,,-1", "calificación", "de 0 a 10"),
        ("2024,Grupo Alborada,,9.5", "calificación", "de 0 a 10"),
        ("2024,Grupo Alborada,,²", "calificación", "de 0 a 10"),
        ("2024,Grupo Alborada", "calificación", "de 0 a 10"),
    ],
)
def test_each_fault_of_an_answer_names_its_row_and_column(row, column, message):
    found = faults(ANSWERS, "2024,Grupo Alborada,,9", "", row)
    assert [(number, name) for number, name, _ in found] == [(4, column)]
    assert message in found[0][2]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("2024,Grupo Alborada,,10,6,3,2", "invitados", "Contestaron 11 y se invitó a 10"),
        ("2024,Grupo Alborada,,x,6,3,2", "invitados", "número entero"),
        ("2024,Grupo Alborada,,10,,3,2", "promotores", "número entero"),
        ("2024,Grupo Alborada,,10,1,-3,2", "pasivos", "número entero"),
        ("2024,Grupo Alborada,,10,1,3,99999999999999999999", "detractores", "número entero"),
        ("2024,Grupo Alborada,,,0,0,0", "promotores", "no tiene respuestas"),
        ("2024,grupo alborada,,9,1,1,1", "empresa", "Ya hay otro renglón"),
    ],
)
def test_each_fault_of_counts_names_its_row_and_column(row, column, message):
    found = faults(
        COUNTS, "2024,Grupo Alborada,,9,1,1,1" if "Ya hay" in message else "2023,Grupo Alborada,,9,1,1,1", row
    )
    assert [(number, name) for number, name, _ in found] == [(3, column)]
    assert message in found[0][2]


def test_all_faults_of_all_rows_are_listed_at_once():
    found = faults(ANSWERS, "x,Nadie,Nada,11", "2024,Grupo Alborada,,9", "2024,,,")
    assert [(row, column) for row, column, _ in found] == [
        (2, "año"), (2, "empresa"), (2, "servicio"), (2, "calificación"), (4, "empresa"), (4, "calificación"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("año,empresa,servicio", "falta: promotores, pasivos, detractores"),
        ("año,calificación", "falta: empresa"),
        ("año,empresa,calificación,promotores", "Sobra en el encabezado: «promotores»"),
        ("año,empresa,calificación,nota", "Sobra en el encabezado: «nota»"),
        ("año,año,empresa,calificación", "está dos veces"),
    ],
)
def test_a_header_that_is_neither_form_says_what_is_wrong(head, message):
    with pytest.raises(InvalidInput, match=message):
        reading(head, "2024,Grupo Alborada,,9")


def test_an_empty_file_and_one_with_only_its_header_say_so():
    for rows in ([], [ANSWERS]):
        with pytest.raises(InvalidInput):
            reading(*rows)


def test_a_year_of_a_campaign_of_ours_is_not_imported(supervisor, requester):
    running(supervisor)
    assert "son de una campaña de aquí" in faults(ANSWERS, "2026,Grupo Alborada,,9")[0][2]


def test_it_is_stored_with_who_when_and_from_what_file(manager):
    found = reading(COUNTS, "2024,Grupo Alborada,,40,12,8,5", "2025,Cerámica del Bajío,,,3,0,0")
    assert nps_history.store(found.lines, by=manager, source="nps.csv") == 2
    row = NpsRecord.objects.get(year=2024)
    assert (row.invited, row.promoters, row.source, row.imported_by, row.imported_at) == (
        40, 12, "nps.csv", manager, clock.now(),
    )  # fmt: skip
    shown = nps_results.results(By.YEAR, Narrow(), manager)
    assert [(result.key, result.counts.score) for result in shown] == [(2025, 100), (2024, 28)]


def test_a_year_that_is_there_is_replaced_only_when_that_was_said(manager, admin):
    nps_history.store(reading(COUNTS, "2024,Grupo Alborada,,40,12,8,5").lines, by=manager, source="uno.csv")
    again = reading(COUNTS, "2024,Cerámica del Bajío,,9,1,1,1", "2025,Cerámica del Bajío,,9,1,1,1")
    assert again.replaces == {2024: 1}
    with pytest.raises(Refused, match="2024"):
        nps_history.store(again.lines, by=admin, source="dos.csv", replacing=[2025])
    assert NpsRecord.objects.get().source == "uno.csv"
    nps_history.store(again.lines, by=admin, source="dos.csv", replacing=[2024])
    assert list(NpsRecord.objects.values_list("year", "source")) == [(2025, "dos.csv"), (2024, "dos.csv")]


@pytest.mark.parametrize("who", ["agent", "consultant", "bpo", "service_delivery", "outsider"])
def test_only_who_runs_campaigns_imports(who, request):
    found = reading(COUNTS, "2024,Grupo Alborada,,40,12,8,5")
    with pytest.raises(Refused):
        nps_history.store(found.lines, by=request.getfixturevalue(who), source="x.csv")
    assert not NpsRecord.objects.exists()


def test_a_campaign_that_began_since_the_preview_is_respected(manager, requester):
    found = reading(COUNTS, "2026,Grupo Alborada,,40,12,8,5")
    running(manager)
    with pytest.raises(Refused, match="campaña de aquí"):
        nps_history.store(found.lines, by=manager, source="x.csv")


def test_both_templates_are_read_back_but_for_their_made_up_names():
    for form, columns in (("answers", 4), ("counts", 7)):
        rows = [nps_table.heads(form), *nps_table.template(form)]
        text = "\n".join(",".join(map(str, row)) for row in rows)
        found = reading(*text.split("\n"))
        assert {fault.column for fault in found.faults} == {"empresa", "servicio"}
        assert all(len(row) == columns for row in rows)
        assert io.StringIO(text).readline().startswith("año,empresa,servicio")


@pytest.mark.parametrize("count", [1, 300])
def test_reading_costs_the_same_queries_however_long_the_table(count, django_assert_num_queries):
    for number in range(count):
        Service.objects.create(name=f"Servicio {number}")
    rows = [f"2024,Grupo Alborada,Servicio {number},9" for number in range(count)]
    with django_assert_num_queries(4):
        assert len(reading(ANSWERS, *rows).lines) == count


def test_names_like_the_unknown_ones_are_looked_for_only_as_often_as_a_page_shows(monkeypatch):
    monkeypatch.setattr(nps_table, "HINTED", 2)
    names = ("Grupo Alvorada", "Grupo Alvorada", "Grupo Albordaa", "Grupo Albrada", "Grupo Alvorada")
    found = reading("año,empresa,servicio,calificación", *(f"2024,{name},,9" for name in names))
    assert ["¿Quiso decir" in fault.message for fault in found.faults] == [True, True, True, False, True]
