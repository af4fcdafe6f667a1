"""Tables out and in: formulas stay text, moments are the reader's, and what cannot be read is refused with a reason."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from core import tables, workbooks
from core.errors import InvalidInput

MEXICO = ZoneInfo("America/Mexico_City")
HEAD = ["Número", "Texto", "Cuándo", "Día", "Sí o no"]
AT = datetime(2026, 3, 10, 16, 5, tzinfo=UTC)
ROWS: list[list[Any]] = [
    [1, '=HYPERLINK("http://malo")', AT, date(2026, 3, 10), True],
    [2, "Año, «ñ»\ny otra línea", None, None, False],
]


def sent(form: str) -> bytes:
    answer: Any = tables.download("lista", HEAD, ROWS, form=form, zone=MEXICO)
    return b"".join(answer.streaming_content)


def test_a_csv_opens_in_excel_as_it_is_and_runs_nothing():
    text = sent("csv").decode("utf-8")
    assert text.startswith("\ufeffNúmero,Texto,Cuándo")
    assert "'=HYPERLINK" in text
    assert "2026-03-10 10:05" in text
    assert text.count("\r\n") == 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_written_is_read_again(form):
    rows = tables.read(SimpleUploadedFile(f"lista.{form}", sent(form)))
    assert rows[0] == HEAD
    assert rows[1][0] == "1"
    assert rows[1][1].lstrip("'").startswith("=HYPERLINK")
    assert rows[2][1] == "Año, «ñ»\ny otra línea"
    assert len(rows) == 3


def test_semicolons_old_code_pages_and_empty_rows_are_understood():
    text = "año;empresa\n2024;Compañía\n;\n"
    assert tables.read(SimpleUploadedFile("x.csv", text.encode("cp1252"))) == [["año", "empresa"], ["2024", "Compañía"]]


@pytest.mark.parametrize(("name", "content"), [("x.xlsx", b"no es un libro"), ("x.csv", b"PK\x03\x04\x00\x00")])
def test_what_is_no_table_is_refused_by_its_field(name, content):
    with pytest.raises(InvalidInput) as fault:
        tables.read(SimpleUploadedFile(name, content), "archivo")
    assert list(fault.value.errors) == ["archivo"]


def test_a_file_with_too_many_rows_is_refused():
    upload = SimpleUploadedFile("x.csv", io.BytesIO(b"1\n" * (tables.MOST_ROWS + 1)).getvalue())
    with pytest.raises(InvalidInput, match="caben"):
        tables.read(upload)


def workbook(sheet: str, **parts: bytes) -> SimpleUploadedFile:
    """An Excel file whose only sheet holds `sheet`, with other parts beside."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "año")
    content = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            own = name.endswith("sheet1.xml")
            head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            new.writestr(name, f"{head}{sheet}</sheetData></worksheet>" if own else old.read(name))
        for name, part in parts.items():
            new.writestr(name.replace("_", "."), part)
    return SimpleUploadedFile("x.xlsx", content.getvalue())


NEAR = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='C1048576'><v>1</v></c></row>",
        '<row r="1048576"><c><v>1</v></c><c><v>1</v></c></row>',
        '<x:row r="2"><x:c r = "ZZZ3000"><v>1</v></x:c></x:row>',
    ],
)
def test_a_workbook_with_a_cell_far_away_is_refused_before_it_is_opened(far):
    with pytest.raises(InvalidInput, match="Copie la tabla a un libro nuevo"):
        tables.read(workbook(NEAR + far))


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 100_000)
    long = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'.format("a" * 100_000)
    with pytest.raises(InvalidInput, match="demasiado grande"):
        tables.read(workbook(long))


@pytest.mark.parametrize("name", ["content_xml"])
def test_other_formats_under_its_name_are_refused(name):
    with pytest.raises(InvalidInput, match="No es un libro"):
        tables.read(workbook(NEAR, **{name: b"x"}))
    with pytest.raises(InvalidInput, match="No es un libro"):
        tables.read(SimpleUploadedFile("x.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 600))


def test_a_workbook_within_reason_is_read():
    far = '<row r="19000"><c r="H19000"><v>2</v></c></row>'
    assert tables.read(workbook(NEAR + far)) == [["1", *[""] * 7], [*[""] * 7, "2"]]


def test_a_file_of_endless_empty_rows_is_refused():
    upload = SimpleUploadedFile("x.csv", b"a\n" + b"\n" * tables.MOST_LINES)
    with pytest.raises(InvalidInput, match="caben"):
        tables.read(upload)


def test_rows_bear_their_number_in_the_file_also_after_empty_ones():
    late = '<row r="3"><c r="B3"><v>7</v></c></row><row r="5"><c r="A5"><v>8</v></c></row>'
    assert tables.read_numbered(workbook(late)) == [(3, ["", "7"]), (5, ["8", ""])]
