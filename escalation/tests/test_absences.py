"""Absences that overlap, circles of substitutes, and what is worth knowing about either."""

from datetime import date, timedelta

import pytest

from escalation import absences
from escalation.models import Absence, Contact

pytestmark = pytest.mark.django_db

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)


@pytest.fixture
def people(db) -> list[Contact]:
    return [Contact.objects.create(name=name, email=f"{name}@mesa.example") for name in ("Ana", "Beto", "Caro", "Dora")]


def absence(contact, substitute=None, starts=MONDAY, ends=FRIDAY) -> Absence:
    return Absence(contact=contact, substitute=substitute, starts_on=starts, ends_on=ends)


def stored(*args, **values) -> Absence:
    row = absence(*args, **values)
    row.save()
    return row


def test_two_absences_of_one_day_overlap_and_neighbours_do_not(people):
    week, next_week = absence(people[0]), absence(people[0], starts=FRIDAY + timedelta(days=1), ends=date(2026, 3, 20))
    assert absences.overlapping([next_week, week]) is None
    touching = absence(people[0], starts=FRIDAY, ends=FRIDAY)
    assert absences.overlapping([touching, week]) is touching
    assert absences.overlapping([week]) is None


def test_two_who_stand_in_for_each_other_on_the_same_days_are_a_circle(people):
    ana, beto, *_ = people
    stored(beto, ana, starts=FRIDAY, ends=FRIDAY + timedelta(days=5))
    assert absences.circle(ana, absence(ana, beto)) == [beto]
    assert absences.circle(ana, absence(ana, beto, ends=FRIDAY - timedelta(days=1))) == []


def test_a_circle_goes_through_any_number_of_people(people):
    ana, beto, caro, dora = people
    stored(beto, caro)
    stored(caro, dora)
    assert absences.circle(ana, absence(ana, beto)) == []
    stored(dora, ana, starts=MONDAY, ends=MONDAY)
    assert absences.circle(ana, absence(ana, beto)) == [beto, caro, dora]
    assert absences.circle(ana, absence(ana, beto, starts=MONDAY + timedelta(days=1))) == []


def test_a_circle_of_others_does_not_hold_the_search(people):
    ana, beto, caro, _ = people
    stored(beto, caro)
    stored(caro, beto)
    assert absences.circle(ana, absence(ana, beto)) == []


def test_a_link_is_only_as_long_as_the_days_that_all_of_it_shares(people):
    """Beto is away on Monday and Caro on Friday: on no day does it come back to Ana."""
    ana, beto, caro, _ = people
    stored(beto, caro, ends=MONDAY)
    stored(caro, ana, starts=FRIDAY)
    assert absences.circle(ana, absence(ana, beto)) == []


def test_without_a_substitute_or_before_they_exist_nobody_is_in_a_circle(people):
    assert absences.circle(people[0], absence(people[0])) == []
    assert absences.circle(Contact(name="Nueva"), absence(people[0], people[1])) == []


def test_a_substitute_who_is_away_too_is_said(people):
    ana, beto, caro, _ = people
    stored(ana, beto)
    assert absences.warnings(ana, MONDAY) == []
    row = stored(beto, caro, starts=FRIDAY, ends=FRIDAY)
    said = (
        "Beto suple a Ana del lunes 9 de marzo al viernes 13 de marzo y también estará ausente el viernes 13 de marzo"
    )
    assert absences.warnings(ana, MONDAY) == [f"{said}: mientras tanto se avisa a Caro."]
    assert absences.warnings(beto, MONDAY) == [f"{said}."]
    row.substitute = None
    row.save()
    assert absences.warnings(ana, MONDAY) == [f"{said}: mientras tanto se avisa al nivel siguiente."]


def test_a_substitute_who_cannot_be_told_is_said_and_the_past_is_not(people):
    ana, beto, *_ = people
    stored(ana, beto)
    Contact.objects.filter(pk=beto.pk).update(valid_until=MONDAY)
    assert absences.warnings(ana, FRIDAY) == [
        "Beto suple a Ana del lunes 9 de marzo al viernes 13 de marzo, pero la vigencia de Beto termina el lunes 9 de marzo de 2026."
    ]
    assert absences.warnings(ana, FRIDAY + timedelta(days=1)) == []
