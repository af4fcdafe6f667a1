"""Who stands in for whom: absences that overlap, circles of substitutes, and what whoever writes one should know (guide 3.5.2)."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from django.db.models import QuerySet

from core import words
from escalation.completeness import of_contact
from escalation.models import Absence, Contact


def overlapping(rows: Sequence[Absence]) -> Absence | None:
    """The first of one contact's absences that shares a day with one before it in the calendar. No query."""
    in_order = sorted(rows, key=lambda row: row.starts_on)
    for earlier, later in pairwise(in_order):
        if later.starts_on <= earlier.ends_on:
            return later
    return None


def circle(contact: Contact, absence: Absence) -> list[Contact]:
    """The people through whom the unsaved or changed `absence` of the contact would come back to them on some day; empty when it ends.

    One query for each person who stands in.
    """
    if absence.substitute is None or contact.pk is None:
        return []
    waiting = [([absence.substitute], absence.starts_on, absence.ends_on)]
    while waiting:
        path, starts, ends = waiting.pop()
        for row in _of(path[-1], starts, ends).exclude(substitute=None).select_related("substitute"):
            if row.substitute == contact:
                return path
            if row.substitute is not None and row.substitute not in path:
                within = (max(starts, row.starts_on), min(ends, row.ends_on))
                waiting.append(([*path, row.substitute], *within))
    return []


def warnings(contact: Contact, on: date) -> list[str]:
    """What does not forbid the contact's absences but should be known, of those that have not ended on the day `on`."""
    found: list[str] = []
    for row in contact.absences.filter(ends_on__gte=on).select_related("substitute__user").order_by("starts_on"):
        if row.substitute is not None:
            found += _of_substitute(row, row.substitute)
        for other in contact.substitutions.filter(starts_on__lte=row.ends_on, ends_on__gte=row.starts_on):
            found.append(f"{contact} suple a {other.contact} {days(other)} y también estará ausente {days(row)}.")
    return found


def _of_substitute(absence: Absence, substitute: Contact) -> Iterator[str]:
    told = f"{substitute} suple a {absence.contact} {days(absence)}"
    for row in _of(substitute, absence.starts_on, absence.ends_on).select_related("substitute"):
        instead = f"a {row.substitute}" if row.substitute else "al nivel siguiente"
        yield f"{told} y también estará ausente {days(row)}: mientras tanto se avisa {instead}."
    for fault in dict.fromkeys([*of_contact(substitute, absence.starts_on), *of_contact(substitute, absence.ends_on)]):
        yield f"{told}, pero {fault}"


def days(row: Absence) -> str:
    """«del lunes 9 de marzo al viernes 13 de marzo», «el lunes 9 de marzo»."""
    if row.starts_on == row.ends_on:
        return f"el {words.long_date(row.starts_on)}"
    return f"del {words.long_date(row.starts_on)} al {words.long_date(row.ends_on)}"


def _of(contact: Contact, starts: date, ends: date) -> QuerySet[Absence]:
    return Absence.objects.filter(contact=contact, starts_on__lte=ends, ends_on__gte=starts).order_by("starts_on")
