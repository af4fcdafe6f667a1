"""Which matrix binds, and who is on it: for those who are shown it, and for those who must tell somebody (guide 3.5.2, 3.13.1)."""

from dataclasses import dataclass
from datetime import date, datetime

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


def in_force(
    kind: str, *, contract_id: int | None = None, service_id: int | None = None, at: datetime | None = None
) -> Published | None:
    """The published version at `at`; None where there is none. No query with warm configuration."""
    at = at or clock.now()
    return next((row for row in _history(kind, contract_id, service_id) if row.valid_from <= at), None)


def technical(contract_id: int, service_ids: tuple[int, ...], at: datetime | None = None) -> dict[int, Published]:
    """The technical lists in force of a contract, by service."""
    found = {pk: in_force(MatrixKind.TECHNICAL, contract_id=contract_id, service_id=pk, at=at) for pk in service_ids}
    return {pk: row for pk, row in found.items() if row is not None}


def whom(contact_id: int | None, on: date) -> Reach | None:
    """Who can be told on the day `on`: the contact, or whoever stands in while they are away; None when nobody can be reached by mail.

    One or two queries.
    """
    seen: set[int] = set()
    first = ""
    while contact_id is not None and contact_id not in seen:
        seen.add(contact_id)
        contact = Contact.objects.valid(on).select_related("user").filter(pk=contact_id).first()
        if contact is None:
            return None
        first = first or contact.name
        absence = Absence.objects.filter(contact=contact, starts_on__lte=on, ends_on__gte=on).order_by("-id").first()
        if absence is None:
            has_left = contact.user is not None and not contact.user.is_active
            if has_left or not contact.email:
                return None
            return Reach(contact, first if contact.name != first else "")
        contact_id = absence.substitute_id
    return None


@remembered
def _history(kind: str, contract_id: int | None, service_id: int | None) -> list[Published]:
    """Every published version, newest first, those to come included."""
    rows = Matrix.objects.filter(
        kind=kind, contract=contract_id, service=service_id, published_at__isnull=False
    ).prefetch_related("levels__contact")
    return [
        Published(row.pk, row.kind, row.version, row.valid_from, tuple(_place(level) for level in row.levels.all()))
        for row in rows.order_by("-valid_from", "-version")
    ]


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
