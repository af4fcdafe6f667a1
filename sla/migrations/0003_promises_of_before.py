"""Puts on record the dates that were promised before promises had rows: read back from the messages that gave them.

Nobody was asked for a reason then, and nobody is told now of what broke long ago: no history event, no message.
"""

from itertools import groupby, pairwise

from django.db import migrations

from core import clock

CHUNK = 500
STANDING, KEPT, BROKEN, RENEGOTIATED, VOID = "standing", "kept", "broken", "renegotiated", "void"


def record(apps, schema_editor):
    Ticket, Message = apps.get_model("tickets", "Ticket"), apps.get_model("tickets", "Message")
    Commitment = apps.get_model("sla", "Commitment")
    now, last = clock.now(), 0
    while True:
        waiting = Ticket.objects.filter(pk__gt=last, committed_for__isnull=False, commitments=None)
        tickets = list(waiting.order_by("pk")[:CHUNK])
        if not tickets:
            return
        last = tickets[-1].pk
        said = Message.objects.filter(ticket__in=tickets, committed_for__isnull=False).order_by("ticket_id", "pk")
        dates = {
            pk: [(row.committed_for, row.created_at, row.author_id) for row in rows]
            for pk, rows in groupby(said, key=lambda row: row.ticket_id)
        }
        rows = []
        for ticket in tickets:
            given = _changes(dates.get(ticket.pk, []))
            if not given or given[-1][0] != ticket.committed_for:
                by = ticket.assignee_id or ticket.requester_id
                given.append((ticket.committed_for, ticket.attended_at or ticket.created_at, by))
            rows += [
                Commitment(ticket=ticket, due_at=due_at, made_at=made_at, made_by_id=by, state=state, settled_at=at)
                for (due_at, made_at, by), (state, at) in zip(given, _fates(given, ticket, now), strict=True)
            ]
        Commitment.objects.bulk_create(rows)


def _changes(given):
    """Without the dates that only repeat the one before."""
    return [next(rows) for _, rows in groupby(given, key=lambda row: row[0])]


def _fates(given, ticket, now):
    """What became of each date, and when."""
    for (due_at, _, _), (_, changed_at, _) in pairwise(given):
        yield (RENEGOTIATED, changed_at) if changed_at <= due_at else (BROKEN, due_at)
    due_at = given[-1][0]
    ended, state = (ticket.solved_at, KEPT) if ticket.solved_at else (ticket.closed_at, VOID)
    if (ended or now) > due_at:
        yield BROKEN, due_at
    else:
        yield (state, ended) if ended else (STANDING, None)


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_commitments_and_jobs")]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
