"""A ticket's way up the matrices as the customer's pages show it (guide 3.5.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import words
from escalation import forecast, presentation, standing
from escalation.forecast import Forecast
from escalation.models import Escalation, EscalationStep
from escalation.standing import Way
from escalation.vocabulary import EscalationState, MatrixKind
from portal.forms.ticket import EscalateForm
from tickets.models import Ticket

ABOUT = {
    MatrixKind.SERVICE_DESK: "Si la atención no ha sido la adecuada o no se respetaron los tiempos, puede recurrir al nivel siguiente.",
    MatrixKind.TECHNICAL: "Si después de recibir una respuesta le surgen dudas o necesita profundizar, puede recurrir a este listado.",
}
TITLES = {MatrixKind.SERVICE_DESK: "Escalamiento", MatrixKind.TECHNICAL: "Fallas técnicas"}


@dataclass(frozen=True, slots=True)
class Card:
    """One matrix on the ticket's page. `next` and `form` are there when the reader may go further now; else `why` says why not."""

    kind: str
    title: str
    about: str
    label: str
    place: str
    rungs: list[dict[str, Any]]
    why: str
    next: dict[str, Any] | None
    form: EscalateForm | None


def cards(ticket: Ticket, viewer: User, *, now: datetime, typed: EscalateForm | None = None) -> list[Card]:
    """The matrices that the reader may follow, the service desk's first. `typed` is the form that came back with its faults."""
    where = standing.of(ticket, viewer, at=now)
    return [_card(way, ticket, viewer, now, typed) for way in where.ways]


def _card(way: Way, ticket: Ticket, viewer: User, now: datetime, typed: EscalateForm | None) -> Card:
    zone = ZoneInfo(viewer.time_zone)
    rungs = presentation.rungs(way, ticket, at=now, zone=zone)
    expected = forecast.of(way, ticket, at=now) if way.may else None
    present = next((rung["level"] for rung in rungs if rung["current"]), None)
    form = None
    if expected is not None:
        is_own = typed is not None and typed.matrix == way.kind
        form = typed if is_own else EscalateForm.fresh(way.kind, ticket.version)
    return Card(
        kind=way.kind,
        title=TITLES[MatrixKind(way.kind)],
        about=ABOUT[MatrixKind(way.kind)],
        label=f"Niveles: {way.label}",
        place=f"Nivel {present} de {len(rungs)}" if present else "",
        rungs=[] if ticket.is_terminal and not way.steps else rungs,
        why="" if way.may else way.may.reason,
        next=_next(expected, zone, now) if expected else None,
        form=form,
    )


def _next(expected: Forecast, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Whom the request would reach, and what it would ask of them."""
    return {
        "level": expected.level,
        "who": presentation.name_of(expected.name, expected.role),
        "told": presentation.whom(expected.name, expected.role, expected.instead_of),
        "owes": f"Debe acusar recibo {before(expected.acknowledge_by, zone, now)} "
        f"y responderle {before(expected.answer_by, zone, now)}.",
    }


def before(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """«antes de hoy 14:00», «antes del vie 13 mar, 12:25»."""
    return f"antes {words.on_brief(at, zone=zone, now=now, after='de')}"


def done(ticket: Ticket, viewer: User, kind: str, *, now: datetime) -> str:
    """What to tell who has just escalated the ticket: who was told, and until when they have."""
    way = next(way for way in standing.of(ticket, viewer, at=now).ways if way.kind == kind)
    step: EscalationStep = way.steps[-1]
    text = f"Avisamos a {presentation.whom(step.name, step.role, step.instead_of)}."
    if step.answer_by is None:
        return text
    return f"{text} Debe responderle {before(step.answer_by, ZoneInfo(viewer.time_zone), now)}."


def marks(tickets: Iterable[Ticket], viewer: User) -> dict[int, str]:
    """«Escalado, nivel 2» for those of the tickets that are on their way up, in one query. The service desk's matrix goes first."""
    rows = (
        Escalation.objects.visible_to(viewer)
        .filter(ticket__in=[ticket.pk for ticket in tickets])
        .exclude(state=EscalationState.ENDED)
        .values_list("ticket", "level", "kind")
    )
    found = sorted(rows, key=lambda row: row[2] == MatrixKind.SERVICE_DESK)
    return {
        pk: f"Escalado, nivel {level}" if kind == MatrixKind.SERVICE_DESK else "Escalado por falla técnica"
        for pk, level, kind in found
    }
