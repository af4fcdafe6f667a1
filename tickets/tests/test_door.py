"""The one door, when two come at once."""

import threading

import pytest
from django.apps import apps
from django.db import connection, connections, transaction

from accounts.models import SupportGroup
from core import clock
from customers.models import ServiceTerms
from servicedesk.testing import TUESDAY
from tickets.models import Ticket
from tickets.services import door, intake

together = pytest.mark.django_db(transaction=True, available_apps=[config.name for config in apps.get_app_configs()])


@together
@pytest.mark.skipif(connection.vendor == "sqlite", reason="its writers never wait for a row")
def test_who_waited_for_the_lock_reads_the_group_and_the_terms_as_they_are_by_then(requester, report, contract, group):
    with clock.at(TUESDAY):
        ticket = intake.receive(report(), by=requester, channel="web")
    other = SupportGroup.objects.create(name="Infraestructura")
    terms = ServiceTerms.objects.create(contract=contract, name="Nuevas", valid_from=TUESDAY)
    Ticket.objects.filter(pk=ticket.pk).update(group=group)
    read = []

    def wait() -> None:
        with door.locked(ticket) as row:
            read.append((row.group_id, row.group.pk, row.terms.pk))
        connections.close_all()

    thread = threading.Thread(target=wait)
    with transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(group=other, terms=terms)
        thread.start()
        until_somebody_waits()
    thread.join(30)
    assert read == [(other.pk, other.pk, terms.pk)]


def until_somebody_waits() -> None:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(3000):
        with connection.cursor() as cursor:
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("nobody waited")
