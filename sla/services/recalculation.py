"""New terms, or a calendar's new days, reach the open tickets: asked for by an administrator, done in chunks, resumable (guide 3.4.1, 3.4.2).

A job is a row; each chunk locks its tickets in the order of their ids, works their clocks out again and puts what changed on record,
in the transaction that also moves the job's cursor. Killed at any moment, it goes on from there and repeats nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.roles import role_has_perm
from core import alarms, clock, events
from core.caching import SECONDS
from core.errors import DomainError, Refused
from core.leases import WorkState
from core.sweeps import each_chunk
from customers import terms as terms_of
from customers.models import Calendar, ServiceTerms
from sla import concerned
from sla.events import ClocksRecounted
from sla.models import Clock, Pause, Recalculation
from sla.services import recounting
from sla.services.recounting import Case, Draft
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.services import history, inputs
from tickets.services.terms import ADOPTED, adopt
from tickets.vocabulary import UNSOLVED

log = structlog.get_logger(__name__)

TASK = "sla.recalculate"
CHUNK = 200
"""Tickets locked in one transaction: an agent waits for it no longer than a moment."""
STRETCH, STRETCHES = 5_000, 50
"""Ids among which a chunk's tickets are looked for, and how many times in one transaction."""
SETTLED = timedelta(seconds=SECONDS + 5)
"""After which no process counts by what it remembered of a calendar before it was edited."""
UNREAD = ("description", "solution", "fields")
"""Long values of a ticket that no clock needs."""
ALARM = "recalculation"
UNCOUNTABLE = (DomainError, ValueError, OverflowError)
"""What working out a ticket may raise: its terms leave something unsaid, or its deadline lies beyond the calendar's years."""
BEYOND = "su vencimiento sale del calendario que se puede contar (1900 a 2199)."


def request(
    *,
    by: User,
    terms: ServiceTerms | None = None,
    calendar: Calendar | None = None,
    reason: str,
    at: datetime | None = None,
) -> Recalculation:
    """Have the open tickets take `terms` over, or count anew by `calendar`; exactly one of the two. The customers read `reason`.

    It begins at once; for terms that are not in force yet, when they will be; for a calendar, when every process has forgotten the old
    days. Raises Refused for who is no administrator, while one for the same is pending, and for terms already replaced by others;
    InvalidInput without a reason.
    """
    at = at or clock.now()
    if (terms is None) == (calendar is None):
        raise ValueError("either terms or a calendar")
    _only_administrators(by)
    reason = inputs.text(reason, "reason", "por qué se aplican", longest=2000)
    with transaction.atomic():
        if _pending(terms, calendar) is not None:
            raise Refused("Ya hay un recálculo pendiente de lo mismo. Espere a que termine.", code="pending")
        if terms is not None and is_replaced(terms, at=at):
            raise Refused("Estas condiciones ya fueron sustituidas por otras.", code="replaced")
        begins = at + SETTLED if terms is None else max(at, terms.valid_from)
        row = Recalculation.objects.create(
            terms=terms, calendar=calendar, reason=reason, requested_by=by, created_at=at, next_at=begins
        )
        events.wake(TASK)
    return row


def renew(calendar: Calendar, *, by: User, reason: str, at: datetime | None = None) -> Recalculation:
    """`request` for a calendar whose days were edited (in the caller's transaction): one that is pending begins again from its first ticket,
    and tells the new reason."""
    at = at or clock.now()
    _only_administrators(by)
    with transaction.atomic():
        row = _pending(None, calendar)
        if row is None:
            return request(by=by, calendar=calendar, reason=reason, at=at)
        # Without its lease, a worker that has it in hand undoes its present chunk: it may have counted by the old days.
        row.reason, row.requested_by, row.next_at = reason, by, at + SETTLED
        row.total, row.done, row.cursor, row.attempts, row.lease_until, row.lease_token = None, 0, 0, 0, None, ""
        row.save()
    return row


