"""How a clock's time was counted, stretch by stretch: built only when somebody asks (guide 3.1, 3.4.2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from core import words
from customers import terms as terms_of
from sla import targets
from sla.models import Clock, Pause
from sla.plan import Plan
from sla.schedules import Windows
from sla.services.clocks import pauses_of
from sla.vocabulary import Basis, ClockKind, ClockState, PauseCause
from tickets.models import Ticket

COUNTED, CLOSED, PAUSED, LATE = "counted", "closed", "paused", "late"
GUIDE_TARGETS, GUIDE_HOURS, GUIDE_ALWAYS, GUIDE_NEXT_OPENING = "Guía 3.4.2", "Guía 3.1", "Guía 3.1.2", "Guía 3.1.3"
WAITS = {PauseCause.USER: "pendiente por usuario", PauseCause.VENDOR: "pendiente por proveedor"}

Held = tuple[datetime, datetime | None, str]
"""A pause with the words of what was waited for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time. `reason` is one of the constants above; `what`, `calendar` and `source` are Spanish."""

    start: datetime
    end: datetime | None
    counted: timedelta
    reason: str
    what: str
    calendar: str
    source: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """`due_at` is None while a pause holds the clock; `left` never goes below zero; `sentence` is told in the zone asked for."""

    kind: str
    basis: str
    rows: tuple[Row, ...]
    total: timedelta
    target: timedelta
    left: timedelta
    due_at: datetime | None
    source: str
    sentence: str

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
            "rows": rows,
            "total_seconds": int(self.total.total_seconds()),
            "target_seconds": int(self.target.total_seconds()),
            "left_seconds": int(self.left.total_seconds()),
            "due_at": _utc(self.due_at),
            "source": self.source,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that a ledger is drawn from. `contract` names the contract whose value the target is, or is empty for the guide's;
    `ended` is when the clock was met (or stopped, if not `met`)."""

    plan: Plan
    windows: Windows
    created_at: datetime
    pauses: Sequence[Held] = ()
    contract: str = ""
    own_target: bool = False
    ended: datetime | None = None
    met: bool = False

    @property
    def stretches(self) -> list[tuple[datetime, datetime | None]]:
        return [(start, end) for start, end, _ in self.pauses]


def explain(clock: Clock, *, at: datetime, zone: tzinfo | None = None, pauses: Iterable[Pause] | None = None) -> Ledger:
    """The ledger of a ticket's clock up to `at`. One query, for the pauses, unless they are given or prefetched."""
    ticket: Ticket = clock.ticket
    held: list[Held] = []
    if clock.kind == ClockKind.ATTENTION:
        held = _held(ticket, ticket.pauses.all() if pauses is None else pauses)
    account = Account(
        plan=targets.of_clock(clock, ticket),
        windows=targets.windows_of(ticket),
        created_at=clock.started_at,
        pauses=held,
        contract=_contract(ticket),
        own_target=_is_own(clock, ticket),
        ended=clock.met_at or clock.stopped_at,
        met=clock.state == ClockState.MET,
    )
    return draw(account, until=account.ended or at, at=at, zone=zone or ZoneInfo(ticket.company.time_zone))


def draw(account: Account, *, until: datetime | None, at: datetime, zone: tzinfo) -> Ledger:
    """The ledger up to `until`; None for as far as it goes: the deadline, or the pause that is still open. `at` is the present."""
    plan = account.plan
    closed_pauses = _ended(account)
    due = plan.deadline(closed_pauses)
    end = until or due or min(start for start, stop, _ in account.pauses if stop is None)
    reach = end if due is None else min(end, due)
    rows = [*_waiting_to_open(account, reach), *_rows(account, reach)]
    total = plan.used(end, _clip(closed_pauses, end))
    if due is not None and end > due:
        rows.append(Row(due, end, total - plan.target, LATE, "Después de vencer", "", ""))
    elif due is None and until is None:
        rows.append(_pause_row(account, max(end, plan.counts_from), None))
    return Ledger(
        kind=plan.kind,
        basis=plan.basis,
        rows=tuple(rows),
        total=total,
        target=plan.target,
        left=max(plan.target - total, timedelta()),
        due_at=due,
        source=account.contract if account.own_target else GUIDE_TARGETS,
        sentence=_sentence(account, due, total, at, zone),
    )


def _rows(account: Account, end: datetime) -> Iterator[Row]:
    """What ran and what did not from where it counts to `end`, cut at every change."""
    cursor = account.plan.counts_from
    for start, stop, _ in sorted(_joined(account.pauses), key=lambda held: held[0]):
        verb = "Lleva" if stop is None else "Duró"
        start, stop = max(start, cursor), end if stop is None else min(stop, end)
        if start >= end or stop <= start:
            continue
        yield from _running(account, cursor, start)
        yield _pause_row(account, start, stop, verb)
        cursor = stop
    if cursor < end:
        yield from _running(account, cursor, end)


