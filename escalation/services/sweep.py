"""What goes up by itself: plans whose rule has come due, and levels that let their time pass (guide 3.5.2).

The rows say what is due, so a sweep that is late, lost or doubled does no harm: the ticket's lock lets only one see it as due.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from accounts.services import system_actor
from core import alarms, events, words
from core.bulk import update_each
from core.sweeps import each_chunk
from escalation import matrices
from escalation.events import EscalationOverdue
from escalation.models import Escalation, EscalationPlan, EscalationStep
from escalation.services import plans as plan_of
from escalation.services.ascent import ALARM, Ascent, carry_out
from escalation.vocabulary import FIRST_LEVEL, Cause, EscalationState, MatrixKind, RuleClock
from sla.models import Clock, Pause
from sla.vocabulary import ClockKind, ClockState
from tickets.models import Ticket
from tickets.services import door, history
from tickets.vocabulary import TERMINAL

BATCH = 1000
OPEN = (ClockState.RUNNING, ClockState.PAUSED)
CHUNK = 500
"""Tickets in one transaction: about a third of a second's work."""
AT_ONCE = 2
"""Transactions at the same time."""

Row = TypeVar("Row", Clock, Pause)


@dataclass(slots=True)
class Swept:
    """`looked` rows were due; `left` are the tickets that could not be looked at now."""

    looked: int
    left: set[int]


