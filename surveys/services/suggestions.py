"""Suggestions that other customers may want too: sharing and voting (guide 3.13; docs/decisions/0014).

A vote is a row of its own and no change of the suggestion: it writes no entry and does not move its version.
"""

from datetime import datetime

from django.db import transaction

from accounts import trail
from accounts.models import User
from core import clock
from core.errors import InvalidInput
from surveys.models import Voice, Vote
from surveys.services import door
from tickets.services import inputs


def vote(voice: Voice, *, by: User, at: datetime | None = None) -> Voice:
    """`by` wants it too; once each, however often it is asked. Raises NotVisible and Refused."""
    at = at or clock.now()
    with door.opened(voice, "vote", by=by) as row:
        Vote.objects.get_or_create(suggestion=row, voter=by, defaults={"at": at})
        return _counted(row)


def take_back(voice: Voice, *, by: User) -> Voice:
    """`by` wants it no more, or never did. Raises as `vote`."""
    with door.opened(voice, "vote", by=by) as row:
        Vote.objects.filter(suggestion=row, voter=by).delete()
        return _counted(row)


def share(
    voice: Voice, *, by: User, subject: str, body: str, version: int | None = None, at: datetime | None = None
) -> Voice:
    """Every company's valid users may read and vote it, in these words, which name neither the company nor its people.

    Again: its words change. Raises InvalidInput without them.
    """
    at = at or clock.now()
    with door.opened(voice, "share", by=by, version=version) as row:
        row.shared_subject, row.shared_body = _rewritten(row, subject, body)
        row.is_shared = True
        saved = ["is_shared", "shared_subject", "shared_body"]
        data = {"subject": row.shared_subject, "body": row.shared_body}
        trail.commit(row, "share", by=by, at=at, saved=saved, data=data)
        return row


def unshare(voice: Voice, *, by: User, version: int | None = None, at: datetime | None = None) -> Voice:
    """Only its own company reads it again. The votes of others stay, as what they were."""
    at = at or clock.now()
    with door.opened(voice, "unshare", by=by, version=version) as row:
        row.is_shared = False
        trail.commit(row, "unshare", by=by, at=at, saved=["is_shared"])
        return row


def _rewritten(row: Voice, subject: str, body: str) -> tuple[str, str]:
    """The words for everybody; every fault in one InvalidInput."""
    errors: dict[str, str] = {}
    kept = ["", ""]
    fields = (
        (0, inputs.line, subject, "subject", "el asunto para todos"),
        (1, inputs.text, body, "body", "el texto para todos"),
    )
    for index, read, value, name, label in fields:
        try:
            kept[index] = read(value, name, label)
        except InvalidInput as error:
            errors |= error.errors
    said = " ".join(kept).casefold()
    for name in (row.company.name, row.author.full_name):
        if name.casefold() in said:
            errors.setdefault("body", f"No mencione a «{name}»: lo leen los demás clientes.")
    if errors:
        raise InvalidInput(errors)
    return kept[0], kept[1]


def _counted(row: Voice) -> Voice:
    """With the true count; the row is locked, so no other vote comes between."""
    with transaction.atomic():
        row.votes_count = row.votes.count()
        row.save(update_fields=["votes_count"])
    return row
