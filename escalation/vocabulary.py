"""The words of the escalation matrices (guide 3.5.2, 3.13.1)."""

from django.db.models import TextChoices

FIRST_LEVEL, LAST_LEVEL = 1, 4
"""Of the service desk's matrix: the desk itself, supervisor, manager, director."""

GUIDE_ROLES = (
    "Mesa de Servicio y Servicio al Cliente",
    "Supervisor de Mesa de Servicio",
    "Gerente de Mesa de Servicio",
    "Director de Mesa de Servicio y Servicio al Cliente",
)
"""Who holds each of them (guide 3.5.2)."""


class MatrixKind(TextChoices):
    SERVICE_DESK = "service_desk", "Matriz de Mesa de Servicio"
    TECHNICAL = "technical", "Listado de Escalamiento de Fallas Técnicas"
    COMPLAINTS = "complaints", "Matriz de quejas y sugerencias"


class RuleClock(TextChoices):
    """Whose time an automatic rule watches."""

    REACTION = "reaction", "Reacción"
    ATTENTION = "attention", "Atención"
    COMMITMENT = "commitment", "Fecha compromiso"


class EscalationState(TextChoices):
    """Of a ticket's way up one matrix. It ends with the solution, and goes on from where it was if the ticket comes back."""

    NOTIFIED = "notified", "En espera de acuse"
    ACKNOWLEDGED = "acknowledged", "Acusado, en espera de respuesta"
    ANSWERED = "answered", "Respondido"
    ENDED = "ended", "Terminado"


LIVE = (EscalationState.NOTIFIED, EscalationState.ACKNOWLEDGED)
"""Somebody of the matrix owes something."""


class Cause(TextChoices):
    """Why a level was told."""

    CUSTOMER = "customer", "Lo pidió el cliente"
    DESK = "desk", "Lo pidió el cliente a la Mesa de Servicio"
    RULE = "rule", "Regla automática"
    UNACKNOWLEDGED = "unacknowledged", "El nivel anterior no acusó recibo"
    UNREACHABLE = "unreachable", "El nivel anterior no tiene a quién avisar"
