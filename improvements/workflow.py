"""The states of a corrective action and the transitions between them. Who may do each is in `policy`."""

from django_fsm import FSMField, transition

from accounts.trail import Tracked
from improvements.vocabulary import LIVE, PENDING, ActionState


class Workflow(Tracked):
    state = FSMField("situación", choices=ActionState.choices, default=ActionState.OPEN, protected=True, max_length=16)

    class Meta:
        abstract = True

    @transition(state, source=ActionState.OPEN, target=ActionState.IN_PROGRESS)
    def start(self) -> None:
        """Its cause and its plan are known."""

    @transition(state, source=list(PENDING), target=ActionState.IMPLEMENTED)
    def implement(self) -> None:
        """It was done; there is evidence. Its effect is still to be verified."""

    @transition(state, source=ActionState.IMPLEMENTED, target=ActionState.CLOSED)
    def verify(self) -> None:
        """It had its effect."""

    @transition(state, source=ActionState.IMPLEMENTED, target=ActionState.IN_PROGRESS)
    def fail(self) -> None:
        """It had no effect: back to its owner, with another date."""

    @transition(state, source=list(LIVE), target=ActionState.CANCELLED)
    def cancel(self) -> None:
        """It does not apply, or another one covers it."""
