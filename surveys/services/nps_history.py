"""Storing the results of earlier years that were read from a file: all of them or nothing (guide 3.14)."""

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from accounts.models import User
from core import clock
from core.bulk import insert_each
from core.errors import Refused
from surveys import nps_policy
from surveys.models import Campaign, NpsRecord
from surveys.nps_table import Line

log = structlog.get_logger(__name__)


def store(
    lines: Sequence[Line], *, by: User, source: str, replacing: Collection[int] = (), at: datetime | None = None
) -> int:
    """Store the records of a table without faults. Years that hold some already are replaced, if `replacing` names them.

    Returns how many were stored. Raises Refused: the actor may not, there is nothing, a campaign of ours began in one of its years, or a
    year holds records and is not named.
    """
    at = at or clock.now()
    if not (verdict := nps_policy.may_run(by)):
        raise Refused(verdict.reason)
    if not lines:
        raise Refused("No hay nada que importar.")
    years = sorted({line.year for line in lines})
    try:
        with transaction.atomic():
            _refuse(lines, set(replacing))
            # Only what was asked about: what somebody else stores in this moment stays, and the constraint refuses ours.
            replaced, _ = NpsRecord.objects.filter(year__in=set(years) & set(replacing)).delete()
            insert_each([_record(line, by, source, at) for line in lines])
    except IntegrityError:
        raise Refused(
            f"Alguien más importó resultados de {_list(years)} en este momento. Revíselos.", code="held"
        ) from None
    log.info("nps_imported", years=years, records=len(lines), replaced=replaced, by=by.pk)
    return len(lines)


def _refuse(lines: Sequence[Line], replacing: set[int]) -> None:
    years = {line.year for line in lines}
    # Two people who replace the same year, one after the other.
    held = NpsRecord.objects.select_for_update(of=("self",)).filter(year__in=years).values_list("year", flat=True)
    if new := sorted(set(held) - replacing):
        raise Refused(f"Ya hay resultados importados de {_list(new)}. Confirme que los sustituye.", code="held")
    ours = Campaign.objects.filter(year__in=years).exclude(started_at=None)
    if taken := sorted(set(ours.values_list("year", flat=True))):
        raise Refused(f"Los resultados de {_list(taken)} son de una campaña de aquí: no se importan.", code="ours")


def _record(line: Line, by: User, source: str, at: datetime) -> NpsRecord:
    return NpsRecord(
        year=line.year,
        company_id=line.company_id,
        service_id=line.service_id,
        invited=line.invited,
        promoters=line.promoters,
        passives=line.passives,
        detractors=line.detractors,
        source=source[:150],
        imported_by=by,
        imported_at=at,
    )


def _list(years: Sequence[int]) -> str:
    return ", ".join(map(str, years))
