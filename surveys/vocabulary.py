"""The words of surveys, complaints and NPS (guide 3.13, 3.13.1, 3.14)."""

from django.db.models import TextChoices

# -- complaints and suggestions ---------------------------------------------------------------------------------------


class VoiceKind(TextChoices):
    """Guide 2.2: «Sugerencias y Quejas»."""

    COMPLAINT = "complaint", "Queja"
    SUGGESTION = "suggestion", "Sugerencia"


class VoiceState(TextChoices):
    RECEIVED = "received", "Recibida"
    ACKNOWLEDGED = "acknowledged", "Con acuse de recibo"
    IN_ANALYSIS = "in_analysis", "En análisis"
    ANSWERED = "answered", "Respondida"
    CLOSED = "closed", "Cerrada"


PENDING = (VoiceState.RECEIVED, VoiceState.ACKNOWLEDGED, VoiceState.IN_ANALYSIS)
"""An answer is owed."""
ALIVE = (*PENDING, VoiceState.ANSWERED)


class Ending(TextChoices):
    """How a complaint or suggestion was closed."""

    AGREED = "agreed", "El cliente quedó conforme"
    SILENT = "silent", "El cliente no contestó a tiempo"
    WITHDRAWN = "withdrawn", "El cliente la retiró"
    FINAL = "final", "Respondida por el último nivel, sin acuerdo"


class Decision(TextChoices):
    """What was decided on a suggestion."""

    ACCEPTED = "accepted", "Se hará"
    DONE = "done", "Ya se hizo"
    LATER = "later", "Se revisará más adelante"
    DECLINED = "declined", "No se hará"


class StepCause(TextChoices):
    """Why a level of the complaints' matrix was told."""

    RECEIVED = "received", "Llegó"
    UNACKNOWLEDGED = "unacknowledged", "El nivel anterior no acusó recibo"
    UNANSWERED = "unanswered", "El nivel anterior no respondió"
    UNREACHABLE = "unreachable", "El nivel anterior no tiene a quién avisar"
    INVOLVED = "involved", "El nivel anterior está señalado en la queja"
    APPEAL = "appeal", "El cliente no quedó conforme"
    REROUTED = "rerouted", "Se turnó a otra área"


# -- satisfaction ------------------------------------------------------------------------------------------------------


class QuestionKind(TextChoices):
    SCALE = "scale", "Escala de 1 a 5"
    YES_NO = "yes_no", "Sí o no"
    CHOICE = "choice", "Una opción"
    TEXT = "text", "Texto libre"


class InvitationState(TextChoices):
    """Of an invitation to answer: a satisfaction survey's, or an NPS campaign's."""

    PLANNED = "planned", "Por enviar"
    INVITED = "invited", "Enviada"
    ANSWERED = "answered", "Contestada"
    EXPIRED = "expired", "Sin respuesta"
    LEFT_OUT = "left_out", "No se envió"


class LeftOut(TextChoices):
    """Why somebody was not asked."""

    SAMPLE = "sample", "No salió en la muestra"
    RECENT = "recent", "Se le preguntó hace poco"
    OFTEN = "often", "Ya se le preguntó lo bastante este mes"
    INACTIVE = "inactive", "Su cuenta ya no está activa"
    CLOSED = "closed", "La campaña terminó antes de su turno"


# -- NPS ---------------------------------------------------------------------------------------------------------------

NPS_QUESTION = "¿Cuán probable es que recomiende el producto o servicio de MásNegocio?"
"""Guide 3.14. The provider's name in it is the configured one."""
NPS_LOWEST, NPS_HIGHEST = 0, 10
NPS_ENDS = ("Muy improbable", "Definitivamente lo recomendaría")
"""What 0 and 10 mean (guide 3.14)."""


class Loyalty(TextChoices):
    """Guide 3.14: promoters, passives and detractors (domain: 0-6, 7-8, 9-10)."""

    PROMOTER = "promoter", "Promotor"
    PASSIVE = "passive", "Pasivo"
    DETRACTOR = "detractor", "Detractor"


def loyalty(score: int) -> Loyalty:
    """The class of a score of 0 to 10."""
    if score <= 6:
        return Loyalty.DETRACTOR
    return Loyalty.PASSIVE if score <= 8 else Loyalty.PROMOTER


class CampaignState(TextChoices):
    DRAFT = "draft", "Borrador"
    RUNNING = "running", "En curso"
    CLOSED = "closed", "Terminada"
    CANCELLED = "cancelled", "Cancelada"


class Audience(TextChoices):
    ALL = "all", "Todos los usuarios válidos"
    REPRESENTATIVES = "representatives", "Los representantes de cada compañía"
    ACTIVE = "active", "Quienes levantaron tickets en el último año"
