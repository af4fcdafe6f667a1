"""Writing many rows at once where `bulk_update` spends its time building one huge CASE expression."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router


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
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in (*columns, key)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                _at_once(connection, model, columns, key), [list(part) for part in zip(*values, strict=True)]
            )
        else:
            cursor.executemany(_each(connection, model, columns, key), values)


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
