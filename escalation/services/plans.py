"""The automatic rules of a ticket: taken down when it starts, and kept in step with its clocks (guide 3.5.2).

The handlers run inside the ticket's own change, whose row is locked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.bulk import update_each
from core.caching import remembered
from core.worktime import Schedule
from customers import terms as terms_of
from escalation.models import EscalationPlan, EscalationRule
from escalation.vocabulary import RuleClock
from sla import targets
from sla.events import ClocksMoved, ClocksRecounted, ClocksStarted
from sla.models import Clock, Pause
from sla.plan import Plan
from sla.services.counting import JUST_AFTER, pauses_of
from sla.vocabulary import ClockKind
from tickets.events import TicketFact
from tickets.models import Ticket
from tickets.vocabulary import TERMINAL, State

Step = Mapping[str, Any]


def start(event: ClocksStarted) -> None:
    """The rules of the ticket's terms, as they are now, become its plan. One query; none for terms without rules."""
    steps = rules_for(event.ticket)
    if steps:
        plan = EscalationPlan(ticket=event.ticket, steps=steps)
        plan.next_at = next_look(plan, event.ticket, event.clocks)
        plan.save(force_insert=True)


def follow(event: ClocksMoved) -> None:
    """The clocks moved: so do the moments that hang from them."""
    _follow(event.ticket, event.clocks)


def follow_all(event: ClocksRecounted) -> None:
    """The same for many tickets at once. Two queries."""
    cases = {case.ticket.pk: case for case in event.cases}
    moved = []
    for plan in EscalationPlan.objects.filter(ticket__in=cases):
        case = cases[plan.ticket_id]
        moment = next_look(plan, case.ticket, case.clocks, case.pauses)
        if moment != plan.next_at:
            plan.next_at = moment
            moved.append(plan)
    update_each(moved, ["next_at"])


def follow_promise(event: TicketFact) -> None:
    """The promised date was given, changed, or has lost its meaning: the ticket was solved, came back, or ended."""
    row = event.ticket
    if row.committed_for is None or ("committed_for" not in event.entry.data and not event.entry.to_state):
        return
    _follow(row, list(row.clocks.all()))


def rules_for(ticket: Ticket) -> list[dict[str, Any]]:
    """What the terms say for the ticket's priority, else what the guide's say."""
    rules = _rules(ticket.terms_id) or _rules(terms_of.standard(ticket.created_at).pk)
    return [
        {name: value for name, value in rule.items() if name != "priority"}
        for rule in rules
        if rule["priority"] in ("", ticket.priority)
    ]


def next_look(
    plan: EscalationPlan, ticket: Ticket, clocks: Sequence[Clock], pauses: Sequence[Pause] | None = None
) -> datetime | None:
    """When the next step that was not taken falls due; None while there is nothing to wait for."""
    moments = [moment for _, moment in pending(plan, ticket, clocks, pauses) if moment is not None]
    return min(moments, default=None)


def pending(
    plan: EscalationPlan, ticket: Ticket, clocks: Sequence[Clock], pauses: Sequence[Pause] | None = None
) -> list[tuple[int, datetime | None]]:
    """The position of every step not taken, and its moment: None when the clock is met, stopped or held by a pause.

    The pauses are read only for a step at a percentage, and only if they are not given.
    """
    left = [(index, step) for index, step in enumerate(plan.steps) if index not in plan.taken]
    if not left or ticket.state in TERMINAL:
        return []
    if pauses is None and any(step["percent"] and step["clock"] == RuleClock.ATTENTION for _, step in left):
        pauses = list(ticket.pauses.all())
    by_kind = {row.kind: (row, targets.of_clock(row, ticket)) for row in clocks}
    return [(index, _moment(step, ticket, by_kind, pauses or ())) for index, step in left]


Promised = Mapping[str, tuple[Clock, Plan]]
"""A ticket's clocks by their kind, each with its promise."""


def _moment(step: Step, ticket: Ticket, clocks: Promised, pauses: Sequence[Pause]) -> datetime | None:
    """A delay runs in the clock's own time; a promised date's, in that of the attention."""
    if step["clock"] == RuleClock.COMMITMENT:
        if ticket.committed_for is None or ticket.state == State.SOLVED:
            return None
        return late_by(clocks[ClockKind.ATTENTION][1].schedule, ticket.committed_for, step["delay_minutes"])
    row, plan = clocks.get(step["clock"], (None, None))
    if row is None or plan is None or not row.is_open:
        return None
    if step["percent"]:
        return plan.reaches(step["percent"], pauses_of(row.kind, ticket.terms, pauses, ticket.created_at))
    if row.due_at is None:
        return None
    return late_by(plan.schedule, row.due_at, step["delay_minutes"])


def late_by(schedule: Schedule, due: datetime, minutes: int) -> datetime:
    """The first instant at which a deadline has been missed for longer than that; for 0, right after it."""
    return (schedule.add(due, timedelta(minutes=minutes)) if minutes else due) + JUST_AFTER


def _follow(ticket: Ticket, clocks: Sequence[Clock]) -> None:
    plan = EscalationPlan.objects.filter(ticket=ticket).first()
    if plan is None:
        return
    moment = next_look(plan, ticket, clocks)
    if moment != plan.next_at:
        EscalationPlan.objects.filter(pk=plan.pk).update(next_at=moment)


@remembered
def _rules(terms_id: int) -> list[dict[str, Any]]:
    rows = EscalationRule.objects.filter(terms=terms_id).order_by("clock", "percent", "delay_minutes", "level")
    return [dict(row) for row in rows.values("clock", "priority", "percent", "delay_minutes", "level")]
