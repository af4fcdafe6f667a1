"""Drafts of a matrix and their publication. A published version is never changed again: a newer one takes its place (guide 3.5.2)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from core import clock
from core.caching import forget_all
from core.errors import InvalidInput, Refused
from escalation.completeness import faults
from escalation.matrices import day_of
from escalation.models import Level, Matrix
from escalation.vocabulary import FIRST_LEVEL, GUIDE_ROLES, MatrixKind


def begin(matrix: Matrix, *, by: User, at: datetime | None = None) -> Matrix:
    """Store the unsaved `matrix` as the draft of a first version. The desk's begins with the guide's four roles.

    Raises Refused when the actor may not, or when the matrix already has versions; InvalidInput with what its kind asks for.
    """
    at = at or clock.now()
    _require(by)
    if errors := belonging(matrix):
        raise InvalidInput(errors)
    with transaction.atomic():
        if versions_of(matrix).exists():
            raise Refused("Esta matriz ya existe. Ábrala y use «Nueva versión».", code="exists")
        matrix.version, matrix.published_at, matrix.published_by = 1, None, None
        matrix.valid_from = matrix.valid_from or at
        _store(matrix)
        if matrix.kind == MatrixKind.SERVICE_DESK:
            roles = enumerate(GUIDE_ROLES, start=FIRST_LEVEL)
            Level.objects.bulk_create([Level(matrix=matrix, level=level, role=role) for level, role in roles])
    return matrix


def new_version(matrix: Matrix, *, by: User, at: datetime | None = None) -> Matrix:
    """A draft with the rows of the published `matrix` and the next number. It has no date yet: by itself it begins when it is published.

    Raises Refused when the actor may not, the matrix is a draft itself, or there is one already (`code` "draft").
    """
    at = at or clock.now()
    _require(by)
    if not matrix.is_published:
        raise Refused("Todavía es un borrador: puede modificarlo.")
    with transaction.atomic():
        if draft_of(matrix) is not None:
            raise Refused("Ya hay un borrador de esta matriz: continúe en él.", code="draft")
        latest = versions_of(matrix).order_by("-version").values_list("version", flat=True)[0]
        copied = Matrix(
            kind=matrix.kind, contract=matrix.contract, service=matrix.service, version=latest + 1, valid_from=at
        )
        _store(copied)
        rows = list(matrix.levels.order_by("pk"))
        for row in rows:
            row.pk, row.matrix = None, copied
        Level.objects.bulk_create(rows)
    return copied


def publish(matrix: Matrix, *, by: User, valid_from: datetime | None = None, at: datetime | None = None) -> Matrix:
    """Make the draft the version in force from `valid_from` (aware; by default its own date, or `at` if that has passed) on, for good.

    Raises Refused when the actor may not or it is published already, InvalidInput with each row's fault: "valid_from", or "level_N" in
    the order in which they are read. Returns the locked row.
    """
    at = at or clock.now()
    _require(by)
    with transaction.atomic():
        row = Matrix.objects.select_for_update().get(pk=matrix.pk)
        if row.is_published:
            raise Refused("Esta versión ya está publicada: no se modifica.")
        starts = valid_from or max(row.valid_from, at)
        if starts < at:
            raise InvalidInput({"valid_from": "La vigencia no puede empezar en el pasado."})
        if found := faults(row, day_of(starts)):
            raise InvalidInput({f"level_{number}": fault for number, fault in enumerate(found, start=1)})
        row.valid_from, row.published_at, row.published_by = starts, at, by
        row.save(update_fields=["valid_from", "published_at", "published_by"])
        transaction.on_commit(forget_all)
    return row


def versions_of(matrix: Matrix) -> QuerySet[Matrix]:
    """Every version of the same matrix, drafts included."""
    return Matrix.objects.filter(kind=matrix.kind, contract=matrix.contract_id, service=matrix.service_id)


def draft_of(matrix: Matrix) -> Matrix | None:
    """The draft of the same matrix; there is one at most."""
    return versions_of(matrix).filter(published_at=None).first()


def belonging(matrix: Matrix) -> dict[str, str]:
    """What is wrong with whose matrix it is, by field: only the technical list has a contract, and a service of that contract."""
    contract, service = matrix.contract, matrix.service
    if matrix.kind != MatrixKind.TECHNICAL:
        given = {"contract": contract, "service": service}
        return {name: "Sólo el Listado de Fallas Técnicas lo lleva." for name, value in given.items() if value}
    if contract is None or service is None:
        asked = {"contract": (contract, "Elija el contrato."), "service": (service, "Elija el servicio contratado.")}
        return {name: words for name, (value, words) in asked.items() if value is None}
    contracted = list(contract.services.order_by("name"))
    if service in contracted:
        return {}
    named = ", ".join(str(row) for row in contracted) or "ninguno"
    return {"service": f"El contrato {contract.number} no incluye ese servicio. Incluye: {named}."}


def _require(by: User) -> None:
    if not by.has_perm("escalation.change_matrix"):
        raise Refused("Las matrices de escalamiento las modifica un administrador.")


def _store(matrix: Matrix) -> None:
    """Insert it. The database keeps each version once: of two people at the same time, the second is refused."""
    try:
        with transaction.atomic():
            matrix.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("Alguien más acaba de crear esta versión. Ábrala desde la lista.", code="draft") from error
