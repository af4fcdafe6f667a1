"""The words of the register of corrective actions (guide 2.2, 3.13, 3.14)."""

from django.db.models import TextChoices


class ActionKind(TextChoices):
    """Guide 3.14: «acciones correctivas y de mejora»."""

    CORRECTIVE = "corrective", "Correctiva"
    IMPROVEMENT = "improvement", "De mejora"


class Origin(TextChoices):
    """What an action answers to."""

    COMPLAINT = "complaint", "Queja"
    SUGGESTION = "suggestion", "Sugerencia"
    DETRACTOR = "detractor", "Detractor (NPS)"
    SURVEY = "survey", "Encuesta con calificación baja"
    PROMISE = "promise", "Promesa incumplida"
    RCA = "rca", "RCA"
    REVIEW = "review", "Junta de revisión"
    AUDIT = "audit", "Auditoría externa"
    OTHER = "other", "Otro"


class ActionState(TextChoices):
    OPEN = "open", "Abierta"
    IN_PROGRESS = "in_progress", "En curso"
    IMPLEMENTED = "implemented", "Implementada, por verificar"
    CLOSED = "closed", "Cerrada"
    CANCELLED = "cancelled", "Cancelada"


PENDING = (ActionState.OPEN, ActionState.IN_PROGRESS)
"""Its owner owes the action."""
LIVE = (*PENDING, ActionState.IMPLEMENTED)
"""Somebody owes something."""
