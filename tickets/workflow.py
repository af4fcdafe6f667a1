"""The ticket's states and the transitions between them: the table of the guide's 3.4.3, nothing more.

Who may do each is in `policy`, what each needs in `transitions`, what each does in `services`. Nothing else changes the state.
"""

from datetime import datetime

from django.db import models
from django_fsm import RETURN_VALUE, FSMField, transition

from core.models import SafeFSM
from tickets.vocabulary import ALIVE, WORKABLE, State


class Workflow(SafeFSM, models.Model):
    state = FSMField("estado", choices=State.choices, default=State.NEW, protected=True, max_length=16)

    # Fields of the concrete ticket that say where a paused one goes back to.
    started_at: datetime | None
    group_id: int | None

    class Meta:
        abstract = True

    @transition(state, source=State.NEW, target=State.OPEN)
    def open(self) -> None:
        """The desk begins to register it."""

    @transition(
        state,
        source=[State.NEW, State.OPEN, State.ASSIGNED, State.IN_PROGRESS, State.PENDING_USER, State.PENDING_VENDOR],
        target=State.ASSIGNED,
    )
    def assign(self) -> None:
        """It goes to a support group."""

    @transition(
        state, source=[State.OPEN, State.ASSIGNED, State.PENDING_USER, State.PENDING_VENDOR], target=State.IN_PROGRESS
    )
    def start(self) -> None:
        """A consultant, or the desk at level 1, works on it now."""

    @transition(
        state, source=[State.OPEN, State.ASSIGNED, State.IN_PROGRESS, State.PENDING_VENDOR], target=State.PENDING_USER
    )
    def wait_for_user(self) -> None:
        """It needs an answer or an action of the user."""

    @transition(state, source=[State.ASSIGNED, State.IN_PROGRESS, State.PENDING_USER], target=State.PENDING_VENDOR)
    def wait_for_vendor(self) -> None:
        """It needs a service of a vendor."""

    @transition(state, source=State.PENDING_USER, target=RETURN_VALUE(State.IN_PROGRESS, State.ASSIGNED, State.OPEN))
    def resume(self) -> State:
        """The user answered: back to where it was."""
        if self.started_at:
            return State.IN_PROGRESS
        return State.ASSIGNED if self.group_id else State.OPEN

    @transition(state, source=list(WORKABLE), target=State.SOLVED)
    def solve(self) -> None:
        """The solution is in place and documented."""

    @transition(state, source=State.SOLVED, target=State.CLOSED)
    def accept(self) -> None:
        """The user validated the solution."""

    @transition(state, source=State.SOLVED, target=State.ASSIGNED)
    def refuse(self) -> None:
        """The user did not accept the solution: it goes up for review (guide 3.6)."""

    @transition(state, source=State.SOLVED, target=State.CLOSED)
    def auto_close(self) -> None:
        """Nobody validated it in time (guide 3.6)."""

    @transition(state, source=[State.NEW, State.OPEN], target=State.REJECTED)
    def reject(self) -> None:
        """It does not meet the requirements to be worked on."""

    @transition(state, source=list(WORKABLE), target=State.CLOSED)
    def close_as_invalid(self) -> None:
        """It turned out not to meet the requirements."""

    @transition(state, source=list(ALIVE), target=State.CANCELLED)
    def cancel(self) -> None:
        """Duplicate, or the customer asked for it."""
