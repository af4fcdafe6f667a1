"""What was promised, how it stands, and the long work over it."""

from sla.models.clocks import AMBER, Breach, Clock, ClockChange, Pause, WarningNotice
from sla.models.commitments import Commitment
from sla.models.jobs import ClockAudit, ClockDifference, Recalculation
from sla.models.promises import A_YEAR, Target, WarningLevel

__all__ = [
    "AMBER",
    "A_YEAR",
    "Breach",
    "Clock",
    "ClockAudit",
    "ClockChange",
    "ClockDifference",
    "Commitment",
    "Pause",
    "Recalculation",
    "Target",
    "WarningLevel",
    "WarningNotice",
]
