"""Working a ticket's clocks out again from scratch because an audit found them wrong (guide 3.4.2).

Unlike a change of terms, what is stored here is no promise that was kept or missed: it is taken for an error. What was told to the
customer and the desk stays on record beside what is right.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Role
from core import clock, events
from core.bulk import update_each
from core.errors import NotVisible, Refused
from core.verdict import ALLOW, Verdict, deny
from sla import differences, targets
from sla.differences import Difference
from sla.events import ClocksRecounted
from sla.models import Breach, Clock, ClockChange
from sla.plan import Plan
from sla.services import breaches, counting
from sla.services.recounting import Case
from sla.vocabulary import ClockKind, ClockState
from tickets import policy
from tickets.models import Ticket
from tickets.services import door, history, inputs
from tickets.vocabulary import TERMINAL

KIND = "clocks_mended"


def may(actor: User) -> Verdict:
    """Who may have a ticket's clocks worked out again."""
    if actor.is_active and actor.role in (Role.SUPERVISOR, Role.ADMIN):
        return ALLOW
    return deny("Sólo un supervisor o un administrador vuelve a calcular los tiempos de un ticket.")


def mend(ticket: Ticket, *, by: User, reason: str, at: datetime | None = None) -> list[Difference]:
    """Bring the clocks, the next deadline and the breaches of an open ticket to what counting from scratch gives.

    Returns what differs still, which only a person can put right (a pause that does not belong to the ticket's state). Raises Refused for
    other roles and for a ticket that has ended; InvalidInput without a reason. Side effects: one history event with old and new
    deadlines, a ClockChange for each deadline that moved, the escalation plan follows.
    """
    at = at or clock.now()
    with door.locked(ticket) as row:
        if not policy.can_see(by, row):
            raise NotVisible("El ticket no existe.")
        if not (verdict := may(by)):
            raise Refused(verdict.reason)
        if row.state in TERMINAL:
            raise Refused("El ticket ya terminó: sus tiempos quedan como están.")
        reason = inputs.text(reason, "reason", "por qué se vuelven a calcular", longest=2000)
        case = Case(row, list(row.clocks.order_by("pk")), list(row.pauses.all()))
        was = {one.kind: (one.due_at, one.target_minutes, one.clock) for one in case.clocks}
        try:
            _count(case, was, at)
        except (ValueError, OverflowError):
            raise Refused(f"No se puede contar: {differences.BEYOND}") from None
        undone = _breaches(case, at)
        row.next_due_at, row.breached = counting.summary(case.clocks)
        facts = [_fact(case, was, reason), *(breaches.correction(one, reason=reason) for one in undone)]
        history.note(facts, by=by, at=at, saved=("next_due_at", "breached"))
        breaches.correct(undone, reason=reason, at=at)
        _store(case, was, by=by, reason=reason, at=at)
        events.publish(ClocksRecounted(cases=[case]))
        return standing(row, at=at)


def standing(ticket: Ticket, *, at: datetime) -> list[Difference]:
    """How the ticket differs as it is stored now. Three queries."""
    return list(differences.of_ticket(differences.readable(Ticket.objects.filter(pk=ticket.pk)).get(), at=at))


Before = Mapping[str, tuple[datetime | None, int, str]]
"""By kind: the deadline, the target's minutes and their kind of time that were stored."""
NOTHING = (None, 0, "")


def _count(case: Case, was: Before, at: datetime) -> None:
    """Every clock as the ticket's facts, terms and pauses say. One that is missing is made; one that had been met keeps its promise."""
    row = case.ticket
    for kind in ClockKind.values:
        if kind not in was:
            case.clocks.append(Clock(ticket=row, kind=kind, started_at=row.created_at))
    plans = targets.for_ticket(row)
    facts = {ClockKind.REACTION: row.reacted_at, ClockKind.ATTENTION: row.attended_at}
    for one in case.clocks:
        met_at, one.breached_at = facts[ClockKind(one.kind)], None
        if met_at is None or one.state != ClockState.MET:
            _promise(one, case, plans[one.kind], was, met_at, at)
        else:
            one.met_at, one.next_at = met_at, None


def _promise(one: Clock, case: Case, plan: Plan, was: Before, met_at: datetime | None, at: datetime) -> None:
    """The clock's promise from the ticket's creation, and where it stands: at `met_at`, else now."""
    row, percents = case.ticket, targets.warning_percents(case.ticket.terms_id, case.ticket.created_at)
    pauses = counting.pauses_of(one.kind, row.terms, case.pauses, row.created_at)
    if met_at is not None:
        pauses = counting.until([pause for pause in pauses if pause[0] < met_at], met_at)
    one.met_at = one.stopped_at = None
    counting.adopt(one, plan)
    counting.run(one, plan, pauses, met_at or at, percents)
    if _moved(one, was):
        one.warned_percent = counting.still_warned(one, plan, pauses, percents, at)
        one.next_at = counting.next_look(one, plan, pauses, percents)
    if met_at is not None:
        counting.end(one, ClockState.MET, met_at, plan.used(met_at, pauses))


def _breaches(case: Case, at: datetime) -> list[breaches.Undone]:
    """What was missed goes on record, with what follows from it. Returns what is on record and was not missed."""
    standing = list(Breach.objects.filter(ticket=case.ticket, corrected_at=None))
    recorded = {(row.kind, row.due_at) for row in standing}
    late: list[tuple[Ticket, Clock]] = []
    wrong: list[breaches.Undone] = []
    for one in case.clocks:
        missed = one.due_at if breaches.is_late(one, one.met_at or at) else None
        if missed is not None and (one.kind, missed) in recorded:
            one.breached_at, one.next_at = missed, None
        elif missed is not None:
            late.append((case.ticket, one))
        wrong += [
            breaches.Undone(case.ticket, one, row.due_at)
            for row in standing
            if row.kind == one.kind and row.due_at != missed
        ]
    breaches.record(late, at=at)
    return wrong


def _moved(one: Clock, was: Before) -> bool:
    return (one.due_at, one.target_minutes, one.clock) != was.get(one.kind, NOTHING)


def _fact(case: Case, was: Before, reason: str) -> history.Fact:
    clocks: dict[str, Any] = {}
    for one in case.clocks:
        if _moved(one, was):
            due, minutes, basis = was.get(one.kind, NOTHING)
            told = {"was_due": due, "due": one.due_at, "was_minutes": minutes, "minutes": one.target_minutes}
            clocks[one.kind] = {**told, "was_clock": basis, "clock": one.clock}
    return history.Fact(ticket=case.ticket, kind=KIND, data={"reason": reason, "clocks": clocks})


def _store(case: Case, was: Before, *, by: User, reason: str, at: datetime) -> None:
    """One query for all of the clocks, one for what moved; one more for each clock that was missing."""
    changes, known = [], [one for one in case.clocks if one.kind in was]
    for one in case.clocks:
        if one.kind not in was:
            one.save(force_insert=True)
        elif _moved(one, was):
            one.revision += 1
            change = ClockChange(ticket=case.ticket, kind=one.kind, new_due=one.due_at, at=at, by=by, reason=reason)
            change.old_due, change.old_minutes, change.old_clock = was[one.kind]
            change.new_minutes, change.new_clock = one.target_minutes, one.clock
            changes.append(change)
    update_each(known, counting.MUTABLE)
    ClockChange.objects.bulk_create(changes)
