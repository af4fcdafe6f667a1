"""What each transition is called, asks for and does, said once: the console's buttons, the portal's forms and the API draw from here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.models import User
from tickets import policy
from tickets.models import Ticket
from tickets.vocabulary import CancelCause, Channel, SolutionType

TEXT, LONG_TEXT, MOMENT, CHOICE, GROUP, PERSON, TICKET = (
    "text",
    "long_text",
    "moment",
    "choice",
    "group",
    "person",
    "ticket",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a transition. `type` is one of the constants above; a GROUP and a PERSON are given by id, a TICKET by number."""

    name: str
    label: str
    type: str
    required: bool = True
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """`label` names it, `button` says what the click does, `effect` what it does to the clocks and whom it tells."""

    name: str
    label: str
    button: str
    icon: str
    effect: str
    fields: tuple[Field, ...] = ()
    danger: bool = False
    takes_files: bool = False
    adapt: Callable[[Field, Ticket, User], Field | None] | None = None
    """How an input applies to a ticket and actor; None leaves it out."""


def _optional_when(condition: Callable[[Ticket, User], bool], *names: str) -> Callable[[Field, Ticket, User], Field]:
    def adapt(field: Field, ticket: Ticket, actor: User) -> Field:
        return replace(field, required=False) if field.name in names and condition(ticket, actor) else field

    return adapt


def _promising(field: Field, ticket: Ticket, actor: User) -> Field | None:
    """A message and a date until the attention is met; a reason only where a date that was given can change."""
    if field.name == "commitment_reason":
        return None if ticket.committed_for is None else field
    return field if ticket.attended_at is None else replace(field, required=False)


REASON = Field("reason", "Motivo", LONG_TEXT)

TRANSITIONS: dict[str, Transition] = {
    t.name: t
    for t in (
        Transition(
            "open",
            "Abrir",
            "Abrir y avisar al usuario",
            "envelope-open",
            "Cumple la reacción y avisa al usuario que su ticket está listo para ser atendido.",
        ),
        Transition(
            "assign",
            "Asignar",
            "Asignar",
            "arrow-right",
            "El ticket pasa al grupo; los relojes siguen corriendo.",
            (
                Field("group", "Grupo resolutor", GROUP),
                Field(
                    "assignee",
                    "Persona",
                    PERSON,
                    required=False,
                    help="Puede quedar sin persona: alguien del grupo lo toma.",
                ),
                Field("reason", "Motivo del cambio", LONG_TEXT, help="Hace falta cuando el ticket ya tenía grupo."),
            ),
            adapt=_optional_when(lambda ticket, actor: ticket.group_id is None, "reason"),
        ),
        Transition(
            "start",
            "Iniciar",
            "Enviar e iniciar",
            "play",
            "Cumple la atención con la fecha prometida y deja el ticket a su nombre.",
            (
                Field("message", "Mensaje al usuario", LONG_TEXT, help="Qué hará y cuánto tardará."),
                Field("committed_for", "Solución prometida", MOMENT, help="La fecha compromiso que verá el cliente."),
                Field(
                    "commitment_reason",
                    "Motivo del cambio de fecha",
                    LONG_TEXT,
                    required=False,
                    help="Hace falta si cambia la fecha prometida; el cliente lo lee.",
                ),
            ),
            takes_files=True,
            adapt=_promising,
        ),
        Transition(
            "wait_for_user",
            "Esperar al usuario",
            "Preguntar y esperar",
            "pause",
            "El reloj de atención queda en pausa hasta que el usuario responda, salvo que su contrato diga otra cosa.",
            (Field("message", "Qué necesita del usuario", LONG_TEXT),),
            takes_files=True,
        ),
        Transition(
            "wait_for_vendor",
            "Esperar al proveedor",
            "Registrar la espera",
            "truck",
            "El reloj de atención sigue corriendo, salvo que el contrato diga otra cosa.",
            (Field("vendor", "Proveedor", TEXT), Field("vendor_reference", "Referencia del proveedor", TEXT)),
        ),
        Transition(
            "solve",
            "Solucionar",
            "Enviar la solución",
            "check",
            "Detiene los relojes. El usuario tiene el plazo de su contrato para validar; si no responde, el ticket se cierra solo.",
            (
                Field("solution_type", "Tipo de solución", CHOICE, choices=tuple(SolutionType.choices)),
                Field("solution", "Solución", LONG_TEXT, help="Qué se hizo y cómo puede comprobarlo el usuario."),
            ),
            takes_files=True,
        ),
        Transition(
            "accept",
            "Aceptar la solución",
            "Sí, cerrar el ticket",
            "check",
            "Cierra el ticket como aprobado por el cliente.",
            (Field("note", "Cómo lo confirmó el usuario", LONG_TEXT, help="Quién, cuándo y por qué medio."),),
            adapt=_optional_when(lambda ticket, actor: actor.is_customer, "note"),
        ),
        Transition(
            "refuse",
            "Rechazar la solución",
            "No, sigue fallando",
            "x-mark",
            "El ticket vuelve a revisión, un nivel arriba, y sus relojes siguen donde quedaron.",
            (Field("reason", "Qué sigue fallando", LONG_TEXT),),
            takes_files=True,
        ),
        Transition(
            "reject",
            "Rechazar",
            "Rechazar el ticket",
            "no-symbol",
            "Termina el ticket como inválido y avisa al usuario el motivo.",
            (REASON,),
            danger=True,
        ),
        Transition(
            "close_as_invalid",
            "Cerrar como inválido",
            "Cerrar como inválido",
            "archive-box-x-mark",
            "Termina el ticket sin solución y avisa al usuario el motivo.",
            (Field("reason", "Qué requisito no cumple", LONG_TEXT),),
            danger=True,
        ),
        Transition(
            "cancel",
            "Cancelar",
            "Cancelar el ticket",
            "x-circle",
            "Termina el ticket. No se puede deshacer.",
            (
                Field("cause", "Causa", CHOICE, choices=tuple(CancelCause.choices)),
                Field(
                    "duplicate_of",
                    "Duplicado de",
                    TICKET,
                    required=False,
                    help="Número del otro ticket, si es un duplicado.",
                ),
                REASON,
            ),
            danger=True,
        ),
    )
}

