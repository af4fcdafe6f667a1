"""The stretches of a ledger: what of a clock's time counted, what did not, and by which clause (guide 3.1, 3.4.2)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import words
from core.worktime import UNNAMED
from sla.plan import Plan
from sla.schedules import Windows
from sla.vocabulary import Basis, ClockKind, PauseCause

COUNTED, CLOSED, PAUSED, LATE = "counted", "closed", "paused", "late"
GUIDE_TARGETS, GUIDE_HOURS, GUIDE_ALWAYS, GUIDE_NEXT_OPENING = "Guía 3.4.2", "Guía 3.1", "Guía 3.1.2", "Guía 3.1.3"
TARGETS, EXTENSION, OWN_DAYS, PAUSES = (
    "objetivos de servicio",
    "extensión de horario",
    "días inhábiles propios",
    "pausas",
)
"""The clauses of a contract's terms, as they are called where they are edited."""
WAITS = {PauseCause.USER: "pendiente por usuario", PauseCause.VENDOR: "pendiente por proveedor"}
NEXT_OPENING = "se atiende desde la siguiente apertura"


class Wait(NamedTuple):
    """A stretch in which the ticket waits; open while `end` is None. `cause` is a PauseCause or "". `stops`: the clock stands still in it."""

    start: datetime
    end: datetime | None
    cause: str = ""
    stops: bool = True

    @property
    def words(self) -> str:
        return WAITS[PauseCause(self.cause)] if self.cause else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time. `reason` is one of the constants above; `what`, `calendar` and `source` are Spanish; `cause` is a pause's."""

    start: datetime
    end: datetime | None
    counted: timedelta
    reason: str
    what: str
    calendar: str
    source: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that a ledger is drawn from. `contract` names the contract and its terms, or is empty for the guide's; `own` are the values
    that they say themselves: names of `targets.VALUES`, and the causes whose pauses they decide. `ended` is when the clock was met (or
    stopped, if not `met`); `was_due` and `was_used` are what it had then, whatever its calendar says by now."""

    plan: Plan
    windows: Windows
    created_at: datetime
    waits: Sequence[Wait] = ()
    contract: str = ""
    own: frozenset[str] = frozenset()
    ended: datetime | None = None
    met: bool = False
    was_due: datetime | None = None
    was_used: timedelta | None = None

    @property
    def pauses(self) -> list[Wait]:
        return [wait for wait in self.waits if wait.stops]

    @property
    def stretches(self) -> list[tuple[datetime, datetime | None]]:
        return [(wait.start, wait.end) for wait in self.pauses]

    def clause(self, name: str) -> str:
        """«Contrato MN-001, Condiciones 2026: extensión de horario»."""
        return f"{self.contract}: {name}" if self.contract else ""

    def source_of(self, value: str, clause: str, guide: str) -> str:
        """The contract's clause when it says `value` itself, else the guide's section."""
        return (value in self.own and self.clause(clause)) or guide

    @property
    def target_source(self) -> str:
        return self.source_of(f"{self.plan.kind}_minutes", TARGETS, GUIDE_TARGETS)

    def span(self, length: timedelta) -> str:
        """A length in the clock's own kind of time."""
        return words.span_words(length, is_business=self.plan.basis == Basis.BUSINESS)


def waiting_to_open(account: Account, end: datetime) -> list[Row]:
    """From a request's creation to the opening from which its natural hours count (guide 3.1.3)."""
    start, opening = account.created_at, min(account.plan.counts_from, end)
    rows = []
    for since, until, (name, own) in _by_day(start, opening, account, _closed_day(account)):
        what = f"{_named(name)}. {NEXT_OPENING.capitalize()}" if name else f"Fuera de horario: {NEXT_OPENING}"
        source = account.clause(OWN_DAYS) if own else GUIDE_NEXT_OPENING
        rows.append(Row(since, until, timedelta(), CLOSED, what, account.windows.name, source))
    return rows


def running(account: Account, end: datetime) -> Iterator[Row]:
    """What ran and what did not from where it counts to `end`, cut at every change."""
    cursor = account.plan.counts_from
    for wait in in_order(account.pauses):
        start, stop = max(wait.start, cursor), end if wait.end is None else min(wait.end, end)
        if start >= end or stop <= start:
            continue
        yield from _between(account, cursor, start)
        yield paused(account, wait, start, stop)
        cursor = stop
    if cursor < end:
        yield from _between(account, cursor, end)


def paused(account: Account, wait: Wait, start: datetime, end: datetime | None) -> Row:
    """The row of a pause from `start`; with an end, how much of the clock's own time it held."""
    what = f"En pausa: {wait.words}" if wait.cause else "En pausa"
    if end is not None:
        verb = "Lleva" if wait.end is None else "Duró"
        what += f". {verb} {account.span(account.plan.schedule.elapsed(start, end))}"
    source = account.source_of(wait.cause, PAUSES, GUIDE_TARGETS)
    return Row(start, end, timedelta(), PAUSED, what, "", source, wait.cause)


