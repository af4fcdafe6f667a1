"""`python -m bench.desk.grow N` with the desk's environment: brings a demo up to N tickets inside PostgreSQL, much faster than row by row.

Every ticket is copied with all that hangs from it, and each copy is moved a different stretch into the past, so that moments spread out.
What the copies do not have is a valid chain of digests: good for measuring, not for `verify_history`.
"""

import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.settings"
django.setup()

from django.core.management.color import no_style  # noqa: E402
from django.db import DatabaseError, connection, models, transaction  # noqa: E402

from sla.models import Breach, Clock, ClockChange, Pause, WarningNotice  # noqa: E402
from tickets.models import Message, Ticket, TicketEvent  # noqa: E402

FAMILY: tuple[type[models.Model], ...] = (
    Ticket, Message, TicketEvent, Clock, WarningNotice, Pause, Breach, ClockChange,
)  # fmt: skip
ROUND = 100
"""Copies of everything per statement."""
FURTHEST = 300 * 86_400


def main(wanted: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET statement_timeout = 0")
        _trust_references(cursor)
        spans = {model: model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0 for model in FAMILY}
        copies = wanted // spans[Ticket]
        for first in range(1, copies + 1, ROUND):
            last = min(first + ROUND - 1, copies)
            for model in FAMILY:
                cursor.execute(_copy(model, spans, wanted), [first, last])
            if copies > ROUND:
                print(f"  {min((last + 1) * spans[Ticket], wanted):,}/{wanted:,} tickets", file=sys.stderr, flush=True)
        for statement in connection.ops.sequence_reset_sql(no_style(), FAMILY):
            cursor.execute(statement)


def _trust_references(cursor: Any) -> None:
    """Copies refer to copies by construction: where the role may say so, PostgreSQL need not look each one up."""
    try:
        with transaction.atomic():
            cursor.execute("SET session_replication_role = replica")
    except DatabaseError:
        print("  (not a superuser: references are checked row by row, which takes longer)", file=sys.stderr)


def _copy(model: type[models.Model], spans: dict[Any, int], wanted: int) -> str:
    """The INSERT ... SELECT that writes copies number %s to %s of the model's original rows, up to the wanted ticket."""
    fields = [(connection.ops.quote_name(field.column), field) for field in model._meta.concrete_fields]
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(column for column, _ in fields)}) "
        f"SELECT {', '.join(_value(model, field, f'o.{column}', spans) for column, field in fields)} "
        f"FROM {model._meta.db_table} o, generate_series(%s, %s) g "
        f"WHERE o.id <= {spans[model]} AND {_ticket(model)} + g * {spans[Ticket]} <= {wanted} ORDER BY g, o.id"
    )


def _ticket(model: type[models.Model]) -> str:
    """The id of the ticket that an original row belongs to."""
    if model is Ticket:
        return "o.id"
    if model is WarningNotice:
        return f"(SELECT c.ticket_id FROM {Clock._meta.db_table} c WHERE c.id = o.clock_id)"
    return "o.ticket_id"


def _value(model: type[models.Model], field: Any, column: str, spans: dict[Any, int]) -> str:
    if field.primary_key:
        return f"{column} + g * {spans[model]}"
    if field.related_model in spans:
        return f"{column} + g * {spans[field.related_model]}"
    if model is Ticket and field.name == "key":
        return f"md5({column} || g)"
    if model is TicketEvent and field.name == "position":
        return f"o.id + g * {spans[model]}"
    if isinstance(field, models.DateTimeField):
        return f"{column} - ((g * 7919 + {_ticket(model)} * 104729) %% {FURTHEST}) * interval '1 second'"
    return column


main(int(sys.argv[1]))
