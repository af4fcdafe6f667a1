"""What surrounds a ticket on its working page: the valid user's standing, the links to other tickets, and those that look alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from console.queues import BOUND, BoundedCount, words
from core.caching import remembered
from customers import terms as terms_of
from customers.models import Contract, ExtensionWindow, ServiceTerms, ValidUser
from tickets.likeness import ALIKE, likeness, significant
from tickets.models import Ticket
from tickets.vocabulary import ALIVE, UNSOLVED

LOOK_BACK = 200
"""How many of the company's latest tickets are compared; a bound, so that the page costs the same for a company of any age."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The valid user of a ticket as the desk needs to know them. `problem` says why they have no right to service now, if so."""

    valid_user: ValidUser | None
    contract: Contract | None
    terms: ServiceTerms | None
    problem: str
    own_open: str
    company_open: str

    @property
    def extension(self) -> str:
        if self.terms is None:
            return ""
        second_level = _extended().get(self.terms.pk)
        if second_level is None:
            return "Sin extensión de horario"
        return f"Extensión de horario, {'con segundo nivel' if second_level else 'sólo primer nivel'}"


@remembered
def _extended() -> dict[int, bool]:
    """The terms that have hours beyond the standard ones, and whether the second level works in any of them."""
    found: dict[int, bool] = {}
    for terms_id, second_level in ExtensionWindow.objects.values_list("terms", "includes_second_level"):
        found[terms_id] = found.get(terms_id, False) or second_level
    return found


def standing_of(requester_id: int, company_id: int | None, actor: User, now: datetime) -> Standing:
    """Three queries: the valid user, the contract in force, and both counts."""
    valid_user = (
        ValidUser.objects.visible_to(actor).select_related("company", "user").filter(user_id=requester_id).first()
    )
    company_id = company_id or (valid_user.company_id if valid_user else None)
    zone = ZoneInfo(valid_user.company.time_zone if valid_user else "America/Mexico_City")
    contract = (
        Contract.objects.visible_to(actor)
        .in_force(now.astimezone(zone).date())
        .filter(company=company_id)
        .select_related("account_manager")
        .order_by("-starts_on")
        .first()
    )
    terms = terms_of.in_force(contract.pk, now) if contract else None
    own, company = _open_counts(requester_id, company_id, actor)
    return Standing(valid_user, contract, terms, _problem(valid_user, contract), own, company)


def _problem(valid_user: ValidUser | None, contract: Contract | None) -> str:
    if valid_user is None or not valid_user.user.is_active:
        return "No es usuario válido"
    if not valid_user.company.is_active:
        return "Compañía inactiva"
    if valid_user.status == ValidUser.Status.SUSPENDED:
        return "Usuario suspendido"
    return "" if contract else "Sin contrato vigente"


def _open_counts(requester_id: int, company_id: int | None, actor: User) -> tuple[str, str]:
    tickets = Ticket.objects.visible_to(actor).filter(state__in=UNSOLVED).order_by()
    row = (
        User.objects.filter(pk=actor.pk)
        .values(
            own=BoundedCount(tickets.filter(requester=requester_id).values("pk")[: BOUND + 1]),
            company=BoundedCount(tickets.filter(company=company_id).values("pk")[: BOUND + 1]),
        )
        .get()
    )
    return words(row["own"] or 0), words(row["company"] or 0)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another ticket, as a line of a list. `how` says what ties it to this one."""

    number: str
    title: str
    state: str
    how: str = ""


def linked(ticket: Ticket, actor: User) -> list[Neighbour]:
    """Follow-ups and duplicates, both ways. One query."""
    around = [pk for pk in (ticket.follow_up_of_id, ticket.duplicate_of_id) if pk]
    rows = Ticket.objects.visible_to(actor).filter(
        Q(pk__in=around) | Q(follow_up_of=ticket.pk) | Q(duplicate_of=ticket.pk)
    )
    return [Neighbour(row.number, row.title, row.state, _tie(ticket, row)) for row in rows.order_by("-id")[:20]]


def _tie(ticket: Ticket, other: Ticket) -> str:
    if other.pk == ticket.follow_up_of_id:
        return "Este ticket le da seguimiento"
    if other.pk == ticket.duplicate_of_id:
        return "Este ticket es su duplicado"
    return "Le da seguimiento a éste" if other.follow_up_of_id == ticket.pk else "Es duplicado de éste"


def alike(ticket: Ticket, actor: User) -> tuple[list[Neighbour], list[Neighbour]]:
    """The requester's other open tickets, and the company's latest ones whose titles share words with this one. One query."""
    rows = (
        Ticket.objects.visible_to(actor)
        .filter(company=ticket.company_id)
        .exclude(pk=ticket.pk)
        .only("title", "state", "requester")
        .order_by("-created_at", "-id")[:LOOK_BACK]
    )
    found = list(rows)
    own = [row for row in found if row.requester_id == ticket.requester_id and row.state in ALIVE]
    sought = significant(ticket.title)
    scored = [(likeness(sought, significant(row.title)), row.pk, row) for row in found if row not in own]
    best = sorted((item for item in scored if item[0] >= ALIKE), key=lambda item: item[:2], reverse=True)[:SHOWN]
    return _lines(own[:SHOWN]), _lines([row for _, _, row in best])


def _lines(rows: Sequence[Ticket]) -> list[Neighbour]:
    return [Neighbour(row.number, row.title, row.state) for row in rows]