def in_order(waits: Sequence[Wait]) -> list[Wait]:
    """One after the other: those of one cause that touch are one, and where two causes overlap the first one stands."""
    found: list[Wait] = []
    for wait in sorted(waits, key=lambda each: each.start):
        last = found[-1] if found else None
        if last is None or (last.end is not None and wait.start > last.end):
            found.append(wait)
        elif last.end is None or (wait.end is not None and wait.end <= last.end):
            continue
        elif wait.cause == last.cause:
            found[-1] = last._replace(end=wait.end)
        else:
            found.append(wait._replace(start=last.end))
    return found


def _between(account: Account, start: datetime, end: datetime) -> list[Row]:
    """Counted and closed stretches, in order; what the ticket waited for without stopping the clock is said."""
    if start >= end:
        return []
    if account.plan.schedule.is_continuous:
        rows = [Row(start, end, end - start, COUNTED, "Horas naturales: cuenta a toda hora", "", _always(account))]
    else:
        rows = sorted((*_closed(account, start, end), *_open(account, start, end)), key=lambda row: row.start)
    return list(_noting(rows, [wait for wait in account.waits if not wait.stops]))


def _always(account: Account) -> str:
    """Why a clock runs day and night: reaction because incidents are received so, attention because the targets are natural hours."""
    guide = GUIDE_ALWAYS if account.plan.kind == ClockKind.REACTION else GUIDE_TARGETS
    return account.source_of(f"{account.plan.kind}_clock", TARGETS, guide)


def _closed(account: Account, start: datetime, end: datetime) -> Iterator[Row]:
    calendar = account.windows.name
    for since, until, name in account.plan.schedule.closed_intervals(start, end):
        if not name:
            yield Row(since, until, timedelta(), CLOSED, "Fuera de horario", calendar, GUIDE_HOURS)
            continue
        for first, last, (day, own) in _by_day(since, until, account, _closed_day(account)):
            source = account.clause(OWN_DAYS) if own else GUIDE_HOURS
            yield Row(first, last, timedelta(), CLOSED, _named(day), calendar, source)


def _open(account: Account, start: datetime, end: datetime) -> Iterator[Row]:
    windows = account.windows
    for since, until in account.plan.schedule.intervals(start, end):
        standard = windows.standard.intervals(since, until)
        for first, last in standard:
            yield Row(first, last, last - first, COUNTED, "En horario", windows.name, GUIDE_HOURS)
        edges = [since, *(edge for piece in standard for edge in piece), until]
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            for first, last, (name, _) in _by_day(a, b, account, _closed_day(account)):
                also = f", que también trabaja en {_named(name, 'd')}" if name else ""
                what = f"En la extensión de horario{also}"
                yield Row(first, last, last - first, COUNTED, what, windows.name, account.clause(EXTENSION))


def _named(name: str, first: str = "D") -> str:
    """«Día inhábil: Viernes Santo», or plainly so when nobody gave it a name."""
    return f"{first}ía inhábil" if name == UNNAMED else f"{first}ía inhábil: {name}"


def _closed_day(account: Account) -> Callable[[datetime], tuple[str, bool]]:
    """The name of a local midnight's closed day ("" on others), and whether the terms themselves close it."""
    windows = account.windows

    def label(moment: datetime) -> tuple[str, bool]:
        return windows.standard.closed_day_name(moment.date()) or "", moment.date() in windows.own_days

    return label


Labelled = tuple[datetime, datetime, tuple[str, bool]]


def _by_day(
    start: datetime, end: datetime, account: Account, label: Callable[[datetime], tuple[str, bool]]
) -> list[Labelled]:
    """The stretch cut at local midnights where the label changes."""
    zone, pieces = ZoneInfo(account.windows.zone), list[Labelled]()
    while start < end:
        local = start.astimezone(zone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone).astimezone(start.tzinfo)
        until, name = min(midnight, end), label(local)
        if pieces and pieces[-1][2] == name:
            pieces[-1] = (pieces[-1][0], until, name)
        else:
            pieces.append((start, until, name))
        start = until
    return pieces


def _noting(rows: Iterable[Row], waits: Sequence[Wait]) -> Iterator[Row]:
    """The counted rows cut where a wait that does not stop the clock begins and ends."""
    held = in_order(waits)
    for row in rows:
        cursor, end = row.start, row.end
        assert end is not None
        for wait in held if row.reason == COUNTED else ():
            since, until = max(wait.start, cursor), min(wait.end or end, end)
            if since >= until:
                continue
            if cursor < since:
                yield replace(row, start=cursor, end=since, counted=since - cursor)
            what = f"{row.what}; {wait.words} no pausa" if wait.words else row.what
            yield replace(row, start=since, end=until, counted=until - since, what=what, cause=wait.cause)
            cursor = until
        if cursor == row.start:
            yield row
        elif cursor < end:
            yield replace(row, start=cursor, counted=end - cursor)
