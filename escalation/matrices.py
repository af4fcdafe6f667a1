"""Which matrix binds, and who is on it: for those who are shown it, and for those who must tell somebody (guide 3.5.2, 3.13.1)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from core import clock
from core.caching import remembered
from escalation.models import Absence, Contact, Level, Matrix
from escalation.vocabulary import MatrixKind


@dataclass(frozen=True, slots=True)
class Place:
    """One level as it is shown. `contact_id` is empty where nobody holds it; minutes run in the desk's window for the ticket."""

    level: int
    role: str
    direction: str
    area: str
    contact_id: int | None
    contact_name: str
    phone: str
    direct_phone: str
    mobile: str
    email: str
    acknowledge_minutes: int
    answer_minutes: int


@dataclass(frozen=True, slots=True)
class Published:
    """The version of a matrix in force; `valid_from` is aware UTC."""

    matrix_id: int
    kind: str
    version: int
    valid_from: datetime
    places: tuple[Place, ...]

    def place(self, level: int) -> Place | None:
        return next((place for place in self.places if place.level == level), None)

    @property
    def last_level(self) -> int:
        return max((place.level for place in self.places), default=0)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is told at a level: `contact`, perhaps `instead_of` somebody who is away."""

    contact: Contact
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """A contact who cannot be told on a day: until when (both included; empty when they do not come back), and who is told instead."""

    until: date | None
    reach: Reach | None


def in_force(
    kind: str, *, contract_id: int | None = None, service_id: int | None = None, at: datetime | None = None
) -> Published | None:
    """The published version at `at`; None where there is none. No query with warm configuration.

    The highest version that had begun: a newer one takes the place of every older one, also of those that were still to begin.
    """
    at = at or clock.now()
    history = _versions(kind, contract_id).get(service_id, [])
    return next((row for row in history if row.valid_from <= at), None)


def technical(contract_id: int, service_ids: tuple[int, ...], at: datetime | None = None) -> dict[int, Published]:
    """The technical lists in force of a contract, by service."""
    found = {pk: in_force(MatrixKind.TECHNICAL, contract_id=contract_id, service_id=pk, at=at) for pk in service_ids}
    return {pk: row for pk, row in found.items() if row is not None}


def day_of(at: datetime) -> date:
    """The desk's day at the moment `at`: absences and validities are counted in it."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def whom(contact_id: int | None, on: date) -> Reach | None:
    """Who can be told on the day `on`: the contact, or whoever stands in while they are away; None when nobody can be reached by mail.

    Two queries, and one more for each person who is away.
    """
    if contact_id is None:
        return None
    contact = Contact.objects.select_related("user").filter(pk=contact_id).first()
    return _follow(contact, on, lambda pk: _absences(on).filter(contact=pk).order_by("-id").first())


@remembered
def away(on: date) -> dict[int, Away]:
    """Everybody who cannot be told themselves on the day `on`, by contact. Two queries; none with warm configuration."""
    absences = {row.contact_id: row for row in _absences(on).select_related("contact__user").order_by("id")}
    found = {pk: Away(row.ends_on, _follow(row.contact, on, absences.get)) for pk, row in absences.items()}
    for contact in Contact.objects.unreachable(on):
        if contact.pk not in found or not contact.holds(on):
            found[contact.pk] = Away(None, None)
    return found


def _absences(on: date) -> QuerySet[Absence]:
    return Absence.objects.filter(starts_on__lte=on, ends_on__gte=on).select_related("substitute__user")


def _follow(contact: Contact | None, on: date, absence_of: Callable[[int], Absence | None]) -> Reach | None:
    """From the contact through whoever stands in, to the first who is there; None at a dead end, or round in a circle."""
    seen: set[int] = set()
    first = contact.name if contact else ""
    while contact is not None and contact.pk not in seen:
        seen.add(contact.pk)
        if not contact.holds(on):
            return None
        absence = absence_of(contact.pk)
        if absence is None:
            instead_of = first if len(seen) > 1 else ""
            return Reach(contact, instead_of) if contact.can_be_told else None
        contact = absence.substitute
    return None


@remembered
def _versions(kind: str, contract_id: int | None) -> dict[int | None, list[Published]]:
    """Every published version of the kind (of the contract), newest first, those to come included; by service."""
    rows = Matrix.objects.filter(kind=kind, contract=contract_id, published_at__isnull=False)
    rows = rows.prefetch_related("levels__contact").order_by("service", "-version")
    return {
        service_id: [
            Published(row.pk, row.kind, row.version, row.valid_from, tuple(map(_place, in_order(row.levels.all()))))
            for row in versions
        ]
        for service_id, versions in groupby(rows, key=lambda row: row.service_id)
    }


def in_order(rows: Iterable[Level]) -> list[Level]:
    """By level; the complaints' directions in the order in which they were written (guide 3.13.1)."""
    written = sorted(rows, key=lambda row: row.pk)
    directions = list(dict.fromkeys(row.direction for row in written))
    return sorted(written, key=lambda row: (directions.index(row.direction), row.level))


def _place(row: Level) -> Place:
    contact = row.contact
    return Place(
        level=row.level,
        role=row.role,
        direction=row.direction,
        area=row.area,
        contact_id=row.contact_id,
        contact_name=contact.name if contact else "",
        phone=contact.phone if contact else "",
        direct_phone=contact.direct_phone if contact else "",
        mobile=contact.mobile if contact else "",
        email=contact.email if contact else "",
        acknowledge_minutes=row.acknowledge_minutes,
        answer_minutes=row.answer_minutes,
    )
