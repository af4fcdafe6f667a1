"""The promised date in words, as the components `clock` and `promise` take it: how it stands, and the dates that it replaced."""

from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any

from core import words
from sla.models import Commitment
from sla.presentation import promise_props
from sla.services.commitments import state_of
from sla.vocabulary import CommitmentState
from tickets.models import Ticket


def promise_view(ticket: Ticket, *, at: datetime, zone: tzinfo) -> dict[str, Any] | None:
    """`clock` and `promise`, the props of those components; None when no date was ever given, and then no query. Else one, however
    many dates there were."""
    if ticket.committed_for is None:
        return None
    rows = list(ticket.commitments.select_related("made_by").order_by("pk"))
    if not rows:
        return None
    last = rows[-1]
    clock = promise_props(ticket, at=at, zone=zone) or _ended(ticket, last, at=at, zone=zone)
    verb, when = "cambió" if len(rows) > 1 else "prometió", words.moment(last.made_at, zone=zone, now=at)
    promise = {
        "word": _word(last, at=at, zone=zone),
        "status": clock["status"],
        "by": f"La {verb} {last.made_by.full_name}, {when}",
        # The reason of a change is kept with the date that came after.
        "before": [_replaced(row, after, at=at, zone=zone) for row, after in pairwise(rows)],
    }
    return {"clock": clock, "promise": promise}


def _word(row: Commitment, *, at: datetime, zone: tzinfo) -> str:
    """«Vigente», «Vence hoy», «Cumplida», «Incumplida», «Sin efecto»."""
    state = state_of(row, at)
    today = row.due_at.astimezone(zone).date() == at.astimezone(zone).date()
    return "Vence hoy" if state == CommitmentState.STANDING and today else str(state.label)


def _replaced(row: Commitment, after: Commitment, *, at: datetime, zone: tzinfo) -> dict[str, str]:
    changed = words.moment(after.made_at, zone=zone, now=at)
    state = state_of(row, at)
    note = f"{state.label}; otra fecha {changed}" if state == CommitmentState.BROKEN else f"{state.label} {changed}"
    return {"due": words.moment(row.due_at, zone=zone, now=at), "note": note, "reason": after.reason}


def _ended(ticket: Ticket, row: Commitment, *, at: datetime, zone: tzinfo) -> dict[str, Any]:
    """The clock of a promise whose ticket ended without a solution."""
    broken = row.state == CommitmentState.BROKEN
    ended = words.moment(ticket.closed_at or at, zone=zone, now=at)
    return {
        "name": "Solución prometida",
        "target": words.long_moment(row.due_at, zone=zone, now=at),
        "status": "breached" if broken else "paused",
        "words": "no se cumplió" if broken else "sin efecto",
        "when": f"el ticket terminó {ended}",
        "percent": 100 if broken else 0,
        "at": None,
    }
