"""A promised date that passed unkept opens a corrective action, or joins the one that the company has open (guide 3.4.2, 2.2)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.services import system_actor
from core import clock, words
from improvements.services import register
from improvements.vocabulary import Origin
from sla.events import CommitmentBroken
from tickets.models import Ticket

LONGEST_NAME = 140


def broken(event: CommitmentBroken) -> None:
    """Reaction, safe to repeat: nothing where the rule of promises does not open actions by itself."""
    if not register.opens_itself(Origin.PROMISE):
        return
    ticket = Ticket.objects.select_related("company").get(pk=event.ticket_id)
    at = clock.now()
    due_at, zone = datetime.fromisoformat(event.due_at), ZoneInfo(ticket.company.time_zone)
    promised = f"{words.short_date(due_at.astimezone(zone).date(), year=True)}, {words.clock_time(due_at, zone)}"
    register.open_for(
        Origin.PROMISE,
        source_id=event.commitment_id,
        label=f"{ticket.number}: {promised}",
        title=f"Cumplir las fechas prometidas a {ticket.company.name[:LONGEST_NAME]}",
        problem=f"La solución del ticket {ticket.number} se prometió para el {promised} y no estuvo a tiempo.",
        by=system_actor(),
        company=ticket.company,
        ticket=ticket,
        at=at,
    )