def plans(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Take the steps of up to `limit` due plans, the longest waiting first."""
    due = EscalationPlan.objects.due(at)
    ids = list((due.exclude(ticket__in=skip) if skip else due).values_list("ticket_id", flat=True)[:limit])
    return Swept(
        len(ids), each_chunk(ids, lambda part: _take(part, at), name="escalation_plan", size=CHUNK, at_once=AT_ONCE)
    )


def waits(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Go on from up to `limit` levels that let their time pass, the longest waiting first."""
    due = Escalation.objects.due(at)
    found = list((due.exclude(ticket__in=skip) if skip else due).values_list("ticket_id", flat=True)[:limit])
    ids = list(dict.fromkeys(found))
    return Swept(
        len(found), each_chunk(ids, lambda part: _pass(part, at), name="escalation_wait", size=CHUNK, at_once=AT_ONCE)
    )


def _take(ids: Sequence[int], at: datetime) -> set[int]:
    """Carry out the rules that are due: each ticket goes at once to the highest level they name."""
    tickets = door.locked_many(ids)
    due = list(EscalationPlan.objects.filter(ticket__in=tickets, next_at__lte=at).order_by("pk"))
    clocks, pauses = _by_ticket(_clocks(tickets)), _by_ticket(Pause.objects.filter(ticket__in=tickets))
    cases = {
        case.ticket_id: case for case in Escalation.objects.filter(ticket__in=tickets, kind=MatrixKind.SERVICE_DESK)
    }
    matrix, actor = matrices.in_force(MatrixKind.SERVICE_DESK, at=at), system_actor()
    ascents = []
    for plan in due:
        ticket = tickets[plan.ticket_id]
        left = plan_of.pending(plan, ticket, clocks[ticket.pk], pauses[ticket.pk])
        ripe = [index for index, moment in left if moment is not None and moment <= at]
        plan.taken = [*plan.taken, *ripe]
        plan.next_at = min((moment for i, moment in left if moment is not None and i not in ripe), default=None)
        case = cases.get(ticket.pk)
        step = max((plan.steps[index] for index in ripe), key=lambda rule: rule["level"], default=None)
        if step is None or (case is None and matrix is None):
            continue
        reached = case.level if case else FIRST_LEVEL
        levels = [row["level"] for row in case.levels] if case else [p.level for p in matrix.places] if matrix else []
        goal = min(step["level"], max(levels))
        if case is not None and goal <= reached:
            continue
        ascents.append(
            Ascent(
                ticket=ticket,
                case=case,
                matrix=matrix,
                level=goal,
                passing=range(reached + 1, goal),
                cause=Cause.RULE,
                reason=words_of(step),
                by=actor,
            )
        )
    carry_out(ascents, at=at)
    update_each(due, ["taken", "next_at"])
    return set(tickets)


def _clocks(tickets: Iterable[int]) -> QuerySet[Clock]:
    """Those that still run, and the attention's, in whose time promised dates are late; no more of them than a plan asks for."""
    wanted = Clock.objects.filter(ticket__in=tickets).filter(Q(state__in=OPEN) | Q(kind=ClockKind.ATTENTION))
    return wanted.only("ticket", "kind", "state", "target_minutes", "clock", "counts_from", "due_at")


def words_of(step: plan_of.Step) -> str:
    """«Venció el tiempo de atención hace más de 1 h», «Corrió el 75 % del tiempo de reacción»."""
    what, part = {
        RuleClock.REACTION: ("el tiempo de reacción", "del tiempo de reacción"),
        RuleClock.ATTENTION: ("el tiempo de atención", "del tiempo de atención"),
        RuleClock.COMMITMENT: ("la fecha compromiso", ""),
    }[RuleClock(step["clock"])]
    if step["percent"]:
        return f"Corrió el {step['percent']} % {part}"
    late = f" hace más de {words.hours(step['delay_minutes'])}" if step["delay_minutes"] else ""
    return f"Venció {what}{late}"


def _by_ticket(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.ticket_id].append(row)
    return found


def _pass(ids: Sequence[int], at: datetime) -> set[int]:
    """Unacknowledged: the next level. Unanswered: it is written down, and the customer may go further."""
    tickets = door.locked_many(ids)
    due = list(Escalation.objects.filter(ticket__in=tickets, next_at__lte=at).order_by("pk"))
    last: dict[int, EscalationStep] = {}
    for step in EscalationStep.objects.filter(escalation__in=due).order_by("escalation", "number"):
        last[step.escalation_id] = step
    ascents, late = [], []
    for case in due:
        ticket, above = tickets[case.ticket_id], [row["level"] for row in case.levels if row["level"] > case.level]
        if ticket.state in TERMINAL:
            case.state, case.next_at, case.ended_at = EscalationState.ENDED, None, at
        elif case.state == EscalationState.NOTIFIED and above:
            step = last[case.pk]
            reason = f"{step.name or step.role} no acusó recibo a tiempo"
            ascents.append(
                Ascent(
                    ticket=ticket,
                    case=case,
                    level=min(above),
                    cause=Cause.UNACKNOWLEDGED,
                    reason=reason,
                    by=system_actor(),
                )
            )
        else:
            case.next_at = None
            late.append((ticket, case, last[case.pk]))
    update_each(due, ["state", "next_at", "ended_at"])
    _overdue(late, at)
    carry_out(ascents, at=at)
    return set(tickets)


def _overdue(late: Sequence[tuple[Ticket, Escalation, EscalationStep]], at: datetime) -> None:
    """The last level did not acknowledge, or some level did not answer: once each, stamped with the moment that passed."""
    facts = []
    for ticket, case, step in late:
        silent = step.acknowledged_at is None
        step.overdue_at = step.acknowledge_by if silent else step.answer_by
        data = {"matrix": case.kind, "level": step.level, "role": step.role, "name": step.name, "silent": silent}
        facts.append(history.Fact(ticket=ticket, kind="escalation_overdue", data=data, is_public=True))
        if silent:
            text = f"{ticket.number}: el último nivel de escalamiento ({step.role}) no acusó recibo. Búsquelo por teléfono."
            key = f"{ALARM}:{ticket.pk}:{case.kind}:{step.level}"
            alarms.sound(ALARM, key, text, subject=ticket.number, at=at)
    if not late:
        return
    update_each([step for _, _, step in late], ["overdue_at"])
    entries = history.note(facts, by=system_actor(), at=at)
    events.publish_all(
        [
            EscalationOverdue(ticket_id=ticket.pk, entry_id=entry.pk, step_id=step.pk)
            for (ticket, _, step), entry in zip(late, entries, strict=True)
        ]
    )
