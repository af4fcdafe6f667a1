"""Whom a ticket goes up to, when, and what came of it."""

from escalation.models.cases import Escalation, EscalationStep
from escalation.models.contacts import Absence, Contact
from escalation.models.matrix import Level, Matrix
from escalation.models.rules import EscalationPlan, EscalationRule

__all__ = [
    "Absence",
    "Contact",
    "Escalation",
    "EscalationPlan",
    "EscalationRule",
    "EscalationStep",
    "Level",
    "Matrix",
]
