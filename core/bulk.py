"""Writing many rows at once, where `bulk_update` spends its time on one huge CASE expression and `bulk_create` on quoting every value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections, models, router

MANY = 25
"""From so many rows on, a COPY and the keys asked for it cost less than an INSERT."""


def insert_each(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model, in the caller's transaction, and give them their keys.

    Like `bulk_create`: no signal, no `save`, nothing set by itself (`auto_now`); foreign keys must be of stored rows. Many rows go to
    PostgreSQL as a COPY.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    if connection.vendor != "postgresql" or len(rows) < MANY:
        model._default_manager.bulk_create(rows)
        return
    columns: list[Any] = list(model._meta.concrete_fields)
    quote = connection.ops.quote_name
    table, names = model._meta.db_table, ", ".join(quote(column.column) for column in columns)
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(sequence, [quote(table), model._meta.pk.column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
        # The copy is psycopg's own: its errors become Django's here.
        with connection.wrap_database_errors, cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_stored(row, columns, connection))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update_each(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save the named fields of stored rows of one model, in the caller's transaction.

    Nothing is asked before the write, so the caller holds locks on what matters. PostgreSQL gets one statement with the values as arrays,
    any other database the same short UPDATE for each row.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    key: Any = model._meta.pk
    values = [_stored(row, (*columns, key), connection) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                _at_once(connection, model, columns, key), [list(part) for part in zip(*values, strict=True)]
            )
        else:
            cursor.executemany(_each(connection, model, columns, key), values)


PLAIN = frozenset({str, int, bool, datetime, type(None)})
"""Values that every column but a JSON one stores as they are; asking the field costs more than the rest of the row."""


def _stored(row: models.Model, columns: Sequence[Any], connection: Any) -> list[Any]:
    """The row's values as the database takes them."""
    values = []
    for column in columns:
        value = getattr(row, column.attname)
        if type(value) not in PLAIN or isinstance(column, models.JSONField) or connection.vendor != "postgresql":
            value = column.get_db_prep_save(value, connection)
        values.append(value)
    return values


def _each(connection: Any, model: type[models.Model], columns: Sequence[Any], key: Any) -> str:
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    return f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(key.column)} = %s"


def _at_once(connection: Any, model: type[models.Model], columns: Sequence[Any], key: Any) -> str:
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column.column)} = new.{quote(column.column)}" for column in columns)
    arrays = ", ".join(f"%s::{_type(column, connection)}[]" for column in (*columns, key))
    names = ", ".join(quote(column.column) for column in (*columns, key))
    return (
        f"UPDATE {quote(model._meta.db_table)} old SET {changes} FROM unnest({arrays}) AS new({names}) "
        f"WHERE old.{quote(key.column)} = new.{quote(key.column)}"
    )


def _type(column: Any, connection: Any) -> str:
    """The column's type as a value has it: a key's without what makes it count."""
    return str(column.rel_db_type(connection) if column.primary_key else column.db_type(connection))
