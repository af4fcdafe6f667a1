"""Escalation on the ticket's working page: what the person may do with it, said like any other act (guide 3.5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from console import forms
from core import clock
from core.errors import Refused
from core.verdict import Verdict, deny
from escalation import forecast, presentation, standing
from escalation.models import EscalationStep
from escalation.services import answering, raising
from escalation.standing import Standing, Way
from escalation.vocabulary import EscalationState, MatrixKind
from tickets.models import Ticket
from tickets.transitions import LONG_TEXT, Field, Transition

ICON = "arrow-trending-up"
TECHNICAL = "-technical"
"""Ends the names of the acts on the Listado de Escalamiento de Fallas Técnicas."""
ON_THE_DESK = (
    Transition(
        "escalate",
        "Escalar",
        "Escalar el ticket",
        ICON,
        "Se avisa al contacto del nivel siguiente y al cliente; queda en el historial. Úselo cuando el cliente lo pida por teléfono.",
        (Field("reason", "Qué dijo el cliente", LONG_TEXT, help="Por qué no está conforme; lo lee el contacto."),),
    ),
    Transition(
        "acknowledge",
        "Acusar recibo",
        "Acusar recibo",
        "hand-raised",
        "El escalamiento deja de subir de nivel; el cliente sabe que ya lo tienen en sus manos.",
    ),
    Transition(
        "answer",
        "Responder al escalamiento",
        "Enviar la respuesta",
        "chat-bubble-left-ellipsis",
        "El cliente recibe la respuesta; si no le basta, puede ir al nivel siguiente.",
        (Field("text", "Respuesta al cliente", LONG_TEXT),),
    ),
)
ACTS: Mapping[str, Transition] = {
    act.name: act
    for act in (
        *ON_THE_DESK,
        *(replace(act, name=act.name + TECHNICAL, label=f"{act.label} (fallas técnicas)") for act in ON_THE_DESK),
    )
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One matrix on the ticket's page; `last` is the step that was told last."""

    label: str
    is_desk: bool
    last: EscalationStep
    rungs: list[dict[str, Any]]


def drawn(where: Standing, ticket: Ticket, actor: User, *, at: datetime) -> list[Drawn]:
    """The matrices that the ticket went up, level by level, in the person's zone. No query."""
    zone = ZoneInfo(actor.time_zone)
    return [
        Drawn(way.label, way is where.desk, way.steps[-1], presentation.rungs(way, ticket, at=at, zone=zone))
        for way in where.ways
        if way.steps
    ]


def next_told(where: Standing, ticket: Ticket, *, at: datetime) -> str:
    """«nivel 3, Paola Quintana Ruiz (Gerente de Mesa de Servicio), en ausencia de…»: whom going up would tell now; empty when nobody can."""
    expected = forecast.of(where.desk, ticket, at=at) if where.desk.may else None
    if expected is None:
        return ""
    return f"nivel {expected.level}, {presentation.whom(expected.name, expected.role, expected.instead_of)}"


def may(name: str, where: Standing) -> Verdict:
    """Whether the person of `where` may do the act now, and why not."""
    act, way = _of(name, where)
    if way is None:
        return deny("El ticket no tiene listado de fallas técnicas.")
    if act == "escalate":
        return way.may
    if way.present is None or way.case is None:
        return deny("Nadie espera un acuse ni una respuesta de escalamiento.")
    if act == "acknowledge" and way.case.state != EscalationState.NOTIFIED:
        return deny(f"Ya se acusó recibo: lo hizo {way.present.acknowledged_by}.")
    return way.may_answer


def _of(name: str, where: Standing) -> tuple[str, Way | None]:
    """The act and the matrix that it is about."""
    is_technical = name.endswith(TECHNICAL)
    return name.removesuffix(TECHNICAL), where.technical if is_technical else where.desk


def offered(where: Standing) -> list[Transition]:
    """The acts that the person may do now, in order; the way up comes last, so that nobody clicks it for the answer."""
    order = ("acknowledge", "answer", "escalate")
    return [ACTS[name] for act in order for name in (act, act + TECHNICAL) if may(name, where)]


def do(ticket: Ticket, name: str, form: forms.ActForm, version: int, actor: User) -> str:
    """Carry out the act. Raises what the services refuse. Returns what to tell the person."""
    data = form.raw(*form.names)
    act, way = _of(name, standing.of(ticket, actor, at=clock.now()))
    if act == "escalate":
        kind = MatrixKind.TECHNICAL if name.endswith(TECHNICAL) else MatrixKind.SERVICE_DESK
        case = raising.escalate(ticket, by=actor, reason=data["reason"], kind=kind, version=version)
        told = case.steps.order_by("number").values_list("name", flat=True).last()
        return f"{ticket.number} se escaló al nivel {case.level}: se avisó a {told or 'la supervisión'}."
    if way is None or way.present is None:
        raise Refused("Nadie espera un acuse ni una respuesta de escalamiento.")
    if act == "acknowledge":
        answering.acknowledge(way.present, by=actor, version=version)
        return f"Quedó el acuse de recibo del escalamiento de {ticket.number}."
    answering.answer(way.present, by=actor, text=data["text"], version=version)
    return "La respuesta al escalamiento salió al cliente."
