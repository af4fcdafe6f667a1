"""The door of complaints and suggestions: the row locked, the actor's right asked, one entry for each change."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from accounts import trail
from accounts.models import User
from core.errors import IllegalTransition, NotVisible, Refused
from surveys import policy, steps
from surveys.models import Voice, VoiceEntry, VoiceStep
from surveys.services import telling

ABSENT = "La queja o sugerencia no existe."


@contextmanager
def opened(
    voice: Voice, name: str, *, by: User, version: int | None = None, step: VoiceStep | None = None
) -> Iterator[Voice]:
    """The row, fresh and locked, for `by` to do `name` to it. `step` is the level in whose name the mail's link acts.

    Raises NotVisible, StaleVersion, IllegalTransition, and Refused; for a link also NotVisible once its contact is pointed at, and Refused
    with `code` "superseded" once another level has it.
    """
    with trail.locked(voice, version=version) as row:
        require(row, name, by)
        if step is not None:
            _still_owes(row, step)
        yield row


def require(row: Voice, name: str, by: User) -> None:
    """Raise unless `by` may do `name` to the row now: NotVisible, IllegalTransition or Refused, each with its reason."""
    if not (policy.can_read(by, row) if name == "vote" else policy.can_see(by, row)):
        raise NotVisible(ABSENT)
    if not (legal := policy.admits(name, row)):
        raise IllegalTransition(legal.reason, allowed=policy.available(by, row))
    if not (verdict := policy.can(name, by, row)):
        raise Refused(verdict.reason)


def _still_owes(row: Voice, step: VoiceStep) -> None:
    if telling.is_pointed_at(step.contact, list(row.pointed_at.all())):
        raise NotVisible(ABSENT)
    last = steps.last(row)
    if last is None or last.pk != step.pk:
        raise Refused("Ya la atiende otro nivel: no hace falta que haga nada más.", code="superseded")


def move(
    row: Voice,
    transition: str,
    kind: str,
    *,
    by: User,
    at: datetime,
    saved: tuple[str, ...] = (),
    data: Mapping[str, Any] | None = None,
    name: str = "",
) -> VoiceEntry:
    """Run the state machine's `transition` on the locked row and write the entry `kind`."""
    before = row.state
    getattr(row, transition)()
    entry: VoiceEntry = trail.commit(row, kind, by=by, at=at, saved=saved, data=data, before=before, name=name)
    return entry