def withdraw(job: Recalculation, *, by: User) -> None:
    """Take back terms that have not begun to be applied. Raises Refused for who is no administrator, when they have, and for a calendar:
    its days are what they are."""
    _only_administrators(by)
    if job.terms_id is None:
        raise Refused(
            "Los días inhábiles ya cambiaron: los tickets abiertos tienen que contarse con ellos.", code="fact"
        )
    waiting = Recalculation.objects.filter(pk=job.pk, state=WorkState.PENDING, lease_token="", total=None)
    if not waiting.update(state=WorkState.WITHDRAWN):
        raise Refused("Ya empezó o ya terminó, y no se puede retirar.", code="begun")


def chunk(job: Recalculation, *, size: int = CHUNK) -> tuple[int, int] | None:
    """Do up to `size` of the job's next tickets in the caller's transaction: how many they were, and the last id that was looked at; None
    when none is left.

    A ticket that fails is logged, raises the job's alarm, and stops no other. About a dozen queries, however many tickets change.
    """
    at = clock.now()
    rows = tickets_of(job, at=at)
    if job.total is None:
        job.total = rows.order_by().count()
    ids, cursor = _next(rows, job.cursor, size)
    if cursor == job.cursor:
        return None
    tally = _Tally()
    failed = each_chunk(ids, lambda part: _apply(job, part, at, tally), name="recalculation", size=size)
    _raise_alarm(job, failed, tally, at)
    if tally.changed:
        job.changed += tally.changed
        Recalculation.objects.filter(pk=job.pk).update(changed=F("changed") + tally.changed)
    return len(ids), cursor


def tickets_of(job: Recalculation, *, at: datetime) -> TicketQuerySet:
    """The open tickets that the job is about."""
    if job.terms is not None:
        return concerned.by_terms(job.terms, at=at)
    assert job.calendar is not None  # the database sees to it
    return concerned.by_calendar(job.calendar)


def hold_back(at: datetime) -> None:
    """Jobs whose terms were put off since they were asked for wait for them."""
    early = Recalculation.objects.due(at).filter(terms__valid_from__gt=at)
    for pk, valid_from in early.values_list("pk", "terms__valid_from"):
        Recalculation.objects.filter(pk=pk, lease_token="").update(next_at=valid_from)


def _next(rows: TicketQuerySet, cursor: int, size: int) -> tuple[list[int], int]:
    """The next ids, and up to which id they were looked for; the same cursor when no ticket comes after it.

    A stretch of ids at a time: to find a few among very many, the database would else read all of them every time.
    """
    last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for _ in range(STRETCHES):
        upto = min(cursor + STRETCH, last)
        found = rows.filter(pk__gt=cursor, pk__lte=upto).order_by("pk").values_list("pk", flat=True)
        ids = list(found[:size]) if cursor < upto else []
        cursor = ids[-1] if len(ids) == size else max(cursor, upto)
        if ids or cursor >= last:
            return ids, cursor
    return [], cursor


@dataclass(slots=True)
class Outcome:
    """What applying would do to one ticket. `told` is what its history says of the terms, None for a calendar."""

    draft: Draft
    told: dict[str, Any] | None

    @property
    def is_change(self) -> bool:
        """Whether the customer is promised something else, or the desk takes the ticket in another order."""
        return bool(self.draft.moves or (self.told and self.told["changes"]))


def reckon(case: Case, terms: ServiceTerms | None, *, at: datetime) -> Outcome:
    """What would change for a ticket that took `terms` over, or with None for what it has, in hand only."""
    told = None if terms is None else adopt(case.ticket, terms)
    return Outcome(recounting.draft(case, at=at), told)


def cases_of(rows: TicketQuerySet) -> list[Case]:
    """The tickets, in their order, with their clocks and pauses. Three queries with warm configuration."""
    found = {row.pk: Case(row) for row in rows.select_related("company").defer(*UNREAD)}
    for case in found.values():
        case.ticket.terms = terms_of.get(case.ticket.terms_id)
    for one in Clock.objects.filter(ticket__in=found).order_by("pk"):
        case = found[one.ticket_id]
        one.ticket = case.ticket
        case.clocks.append(one)
    for pause in Pause.objects.filter(ticket__in=found).order_by("started_at", "pk"):
        found[pause.ticket_id].pauses.append(pause)
    return list(found.values())


