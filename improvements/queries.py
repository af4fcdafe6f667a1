"""What is asked of the register: whatever answers to a thing, the list with its filters, what a month adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.roles import SUPERVISING
from customers.models import Company
from improvements import days
from improvements.models import ActionSource, CorrectiveAction
from improvements.models.actions import ActionQuerySet, pk_of
from improvements.monthly import Month, month
from improvements.vocabulary import LIVE, ActionState
from tickets.models import Ticket

__all__ = ["Month", "Narrow", "listed", "month", "of_source", "of_sources", "of_ticket", "with_people"]

MOST_COMPANIES = 50
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """What a list is narrowed by; what is empty does not. `owner` and `company` are ids."""

    states: tuple[str, ...] = ()
    origin: str = ""
    kind: str = ""
    owner: int | None = None
    company: int | None = None
    is_overdue: bool = False
    is_mine: bool = False
    is_mine_to_verify: bool = False
    text: str = ""


def listed(viewer: User, narrow: Narrow, *, at: datetime) -> ActionQuerySet:
    """The actions that the viewer may see and that match, unordered. One query more where a text is searched."""
    rows: ActionQuerySet = CorrectiveAction.objects.visible_to(viewer)
    if narrow.states:
        rows = rows.filter(state__in=narrow.states)
    if narrow.is_overdue:
        rows = rows.overdue(days.of(at))
    if narrow.is_mine:
        rows = rows.filter(owner=viewer, state__in=LIVE)
    if narrow.is_mine_to_verify:
        rows = rows.filter(_to_verify(viewer))
    for name, value in (
        ("origin", narrow.origin),
        ("kind", narrow.kind),
        ("owner", narrow.owner),
        ("company", narrow.company),
    ):
        if value not in ("", None):
            rows = rows.filter(**{name: value})
    return rows.filter(_mentions(viewer, narrow.text)) if narrow.text.strip() else rows


def with_people(rows: ActionQuerySet) -> ActionQuerySet:
    """Everything that a row of a list shows, in one query. `next_on` is the day on which it is to be done, or verified."""
    told = {"sources_count": Count("sources"), "next_on": Coalesce("verify_on", "due_on")}
    return rows.select_related("owner", "company").annotate(**told)


def of_source(origin: str, source_id: int, viewer: User) -> list[CorrectiveAction]:
    """The actions that answer to one thing, as far as the viewer may see them. One query."""
    return of_sources(origin, [source_id], viewer).get(source_id, [])


def of_sources(origin: str, source_ids: Iterable[int], viewer: User) -> dict[int, list[CorrectiveAction]]:
    """The same for many things at once, by their ids. One query."""
    seen = CorrectiveAction.objects.visible_to(viewer).values("pk")
    rows = ActionSource.objects.filter(origin=origin, source_id__in=list(source_ids), action__in=seen)
    found: dict[int, list[CorrectiveAction]] = {}
    for row in rows.select_related("action__owner").order_by("pk"):
        if row.source_id is not None:
            found.setdefault(row.source_id, []).append(row.action)
    return found


def kept_from(person: User) -> list[str]:
    """The numbers of the actions that are kept from the person, whatever their role. One query."""
    rows = CorrectiveAction.objects.filter(kept_from=person.pk).order_by("pk")
    return [action.number for action in rows.only("pk")]


def of_ticket(ticket: Ticket, viewer: User) -> list[CorrectiveAction]:
    """The actions that came from something of the ticket, newest first. One query."""
    named = Exists(ActionSource.objects.filter(action=OuterRef("pk"), ticket=ticket))
    rows = CorrectiveAction.objects.visible_to(viewer).filter(named)
    return list(rows.select_related("owner").order_by("-pk"))


def _to_verify(viewer: User) -> Q:
    """What waits for this person's word on its effect."""
    if viewer.role not in SUPERVISING:
        return Q(pk__in=[])
    involved = Q(owner=viewer) | Q(implemented_by=viewer, implemented_by__isnull=False)
    return Q(state=ActionState.IMPLEMENTED) & ~involved


def _mentions(viewer: User, text: str) -> Q:
    """This number, or a piece of its title, of what happened, of a source's name, of its owner's or of its company's."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    pk = pk_of(text)
    if pk is not None:
        return Q(pk=pk)
    if viewer.is_customer:
        return Q(summary__icontains=text)
    companies = Company.objects.visible_to(viewer).filter(name__icontains=text).values_list("pk", flat=True)
    source = Exists(ActionSource.objects.filter(action=OuterRef("pk"), label__icontains=text))
    return (
        Q(title__icontains=text)
        | Q(problem__icontains=text)
        | Q(owner__full_name__icontains=text)
        | Q(company__in=list(companies[:MOST_COMPANIES]))
        | Q(source)
    )
