"""The words of the guide: English values for programs, Spanish labels for people. Said here once, used everywhere."""

from django.db.models import IntegerChoices, TextChoices


class State(TextChoices):
    """Guide 3.4.3."""

    NEW = "new", "Nuevo"
    OPEN = "open", "Abierto"
    ASSIGNED = "assigned", "Asignado"
    IN_PROGRESS = "in_progress", "En Proceso"
    PENDING_USER = "pending_user", "Pendiente por usuario"
    PENDING_VENDOR = "pending_vendor", "Pendiente por proveedor"
    SOLVED = "solved", "Solucionado"
    CLOSED = "closed", "Cerrado"
    REJECTED = "rejected", "Rechazado"
    CANCELLED = "cancelled", "Cancelado"


TERMINAL = (State.CLOSED, State.REJECTED, State.CANCELLED)
WORKABLE = (State.OPEN, State.ASSIGNED, State.IN_PROGRESS, State.PENDING_USER, State.PENDING_VENDOR)
"""Registered and not yet solved."""
UNSOLVED = (State.NEW, *WORKABLE)
ALIVE = (*UNSOLVED, State.SOLVED)


class Kind(TextChoices):
    INCIDENT = "incident", "Incidente"
    REQUEST = "request", "Solicitud"
    PROBLEM = "problem", "Problema"
    CHANGE = "change", "Cambio (RFC)"


class ServiceLine(TextChoices):
    """Guide 3.2."""

    FUNCTIONAL = "functional", "Soporte funcional"
    TECHNICAL = "technical", "Soporte técnico"
    TECHNOLOGICAL = "technological", "Soporte tecnológico"


class Impact(TextChoices):
    """How far it reaches (guide 3.4.1)."""

    EXTENSIVE = "extensive", "Extenso"
    SIGNIFICANT = "significant", "Significativo"
    MODERATE = "moderate", "Moderado"
    MINOR = "minor", "Menor"


class Urgency(TextChoices):
    """How soon it must be solved (guide 3.4.1)."""

    CRITICAL = "critical", "Crítica"
    HIGH = "high", "Alta"
    MEDIUM = "medium", "Media"
    LOW = "low", "Baja"


class Priority(TextChoices):
    """Derived from urgency and impact, never typed (guide 3.4.1)."""

    CRITICAL = "critical", "Crítica"
    HIGH = "high", "Alta"
    MEDIUM = "medium", "Media"
    LOW = "low", "Baja"


PRIORITY_ORDER = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}

IMPACT_MEANING = {
    Impact.EXTENSIVE: "Afecta toda la compañía",
    Impact.SIGNIFICANT: "Afecta a una organización",
    Impact.MODERATE: "Afecta a un departamento",
    Impact.MINOR: "Afecta a un usuario",
}
URGENCY_MEANING = {
    Urgency.CRITICAL: "Incapacidad para trabajar",
    Urgency.HIGH: "Capacidad para trabajar degradada",
    Urgency.MEDIUM: "Capacidad para trabajar degradada, sobre un elemento no crítico",
    Urgency.LOW: "Sí puede trabajar",
}


class Channel(TextChoices):
    """By which medium it was reported (guide 3.3)."""

    EMAIL = "email", "Correo"
    WEB = "web", "Web"
    PHONE = "phone", "Teléfono"
    CHAT = "chat", "Chat"
    WHATSAPP = "whatsapp", "WhatsApp"
    API = "api", "API"


class SolutionType(TextChoices):
    """Guide 3.5.1."""

    DEFINITIVE = "definitive", "Solución definitiva"
    WORKAROUND = "workaround", "Solución workaround"


class ClosingCode(TextChoices):
    """Guide 3.6.1."""

    CANCELLED = "cancelled", "Cancelado"
    INVALID = "invalid", "Inválido"
    APPROVED = "approved", "Aprobado por el cliente"
    UNVALIDATED = "unvalidated", "Sin validación del usuario"


class CancelCause(TextChoices):
    """Why a ticket may be cancelled (guide 3.4.3)."""

    DUPLICATE = "duplicate", "Duplicado de otro ticket"
    CUSTOMER_REQUEST = "customer_request", "A petición del cliente"


class Visibility(TextChoices):
    PUBLIC = "public", "Pública"
    INTERNAL = "internal", "Nota interna"


class Precedence(IntegerChoices):
    """What goes before priority in every queue: relevant incident, then major incident (guide 2.2, 3.8)."""

    RELEVANT = 0, "Incidente relevante"
    MAJOR = 4, "Incidente mayor"
    NORMAL = 8, "Normal"
