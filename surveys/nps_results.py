"""The results of the yearly question: by company, by service, over the years (guide 3.14). Reads only.

Answers of our campaigns and results that were imported for earlier years are added up alike; no year has both. Whoever was never asked
counts nowhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, TextChoices

from accounts.models import User
from core.errors import Refused
from surveys import nps_policy
from surveys.models import NpsInvitation, NpsRecord
from surveys.nps_scoring import Counts

WITHOUT_SERVICE = 0
"""Stands for «no service» where a service's id is meant."""
NO_SERVICE = "Sin servicio"


class By(TextChoices):
    COMPANY = "company", "Compañía"
    SERVICE = "service", "Servicio"
    YEAR = "year", "Año"


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which answers; None: all of them."""

    year: int | None = None
    company: int | None = None
    service: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One company's, service's or year's. `key` is its id, the year itself, or WITHOUT_SERVICE."""

    key: int
    label: str
    counts: Counts


def results(by: str, narrow: Narrow, viewer: User) -> list[Result]:
    """The results that `by` parts the narrowed answers into: by name, or the latest year first. Two queries. Raises Refused."""
    _allow(viewer)
    found: dict[tuple[int, str], Counts] = {}
    for key, counts in (*_of_answers(by, narrow, viewer), *_of_records(by, narrow)):
        found[key] = found[key] + counts if key in found else counts
    rows = [Result(key, label, counts) for (key, label), counts in found.items()]
    if by == By.YEAR:
        return sorted(rows, key=lambda row: -row.key)
    return sorted(rows, key=lambda row: (row.key == WITHOUT_SERVICE, row.label.casefold()))


def total(narrow: Narrow, viewer: User) -> Counts:
    """All of the narrowed answers together. Two queries."""
    found = results(By.YEAR, narrow, viewer)
    return sum((row.counts for row in found[1:]), found[0].counts) if found else Counts()


def years(viewer: User) -> list[int]:
    """Those with results, the latest first. Two queries."""
    _allow(viewer)
    asked = NpsInvitation.objects.visible_to(viewer).filter(invited_at__isnull=False)
    known = {*asked.order_by().values_list("year", flat=True).distinct()}
    return sorted(known | {*NpsRecord.objects.order_by().values_list("year", flat=True).distinct()}, reverse=True)


def distribution(narrow: Narrow, viewer: User) -> dict[int, int]:
    """How many gave each grade from 0 to 10; imported results have classes only, and are not in it. One query."""
    _allow(viewer)
    rows = _narrowed(NpsInvitation.objects.visible_to(viewer).filter(score__isnull=False), narrow)
    times = dict(rows.order_by().values_list("score").annotate(Count("pk")))
    return {grade: times.get(grade, 0) for grade in range(11)}


def names(viewer: User) -> Mapping[str, list[tuple[int, str]]]:
    """The companies and services with results, to choose from: id and name. Four queries."""
    _allow(viewer)
    found = {}
    for by in (By.COMPANY, By.SERVICE):
        asked = NpsInvitation.objects.visible_to(viewer).filter(invited_at__isnull=False)
        pairs = {
            *asked.order_by().values_list(*_columns(by)).distinct(),
            *NpsRecord.objects.order_by().values_list(*_columns(by)).distinct(),
        }
        found[str(by)] = sorted(((pk, name) for pk, name in pairs if pk), key=lambda pair: pair[1].casefold())
    return found


def _allow(viewer: User) -> None:
    if not (verdict := nps_policy.may_read(viewer)):
        raise Refused(verdict.reason)


def _columns(by: str) -> tuple[str, str]:
    return ("year", "year") if by == By.YEAR else (f"{by}_id", f"{by}__name")


def _narrowed(rows: QuerySet[Any], narrow: Narrow) -> QuerySet[Any]:
    for name in ("year", "company", "service"):
        value = getattr(narrow, name)
        if value is not None:
            rows = rows.filter(**{name: None if (name, value) == ("service", WITHOUT_SERVICE) else value})
    return rows


def _key(pk: int | None, label: Any) -> tuple[int, str]:
    return (WITHOUT_SERVICE, NO_SERVICE) if pk is None else (pk, str(label))


Part = tuple[tuple[int, str], Counts]


def _of_answers(by: str, narrow: Narrow, viewer: User) -> Iterator[Part]:
    asked = NpsInvitation.objects.visible_to(viewer).filter(invited_at__isnull=False)
    sums = {
        "promoters": Count("pk", filter=Q(score__gte=9)),
        "passives": Count("pk", filter=Q(score__gte=7, score__lte=8)),
        "detractors": Count("pk", filter=Q(score__lte=6)),
        "asked": Count("pk"),
    }
    for pk, label, *counts in _narrowed(asked, narrow).order_by().values_list(*_columns(by)).annotate(**sums):
        yield _key(pk, label), Counts(*counts)


def _of_records(by: str, narrow: Narrow) -> Iterator[Part]:
    sums = {
        "p": Sum("promoters"),
        "n": Sum("passives"),
        "d": Sum("detractors"),
        "asked": Sum("invited"),
        "unknown": Count("pk", filter=Q(invited=None)),
    }
    rows = _narrowed(NpsRecord.objects.all(), narrow).order_by().values_list(*_columns(by)).annotate(**sums)
    for pk, label, promoters, passives, detractors, asked, unknown in rows:
        yield _key(pk, label), Counts(promoters, passives, detractors, None if unknown else asked)