RECORD_ANSWER = Transition(
    "resume",
    "Registrar respuesta",
    "Registrar la respuesta del usuario",
    "chat-bubble-left-ellipsis",
    "Quita la pausa: el reloj de atención vuelve a correr.",
    (
        Field("message", "Qué contestó el usuario", LONG_TEXT),
        Field(
            "channel",
            "Medio",
            CHOICE,
            choices=tuple(
                (c.value, str(c.label)) for c in (Channel.PHONE, Channel.CHAT, Channel.WHATSAPP, Channel.EMAIL)
            ),
        ),
    ),
)
"""Offered to an agent only: the customer resumes by answering."""


def fields_for(transition: Transition, ticket: Ticket, actor: User) -> list[Field]:
    """The inputs as they apply to this ticket and actor."""
    if transition.adapt is None:
        return list(transition.fields)
    adapted = (transition.adapt(field, ticket, actor) for field in transition.fields)
    return [field for field in adapted if field is not None]


def available(ticket: Ticket, actor: User) -> list[Transition]:
    """The transitions that the actor may do to the ticket now, in the order of the guide's table."""
    offered = [spec for name, spec in TRANSITIONS.items() if policy.can(name, actor, ticket)]
    if actor.is_desk and policy.can("resume", actor, ticket):
        offered.append(RECORD_ANSWER)
    return offered


def spec_of(name: str) -> Transition | None:
    return RECORD_ANSWER if name == RECORD_ANSWER.name else TRANSITIONS.get(name)


def as_data(transition: Transition, ticket: Ticket, actor: User) -> dict[str, Any]:
    """The transition and its inputs as plain values, for programs."""
    fields = [
        {
            "name": f.name,
            "label": f.label,
            "type": f.type,
            "required": f.required,
            "help": f.help,
            "choices": [list(c) for c in f.choices],
        }
        for f in fields_for(transition, ticket, actor)
    ]
    return {
        "name": transition.name,
        "label": transition.label,
        "effect": transition.effect,
        "fields": fields,
        "files": transition.takes_files,
    }
