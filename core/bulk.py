"""Writing many rows at once where `bulk_update` spends its time building one huge CASE expression."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router


def update_each(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save the named fields of stored rows of one model: the same short UPDATE for each, sent together in the caller's transaction.

    Nothing is asked before the write, so the caller holds locks on what matters.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    key: Any = model._meta.pk
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    values: list[list[Any]] = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in (*columns, key)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(key.column)} = %s", values)
