"""The order in which changes became visible: what an incremental reader needs so as never to miss one.

Ids are given before the commit, so a reader that remembers the last id can miss a slower writer's lower one. Positions are given
afterwards, to committed events only, by one writer at a time.
"""

from django.db import connection, transaction

from tickets.models import TicketEvent

BATCH = 5000
LOCK = 0x7365_7276_6665_6564
"""The advisory lock's name on PostgreSQL; any number that nobody else uses."""

PLACE = """
UPDATE {table} SET position = placed.position
FROM (
    SELECT id, (SELECT COALESCE(MAX(position), 0) FROM {table}) + ROW_NUMBER() OVER (ORDER BY id) AS position
    FROM (SELECT id FROM {table} WHERE position IS NULL ORDER BY id LIMIT %s) AS waiting
) AS placed
WHERE {table}.id = placed.id
"""


def number_events() -> bool:
    """Give every committed event without a position the next ones. Returns whether all of them have theirs now.

    At most BATCH at a time, each call in a transaction of its own. On SQLite the transaction is IMMEDIATE and so the only writer.
    """
    if not TicketEvent.objects.filter(position=None).exists():
        return True
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(PLACE.format(table=TicketEvent._meta.db_table), [BATCH])
        return cursor.rowcount < BATCH
