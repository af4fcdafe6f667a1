"""Registers whose every change is kept: one row that moves, and one entry for each move (guide 2.2, "Registro de Quejas").

The counterpart, for the registers beside the tickets, of the tickets' own door. The service that makes a change holds the row with
`locked`, sets what changes, and ends with `commit`; a new row is stored with `begin`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from accounts.models import User
from core import clock
from core.errors import StaleVersion
from core.models import SafeFSM


class Tracked(SafeFSM, models.Model):
    """Abstract: a row of a register. `version` is the number of its last entry."""

    state: Any
    """Protected: the concrete row's field of the state machine."""
    entries: Any
    """The manager of its entries: the reverse name of their foreign key `row`."""

    version = models.PositiveIntegerField("versión", default=0, editable=False)
    created_at = models.DateTimeField("registrada", default=clock.now, editable=False)
    updated_at = models.DateTimeField("actualizada", default=clock.now, editable=False)

    class Meta:
        abstract = True


class Entry(models.Model):
    """Abstract: one change of one row. `kind` is what was done, `data` what it was given. Never updated, never deleted.

    The concrete entry has a foreign key `row` with `related_name="entries"`, and is unique on (row, sequence).
    """

    sequence = models.PositiveIntegerField("número")
    kind = models.CharField("suceso", max_length=40)
    at = models.DateTimeField("momento")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    name = models.CharField("en nombre de", max_length=150, blank=True)
    from_state = models.CharField("de", max_length=16, blank=True)
    to_state = models.CharField("a", max_length=16, blank=True)
    data = models.JSONField("datos", default=dict, encoder=DjangoJSONEncoder)
    is_public = models.BooleanField("lo ve el cliente", default=True)

    class Meta:
        abstract = True
        ordering = ("row", "sequence")

    def __str__(self) -> str:
        return f"{self.kind} ({self.sequence})"


Row = TypeVar("Row", bound=Tracked)


@contextmanager
def locked(row: Row, *, version: int | None = None) -> Iterator[Row]:
    """Yield a fresh, locked copy of the row, inside a transaction. A `version` other than the row's raises StaleVersion."""
    with transaction.atomic():
        fresh: Row = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if version is not None and fresh.version != version:
            raise StaleVersion(
                "Alguien más la cambió mientras usted la tenía abierta. Revise lo nuevo y vuelva a intentarlo."
            )
        yield fresh


def begin(
    row: Tracked, kind: str, *, by: User, at: datetime, data: Mapping[str, Any] | None = None, name: str = ""
) -> Any:
    """Store the new row with its first entry, which is returned. In the caller's transaction."""
    row.version, row.created_at, row.updated_at = 1, at, at
    row.save(force_insert=True)
    return _write(row, kind, by=by, at=at, data=data, moved=("", row.state), is_public=True, name=name)


def commit(
    row: Tracked,
    kind: str,
    *,
    by: User,
    at: datetime,
    saved: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    before: str | None = None,
    is_public: bool = True,
    name: str = "",
) -> Any:
    """Save the `saved` fields of the locked row and write its one entry, which is returned.

    `before` is the state that the row left, where it moved: then its state is saved too. `name` is in whose name `by` acts (somebody
    without an account).
    """
    row.version, row.updated_at = row.version + 1, at
    moved = (before, row.state) if before is not None else ("", "")
    fields = ["version", "updated_at", *saved, *(["state"] if before is not None else [])]
    row.save(update_fields=fields)
    return _write(row, kind, by=by, at=at, data=data, moved=moved, is_public=is_public, name=name)


def _write(
    row: Tracked,
    kind: str,
    *,
    by: User,
    at: datetime,
    data: Mapping[str, Any] | None,
    moved: tuple[str, str],
    is_public: bool,
    name: str,
) -> Any:
    return row.entries.create(
        sequence=row.version,
        kind=kind,
        at=at,
        actor=by,
        name=name[:150],
        from_state=moved[0],
        to_state=moved[1],
        data=json.loads(json.dumps(dict(data or {}), cls=DjangoJSONEncoder)),
        is_public=is_public,
    )
