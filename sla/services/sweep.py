"""Looks at every clock whose moment has come, and puts warnings and breaches on record (guide 3.4.2).

The clocks' own rows say what is due, so a sweep that is lost, late or doubled does no harm: a breach is stamped with its deadline, and the
ticket's lock lets only one sweep at a time see a clock as due.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core import events
from core.bulk import insert_each, update_each
from core.sweeps import each_chunk
from sla import targets
from sla.events import ClockWarned
from sla.models import Clock, Pause, WarningNotice
from sla.services import breaches
from sla.services.counting import next_look, pauses_of
from tickets.models import Ticket
from tickets.services import door

BATCH = 500


@dataclass(slots=True)
class Swept:
    """What a batch did. `left` are tickets that could not be looked at now: another transaction holds them, or they failed."""

    clocks: int = 0
    warnings: int = 0
    breaches: int = 0
    left: set[int] = field(default_factory=set)


def batch(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Look at up to `limit` due clocks, the longest waiting first, without those of the tickets in `skip`."""
    due = Clock.objects.due(at)
    if skip:
        due = due.exclude(ticket__in=skip)
    found = list(due.values_list("ticket_id", flat=True)[:limit])
    swept = Swept(clocks=len(found))
    swept.left = each_chunk(list(dict.fromkeys(found)), lambda ids: _look(ids, at, swept), name="clock_sweep")
    return swept


def _look(ids: Sequence[int], at: datetime, swept: Swept) -> set[int]:
    tickets = door.locked_many(ids)
    clocks = list(Clock.objects.filter(ticket__in=tickets, next_at__lte=at).order_by("pk"))
    pauses = defaultdict(list)
    for pause in Pause.objects.filter(ticket__in=tickets):
        pauses[pause.ticket_id].append(pause)
    late: list[tuple[Ticket, Clock]] = []
    notices: list[tuple[Ticket, WarningNotice]] = []
    for clock in clocks:
        ticket = tickets[clock.ticket_id]
        if breaches.is_late(clock, at):
            late.append((ticket, clock))
        elif (notice := _warn(clock, ticket, pauses[ticket.pk], at)) is not None:
            notices.append((ticket, notice))
    breaches.record(late, at=at)
    update_each(clocks, ["breached_at", "next_at", "warned_percent"])
    insert_each([notice for _, notice in notices])
    events.publish_all([_warned(ticket, notice) for ticket, notice in notices])
    swept.warnings += len(notices)
    swept.breaches += len(late)
    return set(tickets)


def _warn(clock: Clock, ticket: Ticket, rows: Sequence[Pause], at: datetime) -> WarningNotice | None:
    """The highest warning that the clock has reached; lower ones that nobody gave in time would only be noise."""
    plan, pauses = targets.of_clock(clock, ticket), pauses_of(clock.kind, ticket.terms, rows, ticket.created_at)
    percents = targets.warning_percents(ticket.terms_id, ticket.created_at)
    reached = [(p, moment) for p in percents if (moment := plan.reaches(p, pauses)) is not None and moment <= at]
    percent, moment = reached[-1] if reached else (0, None)
    given = percent > clock.warned_percent
    clock.warned_percent = max(percent, clock.warned_percent)
    clock.next_at = next_look(clock, plan, pauses, percents)
    if not given or moment is None:
        return None
    return WarningNotice(clock=clock, percent=percent, revision=clock.revision, reached_at=moment, recorded_at=at)


def _warned(ticket: Ticket, notice: WarningNotice) -> ClockWarned:
    clock = notice.clock
    return ClockWarned(ticket_id=ticket.pk, clock=clock.kind, due_at=breaches.iso(clock.due_at), percent=notice.percent)
