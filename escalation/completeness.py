"""What a draft lacks before it can be published: each fault a sentence that names its row (guide 3.5.2, 3.13.1)."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from core import words
from escalation.models import Contact, Level, Matrix
from escalation.vocabulary import FIRST_LEVEL, LAST_LEVEL, MatrixKind


def faults(matrix: Matrix, on: date) -> list[str]:
    """Everything that keeps the matrix from being in force on the day `on`, in Spanish; empty when it is complete.

    Three queries at most.
    """
    rows = list(matrix.levels.select_related("contact__user"))
    if not rows:
        return [*_of_contract(matrix, on), "La matriz no tiene niveles."]
    per_kind = {
        MatrixKind.SERVICE_DESK: _of_desk,
        MatrixKind.TECHNICAL: _of_list,
        MatrixKind.COMPLAINTS: _of_complaints,
    }
    of_rows = (fault for row in rows for fault in _of_row(row, on))
    return [*_of_contract(matrix, on), *per_kind[MatrixKind(matrix.kind)](rows), *of_rows]


def _of_contract(matrix: Matrix, on: date) -> Iterator[str]:
    contract = matrix.contract
    if contract is None or matrix.service is None:
        return
    if not contract.services.filter(pk=matrix.service.pk).exists():
        yield f"El contrato {contract.number} no incluye el servicio «{matrix.service}»."
    if contract.ends_on is not None and contract.ends_on < on:
        yield f"El contrato {contract.number} termina el {words.long_date(contract.ends_on, year=True)}."


def _of_desk(rows: list[Level]) -> Iterator[str]:
    """Exactly the guide's four levels."""
    yield from _once(row.level for row in rows)
    for level in range(FIRST_LEVEL, LAST_LEVEL + 1):
        if level not in {row.level for row in rows}:
            yield f"Falta el nivel {level}: la matriz de Mesa de Servicio tiene cuatro."
    for level in sorted({row.level for row in rows if row.level > LAST_LEVEL}):
        yield f"Sobra el nivel {level}: la matriz de Mesa de Servicio tiene cuatro."


def _of_list(rows: list[Level]) -> Iterator[str]:
    yield from _once(row.level for row in rows)
    yield from _unbroken({row.level for row in rows})


def _of_complaints(rows: list[Level]) -> Iterator[str]:
    """Levels count within a direction; several areas share one."""
    for row in rows:
        if not row.direction or not row.area:
            yield f"{name_of(row)}: diga su dirección y su área."
    for direction, group in groupby(sorted(rows, key=lambda row: row.direction), key=lambda row: row.direction):
        yield from _unbroken({row.level for row in group}, f"{direction}: " if direction else "")


def _once(levels: Iterable[int]) -> Iterator[str]:
    found = list(levels)
    for level in sorted({level for level in found if found.count(level) > 1}):
        yield f"El nivel {level} está repetido."


def _unbroken(levels: set[int], of: str = "") -> Iterator[str]:
    for level in range(FIRST_LEVEL, max(levels)):
        if level not in levels:
            yield f"{of}{'falta' if of else 'Falta'} el nivel {level}."


def _of_row(row: Level, on: date) -> Iterator[str]:
    if row.contact is None:
        yield f"{name_of(row)}: no tiene contacto."
        return
    for fault in of_contact(row.contact, on):
        yield f"{name_of(row)}: {fault}"


def of_contact(contact: Contact, on: date) -> Iterator[str]:
    """Why the contact could be told nothing on the day `on`, absences apart."""
    if not contact.email:
        yield f"{contact} no tiene correo electrónico."
    if contact.valid_until is not None and contact.valid_until < on:
        yield f"la vigencia de {contact} termina el {words.long_date(contact.valid_until, year=True)}."
    if contact.valid_from is not None and contact.valid_from > on:
        yield f"la vigencia de {contact} empieza hasta el {words.long_date(contact.valid_from, year=True)}."
    if contact.user is not None and not contact.user.is_active:
        yield f"la cuenta de {contact} está desactivada."


def name_of(row: Level) -> str:
    """How a person finds the row: «Nivel 2, Supervisor de Mesa de Servicio»; in the complaints', with its direction and area."""
    return ", ".join(
        filter(None, (row.direction, f"{'nivel' if row.direction else 'Nivel'} {row.level}", row.area, row.role))
    )
