"""Whether an Excel file may be opened: reading one takes memory for every cell up to the last one, written or not.

One cell in the last corner of an otherwise empty sheet asks for terabytes, and ends the process.
"""

import io
import re
import zipfile

MOST_UNPACKED = 100_000_000
"""Bytes of all parts together; the largest of a sane table is a tenth of it."""
MOST_CELLS = 1_000_000
"""Of the rectangle from the first cell of a sheet to the last one written."""
FOREIGN = ("content.xml", "xl/workbook.bin")
"""Parts of other formats, which the reader would take for what they are."""
TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{0,10})["']""")


def fault_of(content: bytes) -> str:
    """Why the file is not opened, in Spanish; empty when it may be. Reads every part once."""
    if not content.startswith(b"PK\x03\x04"):
        return "No es un libro de Excel (.xlsx). Guárdelo de nuevo, o como CSV."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = {info.filename.lower() for info in parts.infolist()}
            if "xl/workbook.xml" not in names or not names.isdisjoint(FOREIGN):
                return "No es un libro de Excel (.xlsx). Guárdelo de nuevo, o como CSV."
            if sum(info.file_size for info in parts.infolist()) > MOST_UNPACKED:
                return "El libro es demasiado grande al abrirlo. Deje en él sólo la tabla, o guárdela como CSV."
            for info in parts.infolist():
                if rows := _too_wide(parts.read(info)):
                    return (
                        f"Una hoja del libro llega hasta el renglón {rows:,}, con muchas celdas vacías en medio. "
                        "Copie la tabla a un libro nuevo, o guárdela como CSV."
                    )
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        return "No pudimos leer el libro de Excel. Guárdelo de nuevo, o como CSV."
    return ""


def _too_wide(part: bytes) -> int:
    """The last row of a sheet whose rectangle has more than MOST_CELLS; 0 where it has not. Cells without an address follow the last one."""
    row = column = rows = columns = 0
    for tag in TAG.finditer(part):
        place = PLACE.search(tag[2])
        if tag[1] == b"row":
            row = int(place[2]) if place and place[2] else row + 1
            column = 0
        elif place and place[1] and place[2]:
            row, column = int(place[2]), _column(place[1])
        else:
            column += 1
        rows, columns = max(rows, row), max(columns, column)
        if rows * columns > MOST_CELLS:
            return rows
    return 0


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
