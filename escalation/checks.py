"""What must hold of the matrices and of the ways up them, checked from the database alone."""

from collections.abc import Iterator
from itertools import groupby

from escalation import case_checks
from escalation.absences import overlapping
from escalation.models import Absence, Matrix
from escalation.vocabulary import FIRST_LEVEL, LAST_LEVEL, MatrixKind


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence. Reads the configuration, every case, and the plans of open tickets."""
    yield from case_checks.invariants()
    yield from matrix_faults()
    rows = Absence.objects.select_related("contact").order_by("contact", "starts_on")
    for _, group in groupby(rows, key=lambda row: row.contact_id):
        absences = list(group)
        if overlapping(absences) is not None:
            yield f"contact {absences[0].contact_id}: two of its absences share a day"


def matrix_faults() -> Iterator[str]:
    """Versions without gaps, the published ones complete, one draft at most and always the newest."""
    rows = Matrix.objects.prefetch_related("levels").order_by("kind", "contract", "service", "version")
    for (kind, contract, service), group in groupby(rows, key=lambda row: (row.kind, row.contract_id, row.service_id)):
        versions = list(group)
        name = f"matrix {kind}" + (f" of contract {contract}, service {service}" if contract else "")
        if [row.version for row in versions] != list(range(1, len(versions) + 1)):
            yield f"{name}: its versions are {[row.version for row in versions]}"
        for row in versions[:-1]:
            if not row.is_published:
                yield f"{name}: version {row.version} is a draft and not the newest"
        for row in versions:
            if row.is_published:
                yield from (f"{name}, version {row.version}: {fault}" for fault in _of_published(row))


def _of_published(row: Matrix) -> Iterator[str]:
    directions: dict[str, set[int]] = {}
    for level in row.levels.all():
        directions.setdefault(level.direction, set()).add(level.level)
    if not directions:
        yield "is published without levels"
    for direction, found in directions.items():
        last = LAST_LEVEL if row.kind == MatrixKind.SERVICE_DESK else max(found)
        if found != set(range(FIRST_LEVEL, last + 1)):
            yield f"has the levels {sorted(found)}" + (f" in {direction}" if direction else "")
