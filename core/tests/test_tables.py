"""Tables out and in: formulas stay text, moments are the reader's, and what cannot be read is refused with a reason."""

import io
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import tables
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