def _running(account: Account, start: datetime, end: datetime) -> list[Row]:
    """Counted and closed stretches, in order."""
    if start >= end:
        return []
    schedule, windows = account.plan.schedule, account.windows
    if schedule.is_continuous:
        what, source = "Horas naturales: cuenta a toda hora", GUIDE_TARGETS
        if account.plan.kind == ClockKind.REACTION and not account.own_target:
            source = GUIDE_ALWAYS
        return [Row(start, end, end - start, COUNTED, what, "", source)]
    rows = [
        Row(
            since,
            until,
            timedelta(),
            CLOSED,
            f"Día inhábil: {name}" if name else "Fuera de horario",
            windows.name,
            GUIDE_HOURS,
        )
        for since, until, name in schedule.closed_intervals(start, end)
    ]
    for since, until in schedule.intervals(start, end):
        standard = windows.standard.intervals(since, until)
        rows += [Row(a, b, b - a, COUNTED, "En horario", windows.name, GUIDE_HOURS) for a, b in standard]
        edges = [since, *(edge for piece in standard for edge in piece), until]
        rows += [
            Row(a, b, b - a, COUNTED, "En la extensión de horario", windows.name, account.contract)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
            if a < b
        ]
    return sorted(rows, key=lambda row: row.start)


def _waiting_to_open(account: Account, end: datetime) -> list[Row]:
    start, opening = account.created_at, account.plan.counts_from
    if opening <= start:
        return []
    what = "Fuera de horario: se atiende desde la siguiente apertura"
    return [
        Row(start, min(opening, max(end, start)), timedelta(), CLOSED, what, account.windows.name, GUIDE_NEXT_OPENING)
    ]


def _pause_row(account: Account, start: datetime, end: datetime | None, verb: str = "") -> Row:
    cause = next((c for since, until, c in account.pauses if since <= start and (until is None or start < until)), "")
    what = f"En pausa: {cause}" if cause else "En pausa"
    if end is not None:
        own = account.plan.schedule.elapsed(start, end)
        what += f". {verb} {_span(own, account)}"
    source = account.contract if account.own_target else GUIDE_TARGETS
    return Row(start, end, timedelta(), PAUSED, what, "", source)


def _sentence(account: Account, due: datetime | None, total: timedelta, at: datetime, zone: tzinfo) -> str:
    plan = account.plan
    unpaused = plan.deadline()
    if due is None:
        return f"En pausa no corre: al reanudarse quedan {_span(max(plan.target - total, timedelta()), account)}."
    if unpaused is not None and unpaused != due:
        moved = "La pausa lo movió" if len(_joined(account.pauses)) == 1 else "Las pausas lo movieron"
        text = f"Vencía {_on(unpaused, at, zone)}. {moved} {_on(due, at, zone, 'a')}."
    else:
        text = f"{'Vence' if due > at and account.ended is None else 'Vencía'} {_on(due, at, zone)}."
    if account.ended is None:
        return text
    if not account.met:
        return f"{text} Se detuvo {_on(account.ended, at, zone)}."
    return f"{text} Se cumplió {'tarde, ' if account.ended > due else ''}{_on(account.ended, at, zone)}."


def _on(moment: datetime, at: datetime, zone: tzinfo, to: str = "") -> str:
    """«hoy 12:45» or «el viernes 13 de marzo, 9:05»; with `to`, «a hoy 12:45» or «al viernes…»."""
    told = words.long_moment(moment, zone=zone, now=at)
    if told.startswith(("hoy", "mañana")):
        return f"{to} {told}".strip()
    return f"{'al' if to else 'el'} {told}"


def _span(span: timedelta, account: Account) -> str:
    return words.span_words(span, is_business=account.plan.basis == Basis.BUSINESS)


def _held(ticket: Ticket, rows: Iterable[Pause]) -> list[Held]:
    return [
        (start, end, WAITS[PauseCause(row.cause)])
        for row in rows
        for start, end in pauses_of(ClockKind.ATTENTION, ticket.terms, [row])
    ]


def _joined(pauses: Sequence[Held]) -> list[Held]:
    """In order, overlapping ones as one."""
    joined: list[Held] = []
    for start, end, cause in sorted(pauses, key=lambda held: held[0]):
        last = joined[-1][1] if joined else None
        if joined and (last is None or start <= last):
            joined[-1] = (joined[-1][0], None if last is None or end is None else max(last, end), joined[-1][2])
        else:
            joined.append((start, end, cause))
    return joined


def _ended(account: Account) -> list[tuple[datetime, datetime | None]]:
    """The pauses, an open one closed by the clock's own end."""
    if account.ended is None:
        return account.stretches
    return [(start, end or max(account.ended, start)) for start, end in account.stretches]


def _clip(pauses: Iterable[tuple[datetime, datetime | None]], end: datetime) -> list[tuple[datetime, datetime | None]]:
    return [(start, stop) for start, stop in pauses if start < end]


def _contract(ticket: Ticket) -> str:
    terms = terms_of.get(ticket.terms_id)
    return f"Contrato, {terms.name}" if terms.contract_id else GUIDE_TARGETS


def _is_own(clock: Clock, ticket: Ticket) -> bool:
    """Whether the contract itself, and not the guide, set the target."""
    rows = targets.rows_for(terms_of.get(ticket.terms_id), ticket.created_at)
    return clock.kind in targets.own_values(targets.subject_of(ticket), rows)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
