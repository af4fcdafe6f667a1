"""The questions that are asked of tickets. `visible_to` is the only way in for a front end."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role
from core.text import fold
from customers.models import ValidUser
from tickets.vocabulary import ALIVE, UNSOLVED, State


def company_id_of(actor: User) -> int | None:
    """The company whose valid user the actor is; asked once per actor object."""
    if "_company_id" not in actor.__dict__:
        actor.__dict__["_company_id"] = (
            ValidUser.objects.filter(user=actor.pk).values_list("company_id", flat=True).first()
        )
    found: int | None = actor.__dict__["_company_id"]
    return found


def scope(actor: User, prefix: str = "") -> Q | None:
    """Which tickets the actor may see, as a condition on `prefix`; None for none at all.

    The desk sees every ticket; a consultant those of their groups or their own; a representative the company's; a requester their own.
    """
    if not actor.is_active:
        return None
    if actor.role == Role.CONSULTANT:
        return Q(**{f"{prefix}group__in": actor.group_ids}) | Q(**{f"{prefix}assignee": actor.pk})
    if actor.is_desk:
        return Q()
    company_id = company_id_of(actor) if actor.is_customer else None
    if company_id is None:
        return None
    own = Q(**{f"{prefix}company": company_id})
    return own if actor.role == Role.REPRESENTATIVE else own & Q(**{f"{prefix}requester": actor.pk})


def mentions(text: str) -> Q:
    """Tickets with this number or external reference, or with this piece of text in their title, accents and case aside."""
    from tickets.models.ticket import pk_of

    text = text.strip()
    condition = Q(folded_title__contains=fold(text)) | Q(external_reference__iexact=text)
    pk = pk_of(text)
    return condition | Q(pk=pk) if pk is not None and pk < 2**62 else condition


class TicketScoped(models.QuerySet[Any]):
    """Rows that belong to a ticket, found through `ticket_path`."""

    ticket_path = "ticket__"

    def visible_to(self, actor: User) -> Self:
        condition = scope(actor, self.ticket_path)
        return self.none() if condition is None else self.filter(condition)


class TicketQuerySet(TicketScoped):
    ticket_path = ""

    def by_number(self, number: str) -> Self:
        from tickets.models.ticket import pk_of

        pk = pk_of(number)
        return self.none() if pk is None or pk > 2**62 else self.filter(pk=pk)

    def with_people(self) -> Self:
        """Everything that a row of a list shows, in one query."""
        return self.select_related("company", "requester", "group", "assignee")

    def alive(self) -> Self:
        """Not in a terminal state."""
        return self.filter(state__in=ALIVE)

    def unsolved(self) -> Self:
        """Work of the desk: neither solved nor terminal."""
        return self.filter(state__in=UNSOLVED)

    def in_precedence(self) -> Self:
        """The queue's order: relevant, major, priority, then the earliest running deadline (guide 2.2, 3.4.1, 3.8)."""
        return self.order_by("precedence", F("next_due_at").asc(nulls_last=True), "id")

    def unvalidated(self, at: datetime) -> Self:
        """Solved, and the customer's time to validate has passed at `at` (guide 3.6); the deadline's own instant is still in time."""
        return self.filter(state=State.SOLVED, validation_due_at__lt=at)

    def to_remind(self, at: datetime, ahead: Any) -> Self:
        """Solved, not yet reminded, with less than `ahead` (a timedelta) left to validate."""
        return self.filter(
            state=State.SOLVED,
            validation_reminded_at=None,
            validation_due_at__lte=at + ahead,
            validation_due_at__gte=at,
        )

    def search(self, text: str) -> Self:
        """By number, external reference, or a piece of the title, with or without its accents."""
        return self.filter(mentions(text))
