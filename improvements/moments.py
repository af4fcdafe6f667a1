"""When somebody is next told of an action, and how far up its delay has gone by a day (guide 3.14: nothing is left undone in silence)."""

from datetime import date, datetime, timedelta

from improvements import days, rules
from improvements.models import CorrectiveAction, OriginRule
from improvements.vocabulary import PENDING, ActionState

TOP = 3
"""Supervisors, managers, directors."""


def next_moment(action: CorrectiveAction, *, at: datetime) -> datetime | None:
    """The first opening of the desk after `at` on which there is something to tell; None when there is nothing more.

    What was to be told before and was not is never told twice over: `level_on` says how late it is by then.
    """
    moments = (days.opening(day, at=at) for day in milestones(action, rules.of(action.origin)))
    return next((moment for moment in moments if moment > at), None)


def milestones(action: CorrectiveAction, rule: OriginRule) -> list[date]:
    """The days on which something is told, in order: near its date, on it, and each level of the delay."""
    if action.state in PENDING:
        due = action.due_on
        before = [due - timedelta(days=rule.remind_days)] if rule.remind_days else []
        return [*before, due, *(due + timedelta(days=1 + step) for step in _steps(rule))]
    if action.state == ActionState.IMPLEMENTED and action.verify_on is not None:
        return [action.verify_on + timedelta(days=step) for step in _steps(rule)]
    return []


def level_on(action: CorrectiveAction, day: date) -> int:
    """How far up the delay goes by `day`: 0 nobody; the day after its date the supervisors, and `climb_days` later each next level.

    An implemented one is the supervisors' to verify from the day `verify_on` itself.
    """
    rule = rules.of(action.origin)
    if action.state in PENDING:
        late = (day - action.due_on).days - 1
    elif action.state == ActionState.IMPLEMENTED and action.verify_on is not None:
        late = (day - action.verify_on).days
    else:
        return 0
    return 0 if late < 0 else min(TOP, 1 + late // max(rule.climb_days, 1))


def _steps(rule: OriginRule) -> list[int]:
    return [step * max(rule.climb_days, 1) for step in range(TOP)]
