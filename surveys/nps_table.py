"""Results of earlier years as a table that somebody kept: understood row by row, with every fault named (guide 3.14). Stores nothing.

Two forms, told apart by their header: one row for each answer, or one row for each company and service with its counts. Names are
recognised whatever their accents and capitals.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db.models import Count

from core.errors import InvalidInput
from core.text import fold, is_number
from customers.models import Company, Service
from surveys.models import Campaign, NpsRecord
from surveys.vocabulary import NPS_HIGHEST, Loyalty, loyalty

COLUMNS = {
    "year": "año",
    "company": "empresa",
    "service": "servicio",
    "score": "calificación",
    "invited": "invitados",
    "promoters": "promotores",
    "passives": "pasivos",
    "detractors": "detractores",
}
"""Field -> the column's name."""
ALSO = {"ano": "year", "anio": "year", "compania": "company", "cliente": "company", "puntuacion": "score"}
"""Folded names that mean the same."""
OF_ANSWERS = ("year", "company", "service", "score")
OF_COUNTS = ("year", "company", "service", "invited", "promoters", "passives", "detractors")
OPTIONAL = ("service", "invited")
FIRST_YEAR, MOST = 2000, 10_000_000
NEAR = 3
HINTED = 200
"""Names that are not known and get a hint of those like them: to look for each costs time, and no page shows more faults."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: the row's number in the file, the column's name, what it says, and what to do."""

    row: int
    column: str
    value: str
    message: str


@dataclass(slots=True)
class Line:
    """One record to be: a year's result of a company and service. `invited` is None where the table does not say."""

    year: int
    company_id: int
    company: str
    service_id: int | None
    service: str
    invited: int | None = None
    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def key(self) -> tuple[int, int, int | None]:
        return self.year, self.company_id, self.service_id


@dataclass(slots=True)
class Reading:
    """What the table holds. `replaces` are the years already imported that storing it would replace: year -> records."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    replaces: dict[int, int] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        return sorted({line.year for line in self.lines})


Wrong = Callable[[str, str], None]
"""Notes a fault: the field, and what to do."""


class _Known:
    """Names that the table may use. Three queries, however long it is."""

    def __init__(self, this_year: int) -> None:
        self.companies = {fold(name): (pk, name) for pk, name in Company.objects.values_list("pk", "name")}
        self.services = {fold(name): (pk, name) for pk, name in Service.objects.values_list("pk", "name")}
        self.campaigns = set(Campaign.objects.exclude(started_at=None).values_list("year", flat=True))
        self.this_year = this_year
        self.hints: dict[tuple[str, str], str] = {}

    def hint(self, text: str, names: Mapping[str, tuple[int, str]], name: str) -> str:
        """Those of `names`, of the column `name`, that are like the text; nothing once HINTED others were looked for."""
        key = name, fold(text)[:120]
        if key not in self.hints:
            if len(self.hints) >= HINTED:
                return ""
            near = [names[one][1] for one in get_close_matches(key[1], names, NEAR, 0.5)]
            self.hints[key] = f" ¿Quiso decir {_or(near)}?" if near else ""
        return self.hints[key]


def read(rows: Sequence[tuple[int, Sequence[str]]], *, this_year: int) -> Reading:
    """Understand the numbered rows of a file, the header first. Raises InvalidInput on `file` when the header is none of the two."""
    if not rows:
        raise InvalidInput({"file": "El archivo está vacío. Descargue la plantilla para ver cómo va."})
    places = _header(rows[0][1])
    known, reading = _Known(this_year), Reading(rows=len(rows) - 1)
    merged: dict[tuple[int, int, int | None], Line] = {}
    for number, cells in rows[1:]:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        line, faults = _line(number, row, known, "score" in places)
        if line is not None and "score" not in places and line.key in merged:
            message = "Ya hay otro renglón de esa empresa y ese servicio en ese año. Déjelos en uno solo."
            line, faults = None, [Fault(number, COLUMNS["company"], row["company"], message)]
        reading.faults += faults
        if line is not None:
            _add(merged, line)
    reading.lines = sorted(merged.values(), key=lambda line: (line.year, fold(line.company), fold(line.service)))
    if not reading.rows:
        raise InvalidInput({"file": "El archivo sólo tiene el encabezado. Escriba al menos un renglón."})
    reading.replaces = replaced_by(reading.years)
    return reading


def replaced_by(years: Sequence[int]) -> dict[int, int]:
    """Of the years, those that were imported before: year -> how many records there are. One query."""
    rows = NpsRecord.objects.filter(year__in=years).order_by("year").values_list("year")
    return dict(rows.annotate(times=Count("pk")))


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Field -> its place. Raises InvalidInput."""
    names = {fold(title): name for name, title in COLUMNS.items()} | ALSO
    places: dict[str, int] = {}
    unknown = []
    for place, cell in enumerate(cells):
        name = names.get(fold(cell))
        if name is None and cell:
            unknown.append(cell)
        elif name in places:
            raise InvalidInput({"file": f"La columna «{cell}» está dos veces."})
        elif name is not None:
            places[name] = place
    wanted = OF_ANSWERS if "score" in places else OF_COUNTS
    missing = [COLUMNS[name] for name in wanted if name not in places and name not in OPTIONAL]
    extra = [COLUMNS[name] for name in places if name not in wanted]
    if missing:
        told = f"Al encabezado le falta: {', '.join(missing)}. El primer renglón lleva los nombres de las columnas."
        raise InvalidInput({"file": told})
    if unknown or extra:
        listed = ", ".join(f"«{name}»" for name in (*unknown, *extra))
        raise InvalidInput({"file": f"Sobra en el encabezado: {listed}. Quite esas columnas o descargue la plantilla."})
    return places


