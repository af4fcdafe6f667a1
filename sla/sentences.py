"""How a ticket's story tells what happened to its clocks."""

from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html

from sla.vocabulary import ClockKind
from tickets.models import TicketEvent
from tickets.sentences import Reading, Sentence, sentence


def _name(event: TicketEvent) -> str:
    return str(ClockKind(event.data["clock"]).label).lower()


def _moment(event: TicketEvent, key: str) -> datetime | None:
    return parse_datetime(str(event.data.get(key) or ""))


@sentence("breach")
def _breach(event: TicketEvent, reading: Reading) -> Sentence:
    due = _moment(event, "due_at")
    note = f"vencía {reading.on(due)}" if due else ""
    return Sentence(format_html("Venció el tiempo de <b>{}</b>", _name(event)), note=note, icon="exclamation-circle")


@sentence("breach_corrected")
def _breach_corrected(event: TicketEvent, reading: Reading) -> Sentence:
    due = _moment(event, "due_at")
    now_due = format_html(": vence {}", reading.on(due)) if due else ""
    html = format_html("Se corrigió el vencimiento del tiempo de <b>{}</b>{}", _name(event), now_due)
    return Sentence(html, note=event.data.get("reason", ""), icon="adjustments-horizontal")
