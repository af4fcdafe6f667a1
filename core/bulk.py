"""Writing many rows at once, where `bulk_update` spends its time on one huge CASE expression and `bulk_create` on quoting every value."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, models, router

MANY = 25
"""From so many rows on, a COPY and the keys asked for it cost less than an INSERT."""

KEYS = "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) FROM generate_series(1, %s)"


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
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(KEYS, [table, model._meta.pk.column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
    names = [column.attname for column in columns]
    _copy(connection, model, columns, ([getattr(row, name) for name in names] for row in rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Store new rows, in the caller's transaction, where nobody asks for their keys: `rows` are the values of the fields `names`.

    The other fields get their defaults, worked out once for all rows. Otherwise like `insert_each`.
    """
    connection = connections[router.db_for_write(model)]
    if connection.vendor != "postgresql" or len(rows) < MANY:
        model._default_manager.bulk_create([model(**dict(zip(names, row, strict=True))) for row in rows])
        return
    given: list[Any] = [model._meta.get_field(name) for name in names]
    others = [field for field in model._meta.concrete_fields if field not in given and not field.primary_key]
    defaults = [field.get_default() for field in others]
    _copy(connection, model, [*given, *others], ([*row, *defaults] for row in rows))


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
    names = [column.attname for column in (*columns, key)]
    values = _stored(([getattr(row, name) for name in names] for row in rows), (*columns, key), connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                _at_once(connection, model, columns, key), [list(part) for part in zip(*values, strict=True)]
            )
        else:
            cursor.executemany(_each(connection, model, columns, key), values)


def _copy(connection: Any, model: type[models.Model], columns: Sequence[Any], rows: Iterable[list[Any]]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(column.column) for column in columns)
    values = _stored(rows, columns, connection)
    # The copy is psycopg's own: its errors become Django's here.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in values:
            copy.write_row(row)


PLAIN = frozenset({str, int, bool, datetime, type(None)})
"""Values that every column but a JSON one stores as they are; asking the field costs more than the rest of the row."""


def _stored(rows: Iterable[list[Any]], columns: Sequence[Any], connection: Any) -> list[list[Any]]:
    """The rows' values, one for each column, as the database takes them: PostgreSQL gets JSON as text."""
    if connection.vendor != "postgresql":
        return [
            [column.get_db_prep_save(value, connection) for column, value in zip(columns, row, strict=True)]
            for row in rows
        ]
    texts = [
        (at, (column.encoder or json.JSONEncoder)().encode)
        for at, column in enumerate(columns)
        if isinstance(column, models.JSONField)
    ]
    found = []
    for row in rows:
        for at, text in texts:
            row[at] = None if row[at] is None else text(row[at])
        for at, value in enumerate(row):
            if type(value) not in PLAIN:
                row[at] = columns[at].get_db_prep_save(value, connection)
        found.append(row)
    return found


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
