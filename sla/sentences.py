"""How a ticket's story tells what happened to its clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sla.vocabulary import ClockKind
from tickets.models import TicketEvent
from tickets.sentences import Reading, Sentence, sentence
from tickets.vocabulary import Priority


def _name(event: TicketEvent) -> str:
    return str(ClockKind(event.data["clock"]).label).lower()


def _moment(event: TicketEvent, key: str) -> datetime | None:
    return parse_datetime(str(event.data.get(key) or ""))


@sentence("breach")
def _breach(event: TicketEvent, reading: Reading) -> Sentence:
    due = _moment(event, "due_at")
    note = f"vencía {reading.on(due)}" if due else ""
    return Sentence(format_html("Venció el tiempo de <b>{}</b>", _name(event)), note=note, icon="exclamation-circle")


@sentence("commitment_broken")
def _commitment_broken(event: TicketEvent, reading: Reading) -> Sentence:
    due = _moment(event, "due_at")
    note = f"era {reading.on(due)}" if due else ""
    return Sentence(format_html("No se cumplió la <b>{}</b>", "fecha prometida"), note=note, icon="exclamation-circle")


@sentence("breach_corrected")
def _breach_corrected(event: TicketEvent, reading: Reading) -> Sentence:
    due = _moment(event, "due_at")
    now_due = format_html(": vence {}", reading.on(due)) if due else ""
    html = format_html("Se corrigió el vencimiento del tiempo de <b>{}</b>{}", _name(event), now_due)
    return Sentence(html, note=event.data.get("reason", ""), icon="adjustments-horizontal")


@sentence("terms_applied")
def _terms_applied(event: TicketEvent, reading: Reading) -> Sentence:
    """New terms were applied to the open ticket."""
    after = event.data.get("terms", ["", ""])[1]
    return _applied(event, reading, format_html("aplicó las condiciones <b>{}</b>", after))


@sentence("calendar_applied")
def _calendar_applied(event: TicketEvent, reading: Reading) -> Sentence:
    """The days of the calendar that counts the ticket's hours changed."""
    return _applied(
        event, reading, format_html("aplicó los días inhábiles de <b>{}</b>", event.data.get("calendar", ""))
    )


@sentence("clocks_mended")
def _clocks_mended(event: TicketEvent, reading: Reading) -> Sentence:
    """What was stored of the clocks was wrong, and they were worked out again. For the desk only."""
    return _applied(event, reading, format_html("volvió a calcular los <b>{}</b>", "tiempos del ticket"))


def _applied(event: TicketEvent, reading: Reading, what: SafeString) -> Sentence:
    parts = [
        format_html("prioridad de {} a <b>{}</b>", *(Priority(value).label for value in pair))
        for pair in [event.data.get("changes", {}).get("priority")]
        if pair
    ]
    clocks = event.data.get("clocks", {})
    parts += [_moved(kind, clocks[kind], reading) for kind in ClockKind.values if kind in clocks]
    told = format_html_join("; ", "{}", ((part,) for part in parts)) if parts else "sus plazos no cambian"
    html = format_html("{}: {}", what, told)
    return Sentence(
        html, who=reading.name(event.actor), note=event.data.get("reason", ""), icon="adjustments-horizontal"
    )


def _moved(kind: str, change: Mapping[str, Any], reading: Reading) -> SafeString:
    """«la atención vence el martes 17 de marzo, 12:00 (antes, el lunes 16 de marzo, 12:00)»."""
    name, due, was = str(ClockKind(kind).label).lower(), _at(change, "due"), _at(change, "was_due")
    if due is None:
        now_due: str | SafeString = "sigue en pausa" if was is None else "queda en pausa"
    else:
        now_due = format_html("{} <b>{}</b>", "venció" if due < reading.now else "vence", reading.on(due))
    before = f" (antes, {reading.on(was) if was else 'en pausa'})" if was != due else ""
    return format_html("la {} {}{}", name, now_due, before)


def _at(change: Mapping[str, Any], key: str) -> datetime | None:
    return parse_datetime(str(change.get(key) or ""))
