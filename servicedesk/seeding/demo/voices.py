"""The demo's complaints and suggestions, lived through the real services, each at its own moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.services import system_actor
from core import clock
from core.models import Delivery
from servicedesk.seeding.demo.people import DOMAIN
from servicedesk.seeding.escalation import BUSINESS, CUSTOMERS, OPERATIONS
from surveys.models import Voice
from surveys.services import hearing, suggestions, voices, waiting
from surveys.vocabulary import VoiceKind, VoiceState
from tickets.models import Ticket
from tickets.vocabulary import Channel

Act = tuple[float, str, Mapping[str, Any]]
"""Hours after it was received, the act, and what it is given."""


@dataclass(frozen=True, kw_only=True)
class Tale:
    """One of them. `days` is how long before the present it was received; an act whose moment has not come yet is left out."""

    author: str
    subject: str
    body: str
    days: float
    direction: str = CUSTOMERS
    area: str = "Mesa de Servicio"
    kind: VoiceKind = VoiceKind.COMPLAINT
    by: str = ""
    channel: str = Channel.WEB
    on_ticket: bool = False
    acts: tuple[Act, ...] = ()
    votes: tuple[str, ...] = ()


TALES = (
    Tale(
        author="cliente",
        days=31,
        subject="Nadie contestó el teléfono en toda la mañana",
        body="El lunes del cierre llamé cinco veces entre las 9 y las 12 y nadie contestó.\nPerdimos medio día.",
        acts=(
            (1, "acknowledge", {"by": "gerente"}),
            (1.5, "analyse", {"by": "gerente"}),
            (2, "note", {"by": "gerente", "text": "El conmutador tenía una sola línea libre. Pedir dos más."}),
            (
                3.5,
                "answer",
                {
                    "by": "gerente",
                    "text": "Tiene razón: esa mañana una sola persona atendía el teléfono. Desde hoy hay dos de guardia cada día de cierre.",
                },
            ),
            (5, "open_action", {"by": "supervisor", "title": "Dos personas al teléfono los días de cierre"}),
            (45, "agree", {"by": "cliente"}),
        ),
    ),
    Tale(
        author="representante",
        days=19,
        subject="Tres reinicios del Oracle EBS sin aviso",
        body="En dos semanas reiniciaron el ambiente tres veces en horario de trabajo y nadie nos avisó antes.",
        direction=OPERATIONS,
        area="Productos Oracle",
        on_ticket=True,
        acts=(
            (1, "acknowledge", {"by": "agente"}),
            (3, "answer", {"by": "agente", "text": "Los reinicios fueron necesarios por un parche del fabricante."}),
            (
                20,
                "appeal",
                {"by": "representante", "reason": "No pregunté por qué reiniciaron: pregunté por qué nadie avisó."},
            ),
            (21, "acknowledge", {"by": "supervisor"}),
            (
                23,
                "answer",
                {
                    "by": "supervisor",
                    "name": "Bernardo Lozano Cid",
                    "text": "Debimos avisarles. Ningún reinicio se hará sin aviso previo, y el calendario se les envía cada lunes.",
                },
            ),
        ),
    ),
    Tale(
        author="ajeno",
        days=2.2,
        subject="La VPN se cae cada tarde",
        body="Desde hace una semana la VPN se cae alrededor de las 17:00 y nadie nos dice qué pasa.",
        direction=OPERATIONS,
        area="Infraestructura",
        by="agente",
        channel=Channel.PHONE,
    ),
    Tale(
        author="cliente",
        days=0.12,
        subject="Me pidieron tres veces la misma pantalla",
        body="Adjunté la pantalla al levantar el ticket y me la volvieron a pedir dos veces más.",
        on_ticket=True,
        acts=((0.6, "acknowledge", {"by": "gerente"}), (1.2, "analyse", {"by": "gerente"})),
    ),
    Tale(
        author="norma.escobedo",
        days=4.1,
        subject="El reporte mensual llegó con ocho días de retraso",
        body="Lo necesitamos el día 3 para nuestra junta y llegó el 11.",
        area="Service Delivery",
        acts=(
            (0.8, "acknowledge", {"by": "servicio"}),
            (
                3,
                "answer",
                {
                    "by": "servicio",
                    "text": "Se retrasó por un cambio de formato. Desde este mes sale el día 2 y lo revisamos el 1.",
                },
            ),
        ),
    ),
    Tale(
        author="martin.olmedo",
        days=26,
        kind=VoiceKind.SUGGESTION,
        subject="Un aviso el día antes de cada mantenimiento",
        body="Además del correo de cinco días antes, un recordatorio el día anterior.",
        votes=("cliente", "hugo.barrientos", "ajeno", "ofelia.trevino"),
        acts=(
            (0.8, "acknowledge", {"by": "gerente"}),
            (
                2,
                "share",
                {
                    "by": "supervisor",
                    "subject": "Un recordatorio el día antes de cada mantenimiento",
                    "body": "Además del aviso de cinco días antes, un recordatorio el día anterior.",
                },
            ),
            (
                3.5,
                "answer",
                {
                    "by": "gerente",
                    "decision": "accepted",
                    "text": "Lo haremos: el recordatorio sale desde el próximo mes.",
                },
            ),
            (4, "open_action", {"by": "supervisor", "title": "Recordatorio un día antes de cada mantenimiento"}),
        ),
    ),
    Tale(
        author="cliente",
        days=0.9,
        kind=VoiceKind.SUGGESTION,
        subject="Guardar borradores al levantar un ticket desde el teléfono",
        body="Si entra una llamada mientras escribo, pierdo lo escrito.",
        direction=BUSINESS,
        area="Operaciones de Productos MásNegocio",
        votes=("martin.olmedo", "hugo.barrientos"),
    ),
    Tale(
        author="saul.nava",
        days=12,
        kind=VoiceKind.SUGGESTION,
        subject="Ver el portal en inglés",
        body="Parte de nuestro equipo no lee español.",
        votes=("norma.escobedo",),
        acts=(
            (
                0.5,
                "share",
                {"by": "supervisor", "subject": "El portal en inglés", "body": "Para los equipos que no leen español."},
            ),
            (
                3,
                "answer",
                {
                    "by": "gerente",
                    "decision": "later",
                    "text": "No está en el plan de este año. Lo revisaremos en enero.",
                },
            ),
        ),
    ),
    Tale(
        author="gael.montiel",
        days=0.03,
        subject="Cerraron mi ticket sin preguntarme",
        body="El ticket aparece cerrado y el problema sigue igual.",
        on_ticket=True,
    ),
)


def create(now: datetime) -> int:
    """Repeating it changes nothing that exists. Returns how many there are."""
    if Voice.objects.exists():
        return Voice.objects.count()
    before = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cast = {person.email.partition("@")[0]: person for person in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    happenings: list[tuple[datetime, Callable[[datetime], Any]]] = []
    for tale in TALES:
        happenings += _lived(tale, cast, now)
    for at, happen in sorted((pair for pair in happenings if pair[0] <= now), key=lambda pair: pair[0]):
        waiting.sweep(at)
        with clock.at(at):
            happen(at)
    waiting.sweep(now)
    Delivery.objects.filter(pk__gt=before).update(state="done", done_at=now)
    return Voice.objects.count()


def _lived(tale: Tale, cast: Mapping[str, User], now: datetime) -> list[tuple[datetime, Callable[[datetime], Any]]]:
    """What happens to one, and when."""
    begun, kept = now - timedelta(days=tale.days), list[Voice]()

    def received(at: datetime) -> None:
        author = cast[tale.author]
        draft = hearing.Draft(
            kind=tale.kind,
            subject=tale.subject,
            body=tale.body,
            direction=tale.direction,
            area=tale.area,
            author=author,
            ticket=_ticket(author, at) if tale.on_ticket else None,
        )
        kept.append(hearing.receive(draft, by=cast[tale.by or tale.author], channel=tale.channel, at=at))

    def acted(name: str, given: Mapping[str, Any]) -> Callable[[datetime], None]:
        def act(at: datetime) -> None:
            row = Voice.objects.get(pk=kept[0].pk)
            if row.state == VoiceState.CLOSED:
                return
            do = getattr(suggestions, name, None) or getattr(voices, name)
            values = {key: value for key, value in given.items() if key != "by"}
            do(row, by=cast.get(given["by"]) or system_actor(), at=at, **values)

        return act

    def voted(person: str) -> Callable[[datetime], None]:
        return lambda at: _vote(kept[0], cast[person], at)

    found: list[tuple[datetime, Callable[[datetime], Any]]] = [(begun, received)]
    found += [(begun + timedelta(hours=after), acted(name, given)) for after, name, given in tale.acts]
    found += [(begun + timedelta(hours=8 + 5 * index), voted(person)) for index, person in enumerate(tale.votes)]
    return found


def _vote(row: Voice, person: User, at: datetime) -> None:
    suggestions.vote(row, by=person, at=at)


def _ticket(author: User, at: datetime) -> Ticket | None:
    """The last one that the author had raised by then."""
    return Ticket.objects.visible_to(author).filter(created_at__lt=at, requester=author).order_by("-pk").first()
