"""Whom anybody may call: the desk itself, from the escalation matrix in force (guide 3.3, 3.5.2)."""

from escalation import matrices
from escalation.matrices import Place
from escalation.vocabulary import MatrixKind


def desk() -> Place | None:
    """The first level: the desk itself."""
    found = matrices.in_force(MatrixKind.SERVICE_DESK)
    return next(iter(found.places), None) if found else None


def phone_of(level: Place | None) -> str:
    return (level.direct_phone or level.phone) if level else ""


def desk_line() -> str:
    """The footer's words. By telephone the desk only informs (guide 3.3.1)."""
    phone = phone_of(desk())
    return f"Mesa de Servicio · {phone}, sólo para informes" if phone else ""
