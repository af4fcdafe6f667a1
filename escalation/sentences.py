"""How a ticket's story tells its way up the matrices."""

from django.utils.html import format_html

from escalation.vocabulary import Cause, MatrixKind
from tickets.models import TicketEvent
from tickets.sentences import Reading, Sentence, sentence

ICON = "arrow-trending-up"


def _level(event: TicketEvent) -> str:
    of = "" if event.data.get("matrix") == MatrixKind.SERVICE_DESK else " del listado de fallas técnicas"
    return f"nivel {event.data.get('level', '')}{of}"


@sentence("escalate")
def _escalate(event: TicketEvent, reading: Reading) -> Sentence:
    data = event.data
    name = data.get("name") or data.get("role", "")
    if data.get("instead_of"):
        name = f"{name}, en ausencia de {data['instead_of']}"
    note = data.get("reason", "")
    asked = data.get("cause") in (Cause.CUSTOMER, Cause.DESK)
    if asked:
        html = format_html("escaló el ticket al <b>{}</b>: se avisó a {}", _level(event), name)
        return Sentence(html, who=reading.name(event.actor), note=f"«{note}»" if note else "", icon=ICON)
    return Sentence(format_html("Se escaló al <b>{}</b>: se avisó a {}", _level(event), name), note=note, icon=ICON)


@sentence("escalation_acknowledged")
def _acknowledged(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("acusó recibo del escalamiento, <b>{}</b>", _level(event))
    return Sentence(html, who=event.data.get("who", ""), note=_recorded(event, reading), icon="hand-raised")


@sentence("escalation_answered")
def _answered(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("respondió al escalamiento, <b>{}</b>: «{}»", _level(event), event.data.get("answer", ""))
    note = _recorded(event, reading)
    return Sentence(html, who=event.data.get("who", ""), note=note, icon="chat-bubble-left-ellipsis")


@sentence("escalation_overdue")
def _overdue(event: TicketEvent, reading: Reading) -> Sentence:
    what = "acusar recibo" if event.data.get("silent") else "responder"
    name = event.data.get("name") or event.data.get("role", "")
    html = format_html("Pasó el plazo para {} al escalamiento, <b>{}</b>", what, _level(event))
    return Sentence(html, note=str(name), icon="exclamation-circle")


@sentence("escalation_unreachable")
def _unreachable(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("El <b>{}</b> de escalamiento no tiene a quién avisar", _level(event))
    return Sentence(html, note=event.data.get("role", ""), icon="exclamation-triangle")


def _recorded(event: TicketEvent, reading: Reading) -> str:
    by = event.data.get("recorded_by")
    return f"lo anotó {by}" if by and not reading.viewer.is_customer else ""
