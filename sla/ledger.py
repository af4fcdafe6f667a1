"""How a clock's time was counted, stretch by stretch: built only when somebody asks (guide 3.1, 3.4.2)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from core import words
from customers import terms as terms_of
from customers.models import Contract, ServiceTerms
from sla import ledger_rows as rows_of
from sla import targets
from sla.ledger_rows import CLOSED, COUNTED, LATE, PAUSED, Account, Row, Wait
from sla.models import Clock, Pause
from sla.schedules import windows_for
from sla.services.counting import pauses_of
from sla.vocabulary import ClockKind, ClockState, PauseCause
from tickets.models import Ticket, TicketEvent

__all__ = ["CLOSED", "COUNTED", "LATE", "PAUSED", "Account", "Ledger", "Row", "Wait", "draw", "explain", "name_of"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`due_at` is None while a pause holds the clock; `left` never goes below zero; `sentence` is told in the zone asked for.
    `time_zone` names the one in which the hours are counted; `ended`: nothing runs any more."""

    kind: str
    basis: str
    rows: tuple[Row, ...]
    total: timedelta
    target: timedelta
    left: timedelta
    due_at: datetime | None
    source: str
    sentence: str
    time_zone: str
    ended: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values: durations in seconds, moments in UTC."""
        rows = [
            {
                **{key: value for key, value in asdict(row).items() if key not in ("start", "end", "counted")},
                "from": _utc(row.start),
                "to": _utc(row.end),
                "counted_seconds": int(row.counted.total_seconds()),
            }
            for row in self.rows
        ]
        return {
            "clock": self.basis,
            "time_zone": self.time_zone,
            "rows": rows,
            "total_seconds": int(self.total.total_seconds()),
            "target_seconds": int(self.target.total_seconds()),
            "left_seconds": int(self.left.total_seconds()),
            "due_at": _utc(self.due_at),
            "source": self.source,
            "sentence": self.sentence,
        }


def explain(clock: Clock, *, at: datetime, zone: tzinfo | None = None, pauses: Iterable[Pause] | None = None) -> Ledger:
    """The ledger of a ticket's clock up to `at`. One query, for the pauses, unless they are given or prefetched; one more for a clock that
    had ended when its ticket took other terms over: it keeps the deadline and the hours that it had."""
    ticket: Ticket = clock.ticket
    ended = clock.met_at or clock.stopped_at
    terms = terms_of.get(ticket.terms_id) if ended is None else _terms_at(ended, ticket)
    waits: list[Wait] = []
    if clock.kind == ClockKind.ATTENTION:
        waits = _waits(terms, ticket.pauses.all() if pauses is None else pauses, ticket.created_at)
    rows = targets.rows_for(terms, ticket.created_at)
    windows = windows_for(terms, zone=ticket.company.time_zone, at=ticket.created_at)
    account = Account(
        plan=targets.of_clock(clock, ticket, windows),
        windows=windows,
        created_at=clock.started_at,
        waits=waits,
        contract=name_of(terms, terms.contract),
        own=frozenset(targets.own_values(targets.subject_of(ticket), rows)) | own_pauses(terms),
        ended=ended,
        met=clock.state == ClockState.MET,
        was_due=clock.due_at if ended else None,
        was_used=clock.used if ended else None,
    )
    return draw(account, until=account.ended or at, at=at, zone=zone or ZoneInfo(ticket.company.time_zone))


def draw(account: Account, *, until: datetime | None, at: datetime, zone: tzinfo) -> Ledger:
    """The ledger up to `until`; None for as far as it goes: the deadline, or the pause that is still open. `at` is the present."""
    plan = account.plan
    closed_pauses = _ended(account)
    due = account.was_due or plan.deadline(closed_pauses)
    end = until or due or min(start for start, stop in account.stretches if stop is None)
    reach = end if due is None else min(end, due)
    # Drawn as far as it goes, the wait for the opening is told to its end, also when a pause began inside it.
    opening = reach if until else max(reach, plan.counts_from)
    rows = [*rows_of.waiting_to_open(account, opening), *rows_of.running(account, reach)]
    total = account.was_used
    if total is None:
        total = plan.used(end, [(start, stop) for start, stop in closed_pauses if start < end])
    if due is not None and end > due:
        rows.append(Row(due, end, total - plan.target, LATE, "Después de vencer", "", account.target_source))
    elif due is None and until is None:
        held = next(wait for wait in rows_of.in_order(account.pauses) if wait.end is None)
        rows.append(rows_of.paused(account, held, max(end, plan.counts_from), None))
    return Ledger(
        kind=plan.kind,
        basis=plan.basis,
        rows=tuple(rows),
        total=total,
        target=plan.target,
        left=max(plan.target - total, timedelta()),
        due_at=due,
        source=account.target_source,
        sentence=_sentence(account, due, total, at, zone),
        time_zone=account.windows.zone,
        ended=account.ended is not None,
    )


def name_of(terms: ServiceTerms, contract: Contract | None) -> str:
    """«Contrato MN-001, Condiciones 2026», for terms of that contract's own; empty for the guide's."""
    return f"Contrato {contract.number}, {terms.name}" if contract is not None and terms.contract_id else ""


def own_pauses(terms: ServiceTerms) -> frozenset[str]:
    """The causes of which the contract itself says whether they pause."""
    if terms.contract_id is None:
        return frozenset()
    said = {PauseCause.USER: terms.pauses_for_user, PauseCause.VENDOR: terms.pauses_for_vendor}
    return frozenset(cause.value for cause, value in said.items() if value is not None)


def _sentence(account: Account, due: datetime | None, total: timedelta, at: datetime, zone: tzinfo) -> str:
    plan = account.plan
    unpaused = plan.deadline()
    if due is None:
        return f"En pausa no corre: al reanudarse quedan {account.span(max(plan.target - total, timedelta()))}."
    if unpaused is not None and unpaused != due and plan.deadline(_ended(account)) == due:
        moved = "La pausa lo movió" if len(rows_of.in_order(account.pauses)) == 1 else "Las pausas lo movieron"
        text = f"Vencía {words.on_moment(unpaused, zone=zone, now=at)}. {moved} {_to(due, at, zone)}."
    else:
        text = (
            f"{'Vence' if due > at and account.ended is None else 'Vencía'} {words.on_moment(due, zone=zone, now=at)}."
        )
    if account.ended is None:
        return text
    ended = words.on_moment(account.ended, zone=zone, now=at)
    if not account.met:
        return f"{text} Se detuvo {ended}."
    return f"{text} Se cumplió {'tarde, ' if account.ended > due else ''}{ended}."


def _to(moment: datetime, at: datetime, zone: tzinfo) -> str:
    return words.on_moment(moment, zone=zone, now=at, after="a")


def _terms_at(ended: datetime, ticket: Ticket) -> ServiceTerms:
    """The terms that the ticket had then. Only those that began after it was created can have been taken over since."""
    terms = terms_of.get(ticket.terms_id)
    if terms.valid_from > ticket.created_at:
        since = TicketEvent.objects.filter(ticket=ticket, kind="terms_applied", at__gt=ended).order_by("sequence")
        if (told := since.values_list("data", flat=True).first()) is not None:
            return terms_of.get(told["previous_terms"])
    return terms


def _waits(terms: ServiceTerms, rows: Iterable[Pause], at: datetime) -> list[Wait]:
    return [
        Wait(row.started_at, row.ended_at, row.cause, bool(pauses_of(ClockKind.ATTENTION, terms, [row], at)))
        for row in rows
    ]


def _ended(account: Account) -> list[tuple[datetime, datetime | None]]:
    """The pauses, an open one closed by the clock's own end."""
    if account.ended is None:
        return account.stretches
    return [(start, end or max(account.ended, start)) for start, end in account.stretches]


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
