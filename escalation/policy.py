"""Who may escalate, acknowledge and answer (guide 3.5.2). The one place that knows."""

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from core.verdict import ALLOW, Verdict, deny
from escalation.models import EscalationStep
from escalation.vocabulary import MatrixKind
from tickets import policy
from tickets.models import Ticket


def may_escalate(actor: User, ticket: Ticket, kind: str) -> Verdict:
    """At any point of the life cycle: who may follow the ticket, or the desk for somebody who calls.

    The technical list is in the hands of the company's representative.
    """
    if not (seen := policy.can_see(actor, ticket)):
        return seen
    if ticket.is_terminal:
        return deny("El ticket ya terminó. Escriba un comentario y se abrirá un ticket de seguimiento.")
    if actor.role == Role.AGENT or actor.role in SUPERVISING:
        return ALLOW
    if not actor.is_customer:
        return deny("Escala el cliente, o la Mesa de Servicio a petición suya.")
    if kind == MatrixKind.TECHNICAL and actor.role != Role.REPRESENTATIVE:
        return deny("El Listado de Escalamiento de Fallas Técnicas lo usa quien representa a su compañía.")
    return ALLOW


def reads_list(actor: User) -> bool:
    """Whether the technical list may be shown to them: the desk, and those to whom the provider handed it over (guide 3.5.2)."""
    return bool(actor.is_desk or actor.role == Role.REPRESENTATIVE)


def may_answer(actor: User, ticket: Ticket, step: EscalationStep) -> Verdict:
    """The contact who was told, those who supervise, or a desk agent who writes down what the contact said. Never the customer."""
    if not (seen := policy.can_see(actor, ticket)):
        return seen
    own = step.contact is not None and step.contact.user_id == actor.pk
    if actor.is_desk and (own or actor.role in SUPERVISING or actor.role == Role.AGENT):
        return ALLOW
    return deny("Acusa y responde quien fue avisado, su supervisión, o un agente que anote lo que dijo.")
