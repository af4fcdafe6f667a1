"""Which open tickets new terms, or a calendar's days, are about.

A ticket that is not solved is open, also with its clocks met: its priority, its pauses and its time to validate follow its terms. What was
solved keeps the terms under which it was: the customer is already validating it.
"""

from datetime import datetime

from django.db.models import Q

from customers.models import Calendar, ServiceTerms
from customers.models.querysets import TermsQuerySet
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import State


def by_terms(terms: ServiceTerms, *, at: datetime) -> TicketQuerySet:
    """The open tickets that would take `terms` over at `at`: of their contract, with the guide's terms or an earlier version.

    The guide's concern every contract that has no terms of its own in force then. Nothing goes back from later terms.
    """
    earlier = ServiceTerms.objects.filter(valid_from__lt=terms.valid_from)
    rows = Ticket.objects.unsolved()
    if terms.contract_id is not None:
        older = ServiceTerms.objects.filter(contract=None) | earlier.filter(contract=terms.contract_id)
        return rows.filter(contract=terms.contract_id, terms__in=_ids(older))
    own = ServiceTerms.objects.filter(contract__isnull=False, valid_from__lte=max(at, terms.valid_from))
    return rows.filter(terms__in=_ids(earlier.filter(contract=None))).exclude(contract__in=own.values("contract"))


def by_calendar(calendar: Calendar) -> TicketQuerySet:
    """The open tickets with a clock that is counted by `calendar`: their terms name it, or name none and the guide's of their time do.

    A clock runs where there is a next deadline, and stands still only in the states that wait for somebody. A promised date counts in the
    same hours what follows when it is missed.
    """
    guide = list(
        ServiceTerms.objects.filter(contract=None).order_by("valid_from").values_list("valid_from", "calendar_id")
    )
    by_guide = Q(pk__in=())
    for place, (since, named) in enumerate(guide):
        if named == calendar.pk:
            # What is older than the guide's first terms is read under those.
            begins = Q(created_at__gte=since) if place else Q()
            ends = Q(created_at__lt=guide[place + 1][0]) if place + 1 < len(guide) else Q()
            by_guide |= Q(terms__calendar=None) & begins & ends
    counting = Q(next_due_at__isnull=False) | Q(state__in=(State.PENDING_USER, State.PENDING_VENDOR))
    counting |= Q(committed_for__isnull=False)
    return Ticket.objects.unsolved().filter(counting, Q(terms__calendar=calendar) | by_guide)


def _ids(terms: TermsQuerySet) -> list[int]:
    return list(terms.values_list("pk", flat=True))
