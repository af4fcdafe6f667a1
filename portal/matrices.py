"""The matrices as customers read them: who to turn to at each level, who is there today, and how soon they answer (guide 3.5.2, 3.13.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from accounts.models import User
from accounts.roles import Role
from core import words
from customers.models import Contract, Service, ValidUser
from escalation import matrices
from escalation.matrices import Away, Place, Published
from escalation.models import Contact
from escalation.vocabulary import MatrixKind


@dataclass(frozen=True, slots=True)
class Rung:
    """A level today. Of who left nothing is shown; of who is away, `until` when, and `stand_in` instead, if there is one."""

    place: Place
    answers: str
    is_vacant: bool = False
    until: str = ""
    stand_in: Contact | None = None
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A matrix in force. Without `rungs` it has not been published."""

    title: str
    valid_from: datetime | None = None
    version: int = 0
    rungs: tuple[Rung, ...] = ()


def desk(at: datetime) -> Listing:
    """The service desk's four levels."""
    return _listing("Mesa de Servicio", matrices.in_force(MatrixKind.SERVICE_DESK, at=at), at)


def complaints(at: datetime) -> tuple[Listing, list[tuple[str, list[Rung]]]]:
    """The matrix of complaints and suggestions, and its rows by direction."""
    found = _listing("Quejas y sugerencias", matrices.in_force(MatrixKind.COMPLAINTS, at=at), at)
    by_direction = groupby(found.rungs, key=lambda rung: rung.place.direction)
    return found, [(direction, list(rungs)) for direction, rungs in by_direction]


def technical(user: User, at: datetime) -> list[tuple[Contract, list[Listing]]]:
    """The «Listado de Escalamiento de Fallas Técnicas» of each contracted service, for the company's representative alone.

    Two queries, with warm configuration, whatever was contracted.
    """
    if user.role != Role.REPRESENTATIVE:
        return []
    contracts = Contract.objects.visible_to(user).in_force(matrices.day_of(at)).select_related("account_manager")
    return [
        (contract, _lists(contract, contract.services.all(), at)) for contract in contracts.prefetch_related("services")
    ]


def representatives(user: User) -> list[str]:
    """Who holds the technical lists in the person's own company. One query."""
    rows = ValidUser.objects.visible_to(user).filter(
        user__role=Role.REPRESENTATIVE, user__is_active=True, status=ValidUser.Status.ACTIVE
    )
    return list(rows.order_by("user__full_name").values_list("user__full_name", flat=True))


def _lists(contract: Contract, services: Iterable[Service], at: datetime) -> list[Listing]:
    contracted = sorted(services, key=lambda service: service.name)
    found = matrices.technical(contract.pk, tuple(service.pk for service in contracted), at)
    return [_listing(service.name, found.get(service.pk), at) for service in contracted]


def _listing(title: str, found: Published | None, at: datetime) -> Listing:
    if found is None:
        return Listing(title)
    away = matrices.away(matrices.day_of(at))
    last: dict[str, int] = {}
    for place in found.places:
        last[place.direction] = max(place.level, last.get(place.direction, 0))
    rungs = tuple(_rung(place, away, at, is_last=place.level == last[place.direction]) for place in found.places)
    return Listing(title, found.valid_from, found.version, rungs)


def _rung(place: Place, away: dict[int, Away], at: datetime, *, is_last: bool) -> Rung:
    answers = (
        f"Acusa recibo en {words.hours(place.acknowledge_minutes)} y responde en {words.hours(place.answer_minutes)}"
    )
    absence = away.get(place.contact_id) if place.contact_id is not None else Away(None, None)
    if absence is None:
        return Rung(place, answers)
    meanwhile = f"Mientras tanto, diríjase {'a la Mesa de Servicio' if is_last else 'al nivel siguiente'}."
    if absence.until is None:
        return Rung(place, answers, is_vacant=True, meanwhile=meanwhile)
    until = words.long_date(absence.until, year=absence.until.year != at.year)
    if absence.reach is None:
        return Rung(place, answers, until=until, meanwhile=meanwhile)
    return Rung(place, answers, until=until, stand_in=absence.reach.contact)
