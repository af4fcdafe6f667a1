"""Whom the customer may call: the desk and the levels above it, from the escalation matrix (guide 3.3, 3.5.2)."""

from core.caching import remembered
from escalation.models import EscalationLevel


@remembered
def levels() -> list[EscalationLevel]:
    return list(EscalationLevel.objects.order_by("level"))


def desk() -> EscalationLevel | None:
    """The first level: the desk itself."""
    return next(iter(levels()), None)


def phone_of(level: EscalationLevel | None) -> str:
    return (level.direct_phone or level.phone) if level else ""


def desk_line() -> str:
    """The footer's words. By telephone the desk only informs (guide 3.3.1)."""
    phone = phone_of(desk())
    return f"Mesa de Servicio · {phone}, sólo para informes" if phone else ""
