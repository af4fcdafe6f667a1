"""The one door: every change of a ticket passes here.

`locked` takes the row, `require` asks policy and guards, `commit` saves it with exactly one history event and publishes what happened,
all in one transaction. The services of this package say what each change means; nothing else may write a ticket.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts.models import User
from core import events
from core.errors import IllegalTransition, NotVisible, Refused, StaleVersion
from customers import terms as terms_of
from customers.models import Company
from tickets import policy
from tickets.events import TicketFact
from tickets.models import Ticket, TicketEvent


@contextmanager
def locked(ticket: Ticket, *, version: int | None = None) -> Iterator[Ticket]:
    """Yield a fresh, locked copy of the ticket, inside a transaction.

    `version` is the one that the caller read: a different one raises StaleVersion. SQLite has no row locks; there every transaction
    is IMMEDIATE, which serialises the writers.
    """
    with transaction.atomic():
        row = _take(ticket.pk)
        if version is not None and row.version != version:
            raise StaleVersion(
                "Alguien más cambió este ticket mientras usted lo tenía abierto. Revise lo nuevo y vuelva a intentarlo."
            )
        yield row


def _take(pk: int) -> Ticket:
    """The locked row with its group, terms and company.

    Where PostgreSQL had to wait for the lock, it joins the row as it is by then with the group and the terms that it had before: what no
    longer matches comes back empty, or the row not at all. The lock is held from then on, so the second answer is true.
    """
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("group", "terms", "company")
    row: Ticket | None = rows.filter(pk=pk).first()
    if row is None or row.group_id != (row.group and row.group.pk):
        return rows.get(pk=pk)
    return row


SWEPT = (
    "key", "version", "history_head", "updated_at", "state", "company", "contract", "service", "terms", "kind", "service_line",
    "priority", "created_at", "committed_for", "next_due_at", "breached",
)  # fmt: skip
"""What the sweeps read of a ticket; the rest of its forty columns would cost more than their work."""


def locked_many(ids: Iterable[int]) -> dict[int, Ticket]:
    """The tickets of a sweep, locked in the caller's transaction and in the order of their ids; those that somebody else holds are left out.

    Two queries with warm configuration: company and terms are rows that the tickets share, and only SWEPT is loaded.
    """
    free = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    rows = {row.pk: row for row in free.order_by("pk").only(*SWEPT)}
    companies = Company.objects.in_bulk({row.company_id for row in rows.values()})
    for row in rows.values():
        row.company, row.terms = companies[row.company_id], terms_of.get(row.terms_id)
    return rows


def require(row: Ticket, name: str, by: User, data: Mapping[str, Any] | None = None) -> None:
    """Raise unless `by` may do `name` to the row now: NotVisible, IllegalTransition or Refused, each with its reason."""
    if not policy.can_see(by, row):
        raise NotVisible("El ticket no existe.")
    if not (legal := policy.admits(name, row)):
        raise IllegalTransition(legal.reason, allowed=available(by, row))
    if not (verdict := policy.can(name, by, row)):
        raise Refused(verdict.reason)
    for guard in events.guards(name):
        if not (verdict := guard(row, by, data or {})):
            raise Refused(verdict.reason)


def available(by: User, ticket: Ticket) -> list[str]:
    """The transitions that `by` may do to the ticket now, in the order of the guide's table."""
    offered = [name for name in policy.SOURCES if name not in ("resume", "auto_close")]
    return [name for name in offered if policy.can(name, by, ticket)]


def move(
    row: Ticket,
    name: str,
    *,
    by: User,
    at: datetime,
    event: type[TicketFact],
    saved: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> TicketEvent:
    """Run the state machine's transition `name` on the locked row, then `commit` it. `saved` names the other fields set by the caller."""
    before = row.state
    getattr(row, name)()
    return commit(row, name, by=by, at=at, event=event, saved=("state", *saved), data=data, moved=(before, row.state))


def commit(
    row: Ticket,
    kind: str,
    *,
    by: User,
    at: datetime,
    event: type[TicketFact],
    saved: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    moved: tuple[str, str] = ("", ""),
    is_public: bool = True,
) -> TicketEvent:
    """Save `saved` fields of the locked row, write its one history event, and publish `event`. `at` is aware UTC."""
    entry = next_entry(row, kind, by=by, at=at, data=data, moved=moved, is_public=is_public)
    row.updated_at = at
    row.save(update_fields=["version", "history_head", "updated_at", *saved])
    entry.save(force_insert=True)
    events.publish(event(ticket_id=row.pk, entry_id=entry.pk, ticket=row, entry=entry))
    return entry


def next_entry(
    row: Ticket,
    kind: str,
    *,
    by: User,
    at: datetime,
    data: Mapping[str, Any] | None,
    moved: tuple[str, str],
    is_public: bool = True,
) -> TicketEvent:
    """The next link of the ticket's history, unsaved; the row takes its version and digest."""
    entry = TicketEvent(
        ticket_id=row.pk,
        sequence=row.version + 1,
        kind=kind,
        at=at,
        actor=by,
        from_state=moved[0],
        to_state=moved[1],
        data=json.loads(json.dumps(dict(data or {}), cls=DjangoJSONEncoder)),
        is_public=is_public,
    )
    entry.digest = digest(row.key, row.history_head, entry)
    row.version, row.history_head = entry.sequence, entry.digest
    return entry


def digest(key: str, previous: str, entry: TicketEvent) -> str:
    """SHA-256 over the event and the digest before it, bound to the ticket by its random key. Moments count to the microsecond."""
    content = [
        key,
        previous,
        entry.sequence,
        entry.kind,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.from_state,
        entry.to_state,
        entry.data,
        entry.is_public,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
