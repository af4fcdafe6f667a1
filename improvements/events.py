"""What can happen to a corrective action."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ActionFact(Event):
    """Base: ids only. `entry_id` is the change in the action's own history."""

    action_id: int
    entry_id: int


class ActionOpened(ActionFact):
    pass


class ActionReassigned(ActionFact):
    """Another owner."""


class ActionImplemented(ActionFact):
    """Its effect is to be verified."""


class ActionClosed(ActionFact):
    """It had its effect."""


class ActionFailed(ActionFact):
    """It had none: it is its owner's again."""


class ActionReminded(ActionFact):
    """Its date is near, or its effect is to be verified today."""


class ActionOverdue(ActionFact):
    """Its date passed; `told_level` of the action says how far up that goes."""
