"""What is done so that it does not happen again."""

from improvements.models.actions import ActionEntry, ActionSource, CorrectiveAction, Evidence, OriginRule

__all__ = ["ActionEntry", "ActionSource", "CorrectiveAction", "Evidence", "OriginRule"]
