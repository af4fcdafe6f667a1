"""The promised date follows the ticket: put on record when it is given, changed with a reason, then kept, broken or left without effect.

`follow` runs inside the transaction of the ticket's own change, whose row is locked; the sweep locks it too, so a promise is settled
once. What broke is stamped with its own date, whenever that is found out (guide 3.4.2, «fecha compromiso»).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.services import system_actor
from core import events
from core.bulk import update_each
from core.sweeps import each_chunk
from sla.events import CommitmentBroken
from sla.models import Commitment
from sla.services.breaches import iso
from sla.vocabulary import CommitmentState
from tickets.events import SolutionRefused, TicketFact, TicketSolved
from tickets.models import Ticket, TicketEvent
from tickets.services import door, history
from tickets.vocabulary import TERMINAL

BATCH = 500
SETTLED = ["state", "settled_at"]


def follow(event: TicketFact) -> None:
    """Bring the ticket's promise up to date with what just happened to it; no query when it does not concern one."""
    row, entry = event.ticket, event.entry
    if row.committed_for is None:
        return
    if entry.data.get("committed_for"):
        _promise(row, row.committed_for, entry)
    elif isinstance(event, TicketSolved):
        _settle(row, _last(row), CommitmentState.KEPT, entry.at)
    elif isinstance(event, SolutionRefused):
        _take_back(row, entry.at)
    elif row.state in TERMINAL and row.solved_at is None:
        _settle(row, _last(row), CommitmentState.VOID, entry.at)


def is_late(promise: Commitment, at: datetime) -> bool:
    """Its date has passed without a solution and that is not on record yet. The date's own instant is still in time."""
    return promise.state == CommitmentState.STANDING and promise.due_at < at


def state_of(promise: Commitment, at: datetime) -> CommitmentState:
    """How it stands at `at`: broken also when no sweep has put that on record yet."""
    return CommitmentState.BROKEN if is_late(promise, at) else CommitmentState(promise.state)


def record_broken(late: Sequence[tuple[Ticket, Commitment]], *, at: datetime) -> None:
    """Record the promises as broken, in the caller's transaction, whose tickets are locked: one history event and one
    CommitmentBroken each. `settled_at` is the promise's own date, `at` only when it was found out."""
    if not late:
        return
    for _, promise in late:
        promise.state, promise.settled_at = CommitmentState.BROKEN, promise.due_at
    update_each([promise for _, promise in late], SETTLED)
    facts = [
        history.Fact(ticket=ticket, kind="commitment_broken", data={"due_at": promise.due_at}, is_public=True)
        for ticket, promise in late
    ]
    entries = history.note(facts, by=system_actor(), at=at)
    events.publish_all(
        [
            CommitmentBroken(
                ticket_id=ticket.pk, commitment_id=promise.pk, due_at=iso(promise.due_at), entry_id=entry.pk
            )
            for (ticket, promise), entry in zip(late, entries, strict=True)
        ]
    )


def _promise(row: Ticket, due_at: datetime, entry: TicketEvent) -> None:
    """A date was given: the first, another one, or the same again, which changes nothing."""
    last = _last(row)
    if last is not None and last.due_at == due_at:
        return
    _settle(row, last, CommitmentState.RENEGOTIATED, entry.at)
    Commitment.objects.create(
        ticket=row,
        due_at=due_at,
        made_at=entry.at,
        made_by=entry.actor,
        reason=entry.data.get("commitment_reason", ""),
        state=CommitmentState.STANDING,
    )


def _take_back(row: Ticket, at: datetime) -> None:
    """The solution that kept the promise did not do: it stands again, or is broken if its date has passed meanwhile."""
    last = _last(row)
    if last is None or last.state != CommitmentState.KEPT:
        return
    last.state, last.settled_at = CommitmentState.STANDING, None
    if is_late(last, at):
        record_broken([(row, last)], at=at)
    else:
        last.save(update_fields=SETTLED)


def _last(row: Ticket) -> Commitment | None:
    return row.commitments.order_by("-pk").first()


def _settle(row: Ticket, promise: Commitment | None, state: CommitmentState, at: datetime) -> None:
    """What happens at `at` to a promise that stands; it is too late for any of it once its date has passed."""
    if promise is None or promise.state != CommitmentState.STANDING:
        return
    if is_late(promise, at):
        record_broken([(row, promise)], at=at)
        return
    promise.state, promise.settled_at = state, at
    promise.save(update_fields=SETTLED)


@dataclass(slots=True)
class Swept:
    """What a batch did. `left` are tickets that could not be looked at now: another transaction holds them, or they failed."""

    promises: int = 0
    broken: int = 0
    left: set[int] = field(default_factory=set)


def sweep(at: datetime, *, skip: Sequence[int] = (), limit: int = BATCH) -> Swept:
    """Record up to `limit` promises whose date passed before `at` unsolved, the oldest first, without those of the tickets in `skip`."""
    overdue = Commitment.objects.overdue(at)
    if skip:
        overdue = overdue.exclude(ticket__in=skip)
    found = list(overdue.values_list("ticket_id", flat=True)[:limit])
    swept = Swept(promises=len(found))
    swept.left = each_chunk(found, lambda ids: _look(ids, at, swept), name="commitment_sweep")
    return swept


def _look(ids: Sequence[int], at: datetime, swept: Swept) -> set[int]:
    tickets = door.locked_many(ids)
    late = [
        (tickets[promise.ticket_id], promise) for promise in Commitment.objects.overdue(at).filter(ticket__in=tickets)
    ]
    record_broken(late, at=at)
    swept.broken += len(late)
    return set(tickets)
