"""What each history event says to a person, in one Spanish sentence. Apps to the right add theirs with `@sentence(kind)`.

A customer reads what was done to their ticket; the reasons that the desk writes for itself (why it changed group, which vendor) are
said to the desk only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from core import words
from customers import terms as terms_of
from tickets.models import Ticket, TicketEvent
from tickets.vocabulary import CancelCause, Channel, Impact, Kind, Priority, ServiceLine, State, Urgency

CHANNEL_WORDS = {
    Channel.EMAIL: "por correo",
    Channel.WEB: "por el portal",
    Channel.PHONE: "por teléfono",
    Channel.CHAT: "por chat",
    Channel.WHATSAPP: "por WhatsApp",
    Channel.API: "por API",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads which ticket, where and when; `ticket_url` turns a number into the reader's link to that ticket."""

    ticket: Ticket
    viewer: User
    zone: tzinfo
    now: datetime
    ticket_url: Callable[[str], str] | None = None

    def name(self, person: User) -> str:
        return "Usted" if person.pk == self.viewer.pk else person.full_name

    def moment(self, at: datetime) -> str:
        return words.long_moment(at, zone=self.zone, now=self.now)

    def on(self, at: datetime) -> str:
        """«el domingo 15 de marzo, 12:25», «hoy 12:25»."""
        return words.on_moment(at, zone=self.zone, now=self.now)

    def before(self, at: datetime) -> str:
        """«antes del domingo 15 de marzo, 12:25», «antes de hoy 12:25»."""
        return f"antes {words.on_moment(at, zone=self.zone, now=self.now, after='de')}"

    def link(self, number: str) -> SafeString:
        if self.ticket_url is None:
            return format_html("{}", number)
        return format_html('<a href="{}">{}</a>', self.ticket_url(number), number)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`who` is bold and comes first; `html` is safe; `note` is the small print."""

    html: SafeString
    who: str = ""
    note: str = ""
    state: str = ""
    icon: str = ""


Teller = Callable[[TicketEvent, Reading], Sentence | None]
TELLERS: dict[str, Teller] = {}


def sentence(kind: str) -> Callable[[Teller], Teller]:
    """Register how events of `kind` are told. A teller may return None: nothing to say beyond the message that came with it."""

    def register(teller: Teller) -> Teller:
        TELLERS[kind] = teller
        return teller

    return register


def tell(event: TicketEvent, reading: Reading) -> Sentence | None:
    """The event in one sentence. A kind that nobody tells is named to the desk and left out for the customer."""
    teller = TELLERS.get(event.kind)
    if teller is not None:
        return teller(event, reading)
    if reading.viewer.is_customer:
        return None
    return Sentence(format_html("{}", event.kind), who=reading.name(event.actor))


def bold_state(event: TicketEvent) -> SafeString:
    return format_html("<b>{}</b>", State(event.to_state).label)


def _attention_ran(event: TicketEvent, reading: Reading) -> bool:
    """Whether the attention was still to be met when the event happened."""
    attended = reading.ticket.attended_at
    return attended is None or attended > event.at


@sentence("receive")
def _receive(event: TicketEvent, reading: Reading) -> Sentence | None:
    requester, origin = reading.ticket.requester, event.data.get("follow_up_of")
    if origin:
        return Sentence(format_html("Es el seguimiento de {}", reading.link(origin)), state=State.NEW)
    if event.actor_id != requester.pk:
        name = "usted" if requester.pk == reading.viewer.pk else requester.full_name
        html = format_html("levantó el ticket a nombre de <b>{}</b>", name)
        return Sentence(html, who=reading.name(event.actor), state=State.NEW)
    return None


@sentence("register")
def _register(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("registró el ticket: {}", bold_state(event))
    return Sentence(html, who=reading.name(event.actor), state=event.to_state)


@sentence("open")
def _open(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("confirmó el ticket: {}, listo para atenderse", bold_state(event))
    return Sentence(html, who=reading.name(event.actor), state=event.to_state)


@sentence("assign")
def _assign(event: TicketEvent, reading: Reading) -> Sentence:
    data = event.data
    person = format_html(", con <b>{}</b>", data["assignee"]) if data.get("assignee") else ""
    if reading.viewer.is_customer:
        return Sentence(format_html("Asignado a <b>{}</b>{}", data.get("group", ""), person), state=event.to_state)
    html = format_html("lo asignó a <b>{}</b>{}", data.get("group", ""), person)
    return Sentence(html, who=reading.name(event.actor), note=data.get("reason", ""), state=event.to_state)


@sentence("take")
def _take(event: TicketEvent, reading: Reading) -> Sentence:
    return Sentence(format_html("tomó el ticket"), who=reading.name(event.actor), icon="user")


@sentence("start")
def _start(event: TicketEvent, reading: Reading) -> Sentence:
    if reading.viewer.is_customer:
        return Sentence(bold_state(event), state=event.to_state)
    return Sentence(
        format_html("inició el trabajo: {}", bold_state(event)), who=reading.name(event.actor), state=event.to_state
    )


@sentence("wait_for_user")
def _wait_for_user(event: TicketEvent, reading: Reading) -> Sentence:
    pauses = terms_of.pauses_for_user(reading.ticket.terms, reading.ticket.created_at) and _attention_ran(
        event, reading
    )
    return Sentence(
        bold_state(event), note="el tiempo de atención quedó en pausa" if pauses else "", state=event.to_state
    )


@sentence("wait_for_vendor")
def _wait_for_vendor(event: TicketEvent, reading: Reading) -> Sentence:
    notes = []
    if not reading.viewer.is_customer:
        notes.append(f"{event.data.get('vendor', '')}, referencia {event.data.get('vendor_reference', '')}")
    if terms_of.pauses_for_vendor(reading.ticket.terms, reading.ticket.created_at) and _attention_ran(event, reading):
        notes.append("el tiempo de atención quedó en pausa")
    return Sentence(bold_state(event), note="; ".join(notes), state=event.to_state)


@sentence("resume")
def _resume(event: TicketEvent, reading: Reading) -> Sentence:
    paused = terms_of.pauses_for_user(reading.ticket.terms, reading.ticket.created_at) and _attention_ran(
        event, reading
    )
    note = "el tiempo de atención volvió a correr" if paused else ""
    return Sentence(bold_state(event), note=note, state=event.to_state)


@sentence("solve")
def _solve(event: TicketEvent, reading: Reading) -> Sentence | None:
    return None


@sentence("accept")
def _accept(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("aceptó la solución: {}", bold_state(event))
    if event.actor.is_desk:
        html = format_html("anotó que se aceptó la solución: {}", bold_state(event))
    return Sentence(html, who=reading.name(event.actor), note=event.data.get("note", ""), state=event.to_state)


@sentence("refuse")
def _refuse(event: TicketEvent, reading: Reading) -> Sentence:
    verb = "anotó que se rechazó la solución" if event.actor.is_desk else "rechazó la solución"
    html = format_html("{}: vuelve a revisión en el <b>nivel {}</b>", verb, event.data.get("level", ""))
    return Sentence(html, who=reading.name(event.actor), note=event.data.get("group") or "", state=event.to_state)


@sentence("remind")
def _remind(event: TicketEvent, reading: Reading) -> Sentence:
    due = parse_datetime(str(event.data.get("validation_due_at") or ""))
    text = f"Se recordó validar la solución {reading.before(due)}" if due else "Se recordó validar la solución"
    return Sentence(format_html("{}", text), icon="bell")


@sentence("auto_close")
def _auto_close(event: TicketEvent, reading: Reading) -> Sentence:
    return Sentence(
        format_html("{} sin validación del usuario", bold_state(event)),
        note="pasó el plazo para validar la solución",
        state=event.to_state,
    )


@sentence("reject")
def _reject(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("lo dio por inválido: {}", bold_state(event))
    return Sentence(html, who=reading.name(event.actor), note=event.data.get("reason", ""), state=event.to_state)


@sentence("close_as_invalid")
def _close_as_invalid(event: TicketEvent, reading: Reading) -> Sentence:
    html = format_html("lo cerró como inválido: {}", bold_state(event))
    return Sentence(html, who=reading.name(event.actor), note=event.data.get("reason", ""), state=event.to_state)


@sentence("cancel")
def _cancel(event: TicketEvent, reading: Reading) -> Sentence:
    original = event.data.get("duplicate_of")
    cause: str | SafeString = CancelCause.CUSTOMER_REQUEST.label.lower()
    if original:
        cause = format_html("es un duplicado de {}", reading.link(original))
    html = format_html("canceló el ticket: {}", cause)
    return Sentence(html, who=reading.name(event.actor), note=event.data.get("reason", ""), state=event.to_state)


CLASSIFIED: Mapping[str, tuple[str, type]] = {
    "kind": ("tipo", Kind),
    "service_line": ("línea de servicio", ServiceLine),
    "impact": ("impacto", Impact),
    "urgency": ("urgencia", Urgency),
    "priority": ("prioridad", Priority),
}


@sentence("reclassify")
def _reclassify(event: TicketEvent, reading: Reading) -> Sentence:
    changes = event.data.get("changes", {})
    parts = [
        format_html("{} de {} a <b>{}</b>", label, choices(before).label, choices(after).label)
        for field, (label, choices) in CLASSIFIED.items()
        if field in changes
        for before, after in [changes[field]]
    ]
    if "title" in changes:
        parts.append(format_html("título, antes «{}»", changes["title"][0]))
    if "is_major" in changes:
        parts.append(format_html("{}", "incidente mayor" if changes["is_major"][1] else "ya no es incidente mayor"))
    html = format_html("reclasificó el ticket: {}", format_html_join("; ", "{}", ((part,) for part in parts)))
    return Sentence(
        html, who=reading.name(event.actor), note=event.data.get("reason", ""), icon="adjustments-horizontal"
    )


@sentence("message")
def _message(event: TicketEvent, reading: Reading) -> Sentence | None:
    if event.data.get("stops_auto_close"):
        return Sentence(format_html("Con esta respuesta, el ticket ya no se cierra solo"), icon="pause-circle")
    return None


@sentence("note")
def _note(event: TicketEvent, reading: Reading) -> Sentence | None:
    return None


@sentence("attach")
def _attach(event: TicketEvent, reading: Reading) -> Sentence | None:
    return None
