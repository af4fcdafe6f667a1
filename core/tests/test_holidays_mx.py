"""The statutory days, and what they close."""

from datetime import date

import pytest

from core import holidays_mx
from core.tests.desk_hours import DESK, NINE_TO_SEVEN, mx
from core.worktime import Schedule


def test_the_statutory_days_of_2026_are_those_of_article_74():
    assert holidays_mx.statutory(2026) == {
        date(2026, 1, 1): "Año Nuevo",
        date(2026, 2, 2): "Día de la Constitución",
        date(2026, 3, 16): "Natalicio de Benito Juárez",
        date(2026, 5, 1): "Día del Trabajo",
        date(2026, 9, 16): "Día de la Independencia",
        date(2026, 11, 16): "Día de la Revolución",
        date(2026, 12, 25): "Navidad",
    }


@pytest.mark.parametrize(("year", "closed"), [(2024, True), (2025, False), (2026, False), (2030, True), (2036, True)])
def test_the_first_of_october_is_closed_in_the_years_of_a_presidential_change(year: int, closed: bool):
    assert (date(year, 10, 1) in holidays_mx.statutory(year)) is closed
    assert DESK.is_open(mx(year, 10, 1, 12)) is (not closed and date(year, 10, 1).weekday() < 5)


def test_a_calendar_may_ignore_the_statutory_days():
    assert Schedule("America/Mexico_City", NINE_TO_SEVEN, mexican_holidays=False).is_open(mx(2026, 5, 1, 12)) is True
