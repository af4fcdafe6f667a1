"""The proofs over the matrices hold for what the services make, and each can fail."""

from datetime import date

import pytest

from escalation import checks
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing
from escalation.vocabulary import MatrixKind
from servicedesk.testing import TUESDAY

pytestmark = pytest.mark.django_db


def desk(version: int = 1) -> Matrix:
    return Matrix.objects.get(kind=MatrixKind.SERVICE_DESK, version=version)


def test_the_guides_matrices_and_a_draft_hold(matrices, admin):
    publishing.new_version(desk(), by=admin, at=TUESDAY)
    assert list(checks.invariants()) == []


def test_a_gap_between_versions_is_found(matrices):
    Matrix.objects.filter(kind=MatrixKind.COMPLAINTS).update(version=2)
    assert list(checks.invariants()) == ["matrix complaints: its versions are [2]"]


def test_a_second_draft_is_found(matrices):
    for version in (2, 3):
        Matrix.objects.create(kind=MatrixKind.SERVICE_DESK, version=version, valid_from=TUESDAY)
    assert list(checks.invariants()) == ["matrix service_desk: version 2 is a draft and not the newest"]


def test_a_published_version_without_its_levels_is_found(matrices, contract, service):
    Level.objects.filter(matrix=desk(), level=4).delete()
    Matrix.objects.create(
        kind=MatrixKind.TECHNICAL,
        version=1,
        valid_from=TUESDAY,
        published_at=TUESDAY,
        contract=contract,
        service=service,
    )
    assert list(checks.invariants()) == [
        "matrix service_desk, version 1: has the levels [1, 2, 3]",
        f"matrix technical of contract {contract.pk}, service {service.pk}, version 1: is published without levels",
    ]


def test_a_direction_that_skips_a_level_is_found(matrices):
    Level.objects.filter(direction="Dirección de Operaciones", level=1).delete()
    assert list(checks.invariants()) == ["matrix complaints, version 1: has the levels [2] in Dirección de Operaciones"]


def test_two_absences_on_one_day_are_found(matrices):
    contact = Contact.objects.create(name="Ana", email="ana@mesa.example")
    Absence.objects.create(contact=contact, starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 13))
    second = Absence.objects.create(contact=contact, starts_on=date(2026, 3, 13), ends_on=date(2026, 3, 14))
    assert list(checks.invariants()) == [f"contact {contact.pk}: two of its absences share a day"]
    second.delete()
    assert list(checks.invariants()) == []