@dataclass(slots=True)
class _Tally:
    changed: int = 0
    errors: dict[int, str] = field(default_factory=dict)


def _apply(job: Recalculation, ids: Sequence[int], at: datetime, tally: _Tally) -> set[int]:
    """Lock and do some tickets; gives those that did not fail."""
    locked = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids, state__in=UNSOLVED).order_by("pk")
    outcomes: dict[int, Outcome] = {}
    errors: dict[int, str] = {}
    still: list[Case] = []
    for case in cases_of(locked):
        try:
            outcome = reckon(case, job.terms, at=at)
        except UNCOUNTABLE as error:
            log.exception("recalculation_failed", job=job.pk, ticket=case.ticket.pk)
            errors[case.ticket.pk] = error.message if isinstance(error, DomainError) else BEYOND
            continue
        if outcome.told is not None or outcome.draft.moves:
            outcomes[case.ticket.pk] = outcome
        else:
            still.append(case)
    recounting.settle(
        [outcome.draft for outcome in outcomes.values()],
        by=job.requested_by,
        reason=job.reason,
        at=at,
        fact_of=lambda draft: _fact(job, outcomes[draft.case.ticket.pk]),
        saved=ADOPTED if job.terms is not None else (),
    )
    if still:
        # Their deadlines stay; what counts from a deadline or a promised date in the same hours need not.
        events.publish(ClocksRecounted(cases=still))
    tally.changed += sum(outcome.is_change for outcome in outcomes.values())
    tally.errors |= errors
    return set(ids) - set(errors)


def _fact(job: Recalculation, outcome: Outcome) -> history.Fact:
    clocks = {
        move.clock.kind: {
            "was_due": move.was_due,
            "due": move.due,
            "was_minutes": move.was_minutes,
            "minutes": move.plan.minutes,
            "was_clock": move.was_basis,
            "clock": move.plan.basis,
        }
        for move in outcome.draft.moves
    }
    data: dict[str, Any] = {"reason": job.reason, "recalculation": job.pk, "clocks": clocks}
    if outcome.told is None:
        kind, data["calendar"] = "calendar_applied", str(job.calendar)
    else:
        kind = "terms_applied"
        data |= outcome.told
    return history.Fact(ticket=outcome.draft.case.ticket, kind=kind, data=data, is_public=True)


def _raise_alarm(job: Recalculation, failed: set[int], tally: _Tally, at: datetime) -> None:
    for pk in sorted(failed):
        number = f"T{pk:07d}"
        why = tally.errors.get(pk, "hubo un error interno, que está en el registro del servidor.")
        text = f"El recálculo «{job}» no pudo con {number} y siguió con los demás: {why} Corríjalo y vuelva a pedirlo."
        alarms.sound(ALARM, alarm_key(job), text, subject=number, at=at)


def is_allowed(by: User) -> bool:
    """Whether the person may ask for a recalculation, and take it back."""
    return by.is_active and role_has_perm(by.role, "sla.add_recalculation")


def alarm_key(job: Recalculation) -> str:
    """Of the alarm that tells which tickets the job could not do; its `times` counts them."""
    return f"{ALARM}:{job.pk}"


def _only_administrators(by: User) -> None:
    if not is_allowed(by):
        raise Refused("Sólo un administrador aplica condiciones o calendarios a los tickets abiertos.")


def _pending(terms: ServiceTerms | None, calendar: Calendar | None) -> Recalculation | None:
    """The pending job for the same, locked; so is what it is for, that two requests at once find each other."""
    for row in (terms, calendar):
        if row is not None:
            type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    jobs = Recalculation.objects.select_for_update(of=("self",))
    found: Recalculation | None = jobs.filter(state=WorkState.PENDING, terms=terms, calendar=calendar).first()
    return found


def is_replaced(terms: ServiceTerms, *, at: datetime) -> bool:
    """Whether later terms of the same contract are in force already."""
    later = ServiceTerms.objects.filter(contract=terms.contract_id, valid_from__gt=terms.valid_from)
    return later.filter(valid_from__lte=at).exists()
