"""`python -m bench.desk.open_tickets N` with the desk's environment: N open tickets with running clocks and plans, inside PostgreSQL.

One ticket is really lived: a functional request of low priority, raised on a Tuesday at 16:00 and opened. The copies are the same ticket
raised up to six hours earlier on that day, so every moment of theirs is what the desk itself would reckon. They have no valid digests.
"""

import os
import sys
from datetime import UTC, date, datetime

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, models  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from core import clock  # noqa: E402
from customers.models import Company, Contract, ValidUser  # noqa: E402
from escalation.models import EscalationPlan  # noqa: E402
from sla.models import Clock  # noqa: E402
from tickets.models import Ticket, TicketEvent  # noqa: E402
from tickets.services import intake, triage  # noqa: E402

RAISED = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)
"""Tuesday 10 March 2026, 16:00 in Mexico City."""
SPREAD = 6 * 3600
FAMILY: tuple[type[models.Model], ...] = (Ticket, TicketEvent, Clock, EscalationPlan)
ROUND = 20_000


def main(wanted: int) -> None:
    call_command("seed_guide", verbosity=0)
    with clock.at(RAISED):
        _live()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")
        spans = {model: model._default_manager.aggregate(last=models.Max("pk"))["last"] for model in FAMILY}
        for first in range(1, wanted, ROUND):
            for model in FAMILY:
                cursor.execute(_copy(model, spans), [first, min(first + ROUND, wanted) - 1])
            print(f"  {min(first + ROUND, wanted):,}/{wanted:,} open tickets", file=sys.stderr, flush=True)
        for statement in connection.ops.sequence_reset_sql(no_style(), FAMILY):
            cursor.execute(statement)


def _live() -> None:
    company = Company.objects.create(name="Compañía de prueba")
    Contract.objects.create(company=company, number="MN-1", starts_on=date(2019, 1, 1))
    user = User.objects.create_user("solicitante@bench.example", full_name="Solicitante", role=Role.REQUESTER)
    ValidUser.objects.create(user=user, company=company)
    agent = User.objects.create_user("agente@bench.example", full_name="Agente", role=Role.AGENT)
    report = intake.Report(
        title="Un usuario nuevo", description="Alta.", kind="request", service_line="functional", impact="minor",
        urgency="low",
    )  # fmt: skip
    triage.open(intake.receive(report, by=user, channel="web"), by=agent)


def _copy(model: type[models.Model], spans: dict[type[models.Model], int]) -> str:
    fields = [(connection.ops.quote_name(field.column), field) for field in model._meta.concrete_fields]
    values = ", ".join(_value(model, field, f"o.{column}", spans) for column, field in fields)
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(column for column, _ in fields)}) SELECT {values} "
        f"FROM {model._meta.db_table} o, generate_series(%s::bigint, %s::bigint) g WHERE o.id <= {spans[model]} ORDER BY g, o.id"
    )


def _value(model: type[models.Model], field: models.Field, column: str, spans: dict[type[models.Model], int]) -> str:
    if field.primary_key:
        return f"{column} + g * {spans[model]}"
    if field.related_model in spans:
        return f"{column} + g * {spans[field.related_model]}"
    if model is Ticket and field.name == "key":
        return f"md5({column} || g)"
    if model is TicketEvent and field.name == "position":
        return "NULL"
    if isinstance(field, models.DateTimeField):
        return f"{column} - ((g * 7919) %% {SPREAD}) * interval '1 second'"
    return column


if __name__ == "__main__":
    main(int(sys.argv[1]))