def _line(number: int, row: Mapping[str, str], known: _Known, is_answer: bool) -> tuple[Line | None, list[Fault]]:
    faults: list[Fault] = []

    def wrong(name: str, message: str) -> None:
        faults.append(Fault(number, COLUMNS[name], row.get(name, ""), message))

    year = _year(row["year"], known, wrong)
    company = _named(row["company"], known, known.companies, "company", "empresa", wrong)
    service = (
        _named(row["service"], known, known.services, "service", "servicio", wrong)
        if row.get("service")
        else (None, "")
    )
    counts = _score(row["score"], wrong) if is_answer else _counts(row, wrong)
    if faults or year is None or company is None or service is None or counts is None:
        return None, faults
    return Line(year, company[0], company[1], service[0], service[1], *counts), []


def _year(text: str, known: _Known, wrong: Wrong) -> int | None:
    if not is_number(text) or not FIRST_YEAR <= int(text) <= known.this_year:
        wrong("year", f"Escriba un año de {FIRST_YEAR} a {known.this_year}, con cuatro cifras.")
        return None
    if int(text) in known.campaigns:
        wrong("year", f"Los resultados de {text} son de una campaña de aquí: no se importan.")
        return None
    return int(text)


def _named(
    text: str, known: _Known, names: Mapping[str, tuple[int, str]], name: str, word: str, wrong: Wrong
) -> tuple[int, str] | None:
    found = names.get(fold(" ".join(text.split())))
    if found is None:
        empty = f"Escriba {'la' if name == 'company' else 'el'} {word}."
        wrong(name, f"No hay {word} con ese nombre.{known.hint(text, names, name)}" if text else empty)
    return found


def _or(names: Sequence[str]) -> str:
    listed = [f"«{name}»" for name in names]
    return " o ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))


def _score(text: str, wrong: Wrong) -> tuple[int | None, int, int, int] | None:
    if not is_number(text) or int(text) > NPS_HIGHEST:
        wrong("score", "Escriba una calificación entera de 0 a 10.")
        return None
    kind = loyalty(int(text))
    return None, int(kind == Loyalty.PROMOTER), int(kind == Loyalty.PASSIVE), int(kind == Loyalty.DETRACTOR)


def _counts(row: Mapping[str, str], wrong: Wrong) -> tuple[int | None, int, int, int] | None:
    found: dict[str, int] = {}
    for name in OF_COUNTS[3:]:
        text = row.get(name, "")
        if not text and name == "invited":
            continue
        if not is_number(text) or int(text) > MOST:
            wrong(name, "Escriba un número entero, 0 o más.")
        else:
            found[name] = int(text)
    given = [found.get(name) for name in ("promoters", "passives", "detractors")]
    if None in given:
        return None
    promoters, passives, detractors = (value or 0 for value in given)
    answered, invited = promoters + passives + detractors, found.get("invited")
    if invited is not None and invited < answered:
        wrong(
            "invited", f"Contestaron {answered} y se invitó a {invited}: no puede haber más respuestas que invitados."
        )
    elif not answered and not invited:
        wrong("promoters", "El renglón no tiene respuestas ni invitados. Quítelo o complételo.")
    return invited, promoters, passives, detractors


def _add(merged: dict[tuple[int, int, int | None], Line], line: Line) -> None:
    """Answers of one company and service add up."""
    held = merged.setdefault(line.key, line)
    if held is not line:
        held.promoters += line.promoters
        held.passives += line.passives
        held.detractors += line.detractors


def template(form: str) -> Iterator[Sequence[object]]:
    """Example rows of the template: one made up answer, or one made up row of counts."""
    if form == "counts":
        yield 2024, "Nombre de la empresa", "Nombre del servicio", 40, 12, 8, 5
    else:
        yield 2024, "Nombre de la empresa", "Nombre del servicio", 9


def heads(form: str) -> list[str]:
    return [COLUMNS[name] for name in (OF_COUNTS if form == "counts" else OF_ANSWERS)]
