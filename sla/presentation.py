"""Clocks in words, as the components `clock`, `due` and `ledger` take them. No query when the clocks were prefetched, but for a ledger's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from core import words
from sla import ledger as ledgers
from sla import targets
from sla.models import AMBER, Clock
from sla.vocabulary import Basis, ClockKind, ClockState
from tickets.models import Ticket
from tickets.vocabulary import State

MOST_ROWS = 120
"""Of a ledger as people read it."""
PLACES = {"Mexico City": "Ciudad de México", "Cancun": "Cancún", "Mazatlan": "Mazatlán", "Merida": "Mérida"}
WAITING = {
    # What the ticket waits for, as the customer and as the desk read it.
    State.PENDING_USER: ("espera su respuesta", "espera al usuario"),
    State.PENDING_VENDOR: ("espera al proveedor", "espera al proveedor"),
}


@dataclass
class ClockView:
    """`props` are those of the component `clock`, `ledger` those of `ledger` (worked out when asked for)."""

    kind: str
    props: dict[str, Any]
    clock: Clock
    at: datetime
    zone: tzinfo

    @cached_property
    def ledger(self) -> dict[str, Any]:
        return ledger_props(self.clock, at=self.at, zone=self.zone)


def clock_views(ticket: Ticket, *, at: datetime, zone: tzinfo, desk: bool = False) -> list[ClockView]:
    """The ticket's clocks, attention first. `desk` chooses whose words."""
    clocks = sorted(ticket.clocks.all(), key=lambda clock: clock.kind)
    return [
        ClockView(clock.kind, clock_props(clock, ticket, at=at, zone=zone, desk=desk), clock, at, zone)
        for clock in clocks
    ]


def due_props(ticket: Ticket, *, at: datetime, zone: tzinfo, desk: bool = False) -> dict[str, Any] | None:
    """The ticket's nearest clock for a list: what runs, else what is paused, else the promised solution; None if nothing is open."""
    waiting = [clock for clock in ticket.clocks.all() if clock.is_open]
    if waiting:
        clock = min(waiting, key=lambda c: (c.due_at is None, c.due_at or c.started_at))
        props, name = clock_props(clock, ticket, at=at, zone=zone, desk=desk), clock.get_kind_display().lower()
        label = f"Tiempo de {name} usado"
    else:
        promised = promise_props(ticket, at=at, zone=zone)
        if promised is None or ticket.solved_at is not None:
            return None
        props, name, label = promised, "solución prometida", "Tiempo hasta la solución prometida"
    when = props["when"] if props["status"] == "paused" else f"{props['when']}, {name}"
    return {key: props[key] for key in ("status", "words", "percent", "at")} | {"when": when, "label": label}


def clock_props(clock: Clock, ticket: Ticket, *, at: datetime, zone: tzinfo, desk: bool = False) -> dict[str, Any]:
    used = used_of(clock, ticket, at)
    percent = int(100 * used / timedelta(minutes=clock.target_minutes))
    told = _told(clock, ticket, used, at=at, zone=zone, desk=desk)
    return {
        "name": clock.get_kind_display(),
        "target": f"objetivo {target_words(clock)}",
        "status": _status(clock, percent, at),
        "words": told.words,
        "when": told.when,
        "percent": percent,
        "at": told.live_at,
    }


def target_words(clock: Clock) -> str:
    """«10 h hábiles», «4 h naturales»."""
    if clock.clock == Basis.BUSINESS:
        return words.business(clock.target_minutes)
    minutes = clock.target_minutes
    return f"{words.duration(minutes)} {'natural' if minutes == 60 else 'naturales'}"


def used_of(clock: Clock, ticket: Ticket, at: datetime) -> timedelta:
    """The clock's own time that has run at `at`. No query."""
    if clock.used is not None:
        return clock.used
    if clock.due_at is None:
        return timedelta()
    return targets.of_clock(clock, ticket).used_by_deadline(clock.due_at, at)


def is_breached(clock: Clock, at: datetime) -> bool:
    """Also when no sweep has put it on record yet."""
    return clock.breached_at is not None or (clock.is_open and clock.due_at is not None and clock.due_at < at)


def promise_props(ticket: Ticket, *, at: datetime, zone: tzinfo) -> dict[str, Any] | None:
    """The promised date of solution («fecha compromiso») as a clock; None without one, or when the ticket ended unsolved."""
    promised = ticket.committed_for
    if promised is None or (ticket.is_terminal and ticket.solved_at is None):
        return None
    since = ticket.attended_at or ticket.created_at
    solved = ticket.solved_at
    span = max(promised - since, timedelta(minutes=1))
    percent = int(100 * max((solved or at) - since, timedelta()) / span)
    late = (solved or at) > promised
    if solved is not None:
        told = words.Deadline(
            "entregada tarde" if late else "entregada a tiempo", words.moment(solved, zone=zone, now=at)
        )
        status = "breached" if late else "met"
    else:
        told = words.due(promised, zone=zone, now=at)
        status = "breached" if late else "warning" if percent >= AMBER else "running"
    return {
        "name": "Solución prometida",
        "target": words.long_moment(promised, zone=zone, now=at),
        "status": status,
        "words": told.words,
        "when": told.when,
        "percent": percent,
        "at": told.live_at,
    }


