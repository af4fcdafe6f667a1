"""Who may do what to a ticket (domain: "States and who moves them"; guide 2.1, 3.4.3, 3.6). The one place that knows.

`can(name, actor, ticket)` answers for every transition and for the other acts; front ends ask it for their buttons and the services
ask it again under the lock.
"""

from collections.abc import Callable

from accounts.models import SupportGroup, User
from accounts.roles import SUPERVISING, Role
from core.verdict import ALLOW, Verdict, deny
from tickets.models import Ticket
from tickets.querysets import company_id_of
from tickets.vocabulary import UNSOLVED, State
from tickets.workflow import Workflow

SOURCES: dict[str, frozenset[str]] = {
    name: frozenset(state for state in method._django_fsm.transitions)
    for name, method in vars(Workflow).items()
    if hasattr(method, "_django_fsm")
}
"""Transition name -> the states that it leaves from, read off the workflow itself."""

Rule = Callable[[User, Ticket], Verdict]


def can(name: str, actor: User, ticket: Ticket) -> Verdict:
    """Whether the actor may do `name` to the ticket now. A refusal says why, in Spanish."""
    if not (seen := can_see(actor, ticket)):
        return seen
    if not (legal := admits(name, ticket)):
        return legal
    return RULES[name](actor, ticket)


def admits(name: str, ticket: Ticket) -> Verdict:
    """Whether the ticket's state allows `name`, whoever asks."""
    if name in SOURCES:
        return (
            ALLOW
            if ticket.state in SOURCES[name]
            else deny(f"El ticket está en «{State(ticket.state).label}» y ese paso no procede.")
        )
    if name in ("take", "reclassify") and ticket.state not in UNSOLVED:
        return deny(f"El ticket está en «{State(ticket.state).label}»: ya no se reasigna ni se reclasifica.")
    return ALLOW


def can_see(actor: User, ticket: Ticket) -> Verdict:
    """The same rule as `TicketQuerySet.visible_to`, for one row in hand."""
    if not actor.is_active:
        return deny("Su cuenta no está activa.")
    if actor.role == Role.SYSTEM:
        return ALLOW
    if actor.role == Role.CONSULTANT:
        return (
            ALLOW
            if _in_group(actor, ticket) or ticket.assignee_id == actor.pk
            else deny("El ticket no es de sus grupos.")
        )
    if actor.is_desk:
        return ALLOW
    if ticket.company_id != company_id_of(actor):
        return deny("El ticket no existe.")
    if actor.role == Role.REPRESENTATIVE or ticket.requester_id == actor.pk:
        return ALLOW
    return deny("El ticket no existe.")


def can_assign_to(actor: User, ticket: Ticket, group: SupportGroup) -> Verdict:
    """A consultant may only hand the ticket back to the desk."""
    if actor.role == Role.CONSULTANT and group.level != SupportGroup.Level.FIRST:
        return deny("Un consultor sólo puede devolver el ticket a la Mesa de Servicio. Elija un grupo de nivel 1.")
    return ALLOW


def _in_group(actor: User, ticket: Ticket) -> bool:
    return ticket.group_id is not None and ticket.group_id in actor.group_ids


def _is_desk(actor: User) -> bool:
    """The people of the desk itself: its agents and its supervisor."""
    return actor.role in (Role.AGENT, Role.SUPERVISOR)


def _is_customer_of(actor: User, ticket: Ticket) -> bool:
    return actor.is_customer and bool(can_see(actor, ticket))


def _agent(actor: User, ticket: Ticket) -> Verdict:
    return ALLOW if actor.role == Role.AGENT else deny("Lo hace un agente de la Mesa de Servicio.")


def _agent_or_supervisor(actor: User, ticket: Ticket) -> Verdict:
    return ALLOW if _is_desk(actor) else deny("Lo hace un agente o el supervisor de la Mesa de Servicio.")


def _assigners(actor: User, ticket: Ticket) -> Verdict:
    if _is_desk(actor) or (actor.role == Role.CONSULTANT and _in_group(actor, ticket)):
        return ALLOW
    return deny("Asigna un agente o el supervisor; un consultor del grupo sólo puede devolverlo a la Mesa de Servicio.")


def _workers(actor: User, ticket: Ticket) -> Verdict:
    """The assigned group; a desk agent while the ticket is at level 1."""
    if _in_group(actor, ticket) or (actor.role == Role.AGENT and ticket.support_level == SupportGroup.Level.FIRST):
        return ALLOW
    return deny("Lo hace un integrante del grupo asignado, o un agente mientras el ticket está en el nivel 1.")


def _desk_or_group(actor: User, ticket: Ticket) -> Verdict:
    if _is_desk(actor) or _in_group(actor, ticket):
        return ALLOW
    return deny("Lo hace la Mesa de Servicio o un integrante del grupo asignado.")


def _group(actor: User, ticket: Ticket) -> Verdict:
    return ALLOW if _in_group(actor, ticket) else deny("Lo hace un integrante del grupo asignado.")


def _validators(actor: User, ticket: Ticket) -> Verdict:
    """The requester, their representative, or a desk agent who writes down how they said so (guide 2.1, 3.6)."""
    if _is_customer_of(actor, ticket) or actor.role == Role.AGENT:
        return ALLOW
    return deny("Valida el solicitante, el representante de su compañía, o un agente que anote cómo lo dijeron.")


def _cancellers(actor: User, ticket: Ticket) -> Verdict:
    if actor.role == Role.AGENT or (actor.is_customer and ticket.requester_id == actor.pk):
        return ALLOW
    return deny("Cancela el propio solicitante, o un agente de la Mesa de Servicio a petición suya.")


def _system(actor: User, ticket: Ticket) -> Verdict:
    return ALLOW if actor.role == Role.SYSTEM else deny("Lo hace el sistema cuando vence el plazo.")


def _recorders(actor: User, ticket: Ticket) -> Verdict:
    """The customer resumes by answering (`conversation.reply`); an agent, by writing down what they answered elsewhere."""
    return (
        ALLOW
        if actor.role == Role.AGENT
        else deny("Se reanuda con la respuesta del usuario, o cuando un agente la registra.")
    )


def _speakers(actor: User, ticket: Ticket) -> Verdict:
    if _is_customer_of(actor, ticket) or _is_desk(actor) or actor.role in SUPERVISING:
        return ALLOW
    if _in_group(actor, ticket) or ticket.assignee_id == actor.pk:
        return ALLOW
    return deny("Al cliente le escribe la Mesa de Servicio o el grupo asignado. Puede dejar una nota interna.")


def _note_writers(actor: User, ticket: Ticket) -> Verdict:
    return ALLOW if actor.is_desk else deny("Las notas internas son de la Mesa de Servicio.")


RULES: dict[str, Rule] = {
    "open": _agent,
    "assign": _assigners,
    "start": _workers,
    "wait_for_user": _desk_or_group,
    "wait_for_vendor": _group,
    "resume": _recorders,
    "solve": _desk_or_group,
    "accept": _validators,
    "refuse": _validators,
    "auto_close": _system,
    "reject": _agent,
    "close_as_invalid": _agent_or_supervisor,
    "cancel": _cancellers,
    # Acts that are not transitions.
    "take": _group,
    "reclassify": _agent_or_supervisor,
    "comment": _speakers,
    "note": _note_writers,
    "attach": _speakers,
}
