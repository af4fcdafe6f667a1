"""The upgrade from the one table of levels to matrices with contacts loses nobody, and can be undone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from escalation import checks

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = [("escalation", "0001_initial")], [("escalation", "0002_matrices")]


def migrate(target: list[tuple[str, str]]) -> Any:
    """The project's models as they are after migrating to `target`."""
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def old() -> Iterator[Any]:
    """The database before the upgrade; afterwards it is brought to the present again, and its rows with it."""
    yield migrate(OLD).get_model("escalation", "EscalationLevel")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


DESK = {"phone": "55 5000 0130", "direct_phone": "55 5000 0139", "email": "soporte@mesa.example"}


def test_the_levels_become_contacts_and_a_published_matrix(old):
    old.objects.create(level=1, role="Mesa de Servicio", contact_name="Mesa", **DESK)
    old.objects.create(level=2, role="Supervisora", contact_name="Ana Ruiz", mobile="55 1", email="ana@mesa.example")
    old.objects.create(level=3, role="Gerente", contact_name="Ana Ruiz", mobile="55 1", email="ana@mesa.example")
    old.objects.create(level=4, role="Directora", contact_name="Ana Ruiz", mobile="55 2")
    apps = migrate(NEW)
    matrix = apps.get_model("escalation", "Matrix").objects.get()
    assert (matrix.kind, matrix.version, matrix.published_at) == ("service_desk", 1, matrix.valid_from)
    told = ("level", "role", "contact__name", "contact__mobile", "contact__email", "acknowledge_minutes")
    assert list(matrix.levels.order_by("level").values_list(*told)) == [
        (1, "Mesa de Servicio", "Mesa", "", "soporte@mesa.example", 30),
        (2, "Supervisora", "Ana Ruiz", "55 1", "ana@mesa.example", 60),
        (3, "Gerente", "Ana Ruiz", "55 1", "ana@mesa.example", 60),
        (4, "Directora", "Ana Ruiz", "55 2", "", 120),
    ]
    contacts = apps.get_model("escalation", "Contact").objects
    assert contacts.count() == 3  # Ana is one person twice, and another with other details.
    assert contacts.values("phone", "direct_phone", "email").get(name="Mesa") == DESK


def test_a_level_that_was_missing_is_there_without_anybody_and_going_back_gives_the_levels_back(old):
    old.objects.create(level=1, role="Mesa de Servicio", contact_name="Mesa", **DESK)
    before = list(old.objects.values("level", "role", "contact_name", *DESK))
    apps = migrate(NEW)
    rows = apps.get_model("escalation", "Level").objects.order_by("level")
    assert list(rows.values_list("level", "contact__name")) == [(1, "Mesa"), (2, None), (3, None), (4, None)]
    assert list(checks.matrix_faults()) == []
    back = migrate(OLD).get_model("escalation", "EscalationLevel").objects.order_by("level")
    assert list(back.values(*before[0]))[:1] == before
    assert list(back.values_list("level", "contact_name"))[1:] == [(2, ""), (3, ""), (4, "")]
