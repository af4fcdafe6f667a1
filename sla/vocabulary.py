"""The words of the service levels (guide 3.4.2)."""

from django.db.models import TextChoices


class ClockKind(TextChoices):
    REACTION = "reaction", "Reacción"
    ATTENTION = "attention", "Atención"


class ClockState(TextChoices):
    """A breach is not a state: a clock that is late runs on until it is met or stopped."""

    RUNNING = "running", "Corriendo"
    PAUSED = "paused", "En pausa"
    MET = "met", "Cumplido"
    STOPPED = "stopped", "Detenido"


class Basis(TextChoices):
    """In which time a clock runs."""

    BUSINESS = "business", "Horas hábiles"
    CALENDAR = "calendar", "Horas naturales"


class PauseCause(TextChoices):
    USER = "user", "Pendiente por usuario"
    VENDOR = "vendor", "Pendiente por proveedor"


class CommitmentState(TextChoices):
    """What became of a promised date. One without effect was overtaken: the ticket was cancelled, rejected or found invalid."""

    STANDING = "standing", "Vigente"
    KEPT = "kept", "Cumplida"
    BROKEN = "broken", "Incumplida"
    RENEGOTIATED = "renegotiated", "Renegociada"
    VOID = "void", "Sin efecto"


class Standing(TextChoices):
    """How an open ticket stands against its nearest deadline right now. Exactly one of them is true of each."""

    LATE = "late", "Vencido"
    RISK = "risk", "En riesgo"
    OK = "ok", "En tiempo"
    PAUSED = "paused", "En pausa"
    IDLE = "idle", "Sin plazo corriendo"
