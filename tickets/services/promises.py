"""The date that the desk gives for the solution («fecha compromiso», guide 3.4.2): what a message may promise, and what changing it takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import InvalidInput
from tickets.models import Ticket
from tickets.services import inputs

LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Promise:
    """A date that was looked at: `was` is the one given before, `reason` why it changes, empty when it does not."""

    due_at: datetime
    was: datetime | None = None
    reason: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {"committed_for": self.due_at, "was_committed_for": self.was, "commitment_reason": self.reason}


def given(row: Ticket, committed_for: datetime | None, reason: str, *, at: datetime) -> Promise | None:
    """The promise that comes with a message on the locked row; None when it carries no date.

    The first date needs no reason, nor does the same date said again; any other one does, and the customer reads it. Raises
    InvalidInput naming `committed_for`, `commitment_reason` or both.
    """
    was, errors, codes = row.committed_for, dict[str, str](), list[str]()
    if committed_for is None:
        if reason.strip():
            raise InvalidInput({"committed_for": "Escriba la nueva fecha, o deje vacío el motivo."}, code="required")
        return None
    try:
        committed_for = inputs.later_than(committed_for, at)
    except InvalidInput as error:
        errors |= error.errors
        codes.append(error.code)
    changes = was is not None and committed_for != was
    try:
        reason = _why(reason, changes=changes)
    except InvalidInput as error:
        errors |= error.errors
        codes.append(error.code)
    if errors:
        raise InvalidInput(errors, code=codes[0])
    return Promise(committed_for, was, reason)


def _why(reason: str, *, changes: bool) -> str:
    if not changes and reason.strip():
        text = "El motivo acompaña sólo a una fecha que cambia la anterior. Déjelo vacío."
        raise InvalidInput({"commitment_reason": text}, code="not_needed")
    why = "por qué cambia la fecha prometida: el cliente lo lee"
    return inputs.text(reason, "commitment_reason", why, required=changes, longest=LONGEST_REASON)