def ledger_props(clock: Clock, *, at: datetime, zone: tzinfo) -> dict[str, Any]:
    """One query, for the pauses, unless they are prefetched."""
    return ledger_words(ledgers.explain(clock, at=at, zone=zone), at=at, zone=zone)


def ledger_words(ledger: ledgers.Ledger, *, at: datetime, zone: tzinfo) -> dict[str, Any]:
    is_business = ledger.basis == Basis.BUSINESS
    return {
        "rows": _folded([_row(row, at=at, zone=zone) for row in ledger.rows], ledger.rows),
        "total": words.duration(ledger.total)
        if ledger.total < timedelta(days=1)
        else words.span_words(ledger.total, is_business=is_business),
        "target": f"{words.span_words(ledger.target, is_business=is_business)} ({ledger.source})",
        "left": words.span_words(ledger.left, is_business=is_business) if ledger.left else "",
        "left_label": "Sobró" if ledger.ended else "Queda",
        "sentence": ledger.sentence,
        "note": _zone_note(ledger, at, zone),
        "caption": f"Cómo se calculó el tiempo de {ClockKind(ledger.kind).label.lower()}",
    }


def _row(row: ledgers.Row, *, at: datetime, zone: tzinfo) -> dict[str, Any]:
    return {
        "when": words.moment(row.start, zone=zone, now=at),
        "what": row.what,
        "why": " · ".join(filter(None, (row.calendar, row.source))),
        "counted": words.duration(row.counted),
        "off": row.reason in (ledgers.CLOSED, ledgers.PAUSED),
    }


def _folded(told: list[dict[str, Any]], rows: Sequence[ledgers.Row]) -> list[dict[str, Any]]:
    """A target of months has thousands of stretches: its middle is one line with what counted there."""
    if len(told) <= MOST_ROWS:
        return told
    half = MOST_ROWS // 2
    inner = rows[half:-half]
    middle = {
        "when": told[half]["when"],
        "what": f"{len(inner)} intervalos más",
        "why": "",
        "counted": words.duration(sum((row.counted for row in inner), timedelta())),
        "off": False,
    }
    return [*told[:half], middle, *told[-half:]]


def _zone_note(ledger: ledgers.Ledger, at: datetime, zone: tzinfo) -> str:
    """Said only where the reader's wall clock is another one than the contract's."""
    if at.astimezone(zone).utcoffset() == at.astimezone(ZoneInfo(ledger.time_zone)).utcoffset():
        return ""
    return f"Los horarios se cuentan en la hora de {place_of(ledger.time_zone)}; aquí se muestran en la de usted."


def place_of(time_zone: str) -> str:
    """«Ciudad de México», «Tijuana»: how a person calls the zone of that name."""
    place = time_zone.rsplit("/", 1)[-1].replace("_", " ")
    return PLACES.get(place, place)


def _status(clock: Clock, percent: int, at: datetime) -> str:
    """A clock met late is shown as breached: it is, and its words say that it was met."""
    if is_breached(clock, at):
        return "breached"
    if clock.state == ClockState.MET:
        return "met"
    if not clock.is_open or clock.state == ClockState.PAUSED:
        return "paused"
    return "warning" if percent >= AMBER else "running"


def _told(clock: Clock, ticket: Ticket, used: timedelta, *, at: datetime, zone: tzinfo, desk: bool) -> words.Deadline:
    is_business = clock.clock == Basis.BUSINESS
    if clock.met_at is not None:
        late = clock.breached_at is not None
        return words.met(used, clock.met_at, zone=zone, now=at, is_business=is_business, late=late)
    if clock.stopped_at is not None:
        return words.Deadline("detenido", words.moment(clock.stopped_at, zone=zone, now=at))
    if clock.due_at is None:
        reason = WAITING[ticket.state][desk] if ticket.state in WAITING else ""
        return words.paused(reason)
    if clock.due_at < at:
        return words.overdue(clock.due_at, zone=zone, now=at)
    left = timedelta(minutes=clock.target_minutes) - used
    business = int(left.total_seconds() // 60) if is_business else None
    day_minutes = targets.windows_of(ticket).day_minutes if is_business else None
    return words.due(clock.due_at, zone=zone, now=at, business_minutes=business, day_minutes=day_minutes)
