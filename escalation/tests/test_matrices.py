"""Which version binds, in what order it reads, and who stands in for whom."""

from datetime import date, timedelta

import pytest

from core import caching
from escalation import matrices
from escalation.matrices import Away, Reach
from escalation.models import Absence, Contact, Level, Matrix
from escalation.vocabulary import MatrixKind
from servicedesk.seeding import escalation
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)
DESK = MatrixKind.SERVICE_DESK


def person(name: str, **values) -> Contact:
    return Contact.objects.create(name=name, **{"email": f"{name.lower()}@mesa.example", **values})


def away(contact: Contact, substitute: Contact | None = None, starts=TODAY, ends=TODAY) -> Absence:
    return Absence.objects.create(contact=contact, starts_on=starts, ends_on=ends, substitute=substitute)


def version(number: int, valid_from, published_at=TUESDAY, **whose) -> Matrix:
    return Matrix.objects.create(
        kind=MatrixKind.TECHNICAL if whose else DESK,
        version=number,
        valid_from=valid_from,
        published_at=published_at,
        **whose,
    )


def in_force(at=TUESDAY) -> int | None:
    caching.forget_all()
    found = matrices.in_force(DESK, at=at)
    return found.version if found else None


def test_a_draft_and_a_version_to_come_bind_nobody_yet():
    assert in_force() is None
    version(1, TUESDAY - timedelta(days=9))
    version(2, TUESDAY + timedelta(days=1))
    version(3, TUESDAY - timedelta(days=1), published_at=None)
    assert in_force() == 1
    assert in_force(TUESDAY + timedelta(days=1)) == 2
    assert in_force(TUESDAY - timedelta(days=10)) is None


def test_a_newer_version_takes_the_place_of_one_that_was_still_to_begin():
    version(1, TUESDAY - timedelta(days=9))
    version(2, TUESDAY + timedelta(days=30))
    version(3, TUESDAY)
    assert in_force(TUESDAY - timedelta(seconds=1)) == 1
    assert in_force() == 3
    assert in_force(TUESDAY + timedelta(days=31)) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_of_a_contract_cost_the_same_however_many_they_are(contract, count, django_assert_num_queries):
    services = [contract.services.create(name=f"Servicio {n}") for n in range(count)]
    for service in services:
        row = version(1, TUESDAY, contract=contract, service=service)
        Level.objects.create(matrix=row, level=1, role="Consultor", contact=person(service.name))
    with django_assert_num_queries(3):
        found = matrices.technical(contract.pk, tuple(row.pk for row in services), TUESDAY)
    assert {pk: row.places[0].contact_name for pk, row in found.items()} == {row.pk: row.name for row in services}


def test_the_directions_of_the_complaints_read_in_the_guides_order(guide):
    escalation.complaints()
    found = matrices.in_force(MatrixKind.COMPLAINTS, at=TUESDAY)
    assert found is not None
    assert [(place.direction, place.level) for place in found.places] == [
        *[("Dirección de Servicio al Cliente", level) for level in (1, 1, 1, 2)],
        *[("Dirección de Operaciones", level) for level in (1, 1, 1, 1, 2)],
        *[("Dirección de Business Development (Productos MásNegocio)", level) for level in (1, 2)],
    ]
    assert found.places[4].area == "Productos Oracle"


def test_who_is_there_is_told_themselves(django_assert_num_queries):
    ana = person("Ana")
    with django_assert_num_queries(2):
        assert matrices.whom(ana.pk, TODAY) == Reach(ana)
    assert matrices.away(TODAY) == {}


def test_while_somebody_is_away_the_substitute_is_told_and_so_on():
    ana, beto, caro = person("Ana"), person("Beto"), person("Caro")
    away(ana, beto, ends=TODAY + timedelta(days=3))
    assert matrices.whom(ana.pk, TODAY) == Reach(beto, "Ana")
    away(beto, caro)
    assert matrices.whom(ana.pk, TODAY) == Reach(caro, "Ana")
    assert matrices.whom(ana.pk, TODAY + timedelta(days=3)) == Reach(beto, "Ana")
    assert matrices.whom(ana.pk, TODAY + timedelta(days=4)) == Reach(ana)
    assert matrices.whom(ana.pk, TODAY - timedelta(days=1)) == Reach(ana)


@pytest.mark.parametrize(
    "values",
    [{"email": ""}, {"valid_until": TODAY - timedelta(days=1)}, {"valid_from": TODAY + timedelta(days=1)}],
    ids=["no mail", "validity ended", "not yet"],
)
def test_who_cannot_be_told_is_nobody(values):
    ana, beto = person("Ana", **values), person("Beto")
    away(beto, ana)
    assert matrices.whom(ana.pk, TODAY) is None
    assert matrices.whom(beto.pk, TODAY) is None
    assert matrices.away(TODAY) == {ana.pk: Away(None, None), beto.pk: Away(TODAY, None)}


def test_who_left_the_desk_is_told_nothing(supervisor):
    ana = person("Ana", user=supervisor)
    assert matrices.whom(ana.pk, TODAY) == Reach(ana)
    supervisor.is_active = False
    supervisor.save(update_fields=["is_active"])
    assert matrices.whom(ana.pk, TODAY) is None
    assert matrices.away(TODAY) == {ana.pk: Away(None, None)}


def test_both_ends_of_a_validity_belong_to_it():
    ana = person("Ana", valid_from=TODAY, valid_until=TODAY)
    assert matrices.whom(ana.pk, TODAY) == Reach(ana)
    assert matrices.away(TODAY) == {}


def test_a_circle_of_substitutes_ends_with_nobody():
    ana, beto = person("Ana"), person("Beto")
    away(ana, beto)
    away(beto, ana)
    assert matrices.whom(ana.pk, TODAY) is None
    assert matrices.whom(None, TODAY) is None


@pytest.mark.parametrize("count", [1, 3])
def test_everybody_away_is_known_at_once_and_as_each_is_found_alone(count, django_assert_num_queries):
    last = person("Última")
    for n in range(count):
        away(person(f"A{n}"), person(f"B{n}", email="" if n else "b0@mesa.example"))
        away(person(f"C{n}"))
    away(Contact.objects.get(name="B0"), last, ends=TODAY + timedelta(days=1))
    with django_assert_num_queries(2):
        found = matrices.away(TODAY)
    assert found[Contact.objects.get(name="A0").pk] == Away(TODAY, Reach(last, "A0"))
    alone = {row.pk: matrices.whom(row.pk, TODAY) for row in Contact.objects.all()}
    assert {pk: row.reach for pk, row in found.items()} == {pk: alone[pk] for pk in found}
    assert all(reach.contact.pk == pk for pk, reach in alone.items() if pk not in found)
    with django_assert_num_queries(0):
        matrices.away(TODAY)


def test_a_day_is_the_desks():
    assert matrices.day_of(TUESDAY.replace(hour=5)) == date(2026, 3, 9)
    assert matrices.day_of(TUESDAY.replace(hour=6)) == TODAY
