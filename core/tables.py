"""Tables that leave as a file and come in as one: CSV and Excel, whatever they hold.

What a spreadsheet would take for a formula is written as text. Moments are written in the zone given, as the person reads them.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from python_calamine import CalamineError, load_workbook

from core import workbooks
from core.errors import InvalidInput

FORMULA = ("=", "+", "-", "@", "\t", "\r")
IN_MEMORY = 2_000_000
MOST_ROWS = 20_000
"""Of a file that comes in."""
MOST_LINES = 10 * MOST_ROWS
"""The same, empty ones among them."""
LONGEST_CELL = 32_767
"""What an Excel cell holds."""


def download(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], *, form: str = "csv", zone: ZoneInfo
) -> HttpResponseBase:
    """The table as a file called `name`. `form` is «csv» (UTF-8 with its mark, which Excel opens as it is) or «xlsx».

    Rows are read one at a time; a CSV is sent while they are.
    """
    if form == "xlsx":
        answer: HttpResponseBase = FileResponse(
            _workbook(head, rows, zone),
            as_attachment=True,
            filename=f"{name}.xlsx",
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        return answer
    streamed = StreamingHttpResponse(_lines(head, rows, zone), content_type="text/csv; charset=utf-8")
    streamed["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return streamed


def _lines(head: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    writer.writerow(head)
    yield _emptied(buffer)
    for row in rows:
        writer.writerow([_harmless(_text(value, zone)) for value in row])
        yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _text(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "Sí" if value else "No"
    return "" if value is None else value


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run is preceded by an apostrophe, as a person would type it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _workbook(head: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> BinaryIO:
    file: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the answer closes it)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1})
    day, moment = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("Datos")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, head, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(line, column, value.astimezone(zone).replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(line, column, datetime.combine(value, datetime.min.time()), day)
            elif isinstance(value, str):
                sheet.write_string(line, column, value[:LONGEST_CELL])
            else:
                sheet.write(line, column, _text(value, zone))
    book.close()
    file.seek(0)
    found: BinaryIO = file
    return found


def read(upload: Any, field: str = "file") -> list[list[str]]:
    """The rows of an uploaded CSV or Excel file as trimmed text, empty ones left out.

    Raises InvalidInput on `field` when it is neither, or has more than MOST_ROWS rows. Separators «,» and «;» are both understood.
    """
    return [row for _, row in read_numbered(upload, field)]


def read_numbered(upload: Any, field: str = "file") -> list[tuple[int, list[str]]]:
    """`read`, each row with its number in the file: the first is 1, and empty ones count."""
    content = upload.read()
    rows = (
        _from_workbook(content, field)
        if PurePath(upload.name or "").suffix.lower() == ".xlsx"
        else _from_text(content, field)
    )
    found = []
    for number, cells in enumerate(rows, start=1):
        row = [cell.strip() for cell in cells]
        if any(row):
            found.append((number, row))
        # What is empty is read too, so that it cannot be endless either.
        if len(found) > MOST_ROWS or number > MOST_LINES:
            raise InvalidInput({field: f"Tiene demasiados renglones; caben {MOST_ROWS:,}."}, code="too_long")
    return found


def _from_workbook(content: bytes, field: str) -> Iterable[list[str]]:
    if why := workbooks.fault_of(content):
        raise InvalidInput({field: why})
    try:
        sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, ValueError, OSError) as fault:
        raise InvalidInput({field: "No pudimos leer el libro de Excel. Guárdelo de nuevo, o como CSV."}) from fault
    return ([_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False))


def _cell(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _from_text(content: bytes, field: str) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise InvalidInput({field: "El archivo no es de texto. Guárdelo como CSV o como libro de Excel (.xlsx)."})
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error as fault:
        raise InvalidInput({field: f"El archivo CSV tiene un defecto: {fault}."}) from fault
