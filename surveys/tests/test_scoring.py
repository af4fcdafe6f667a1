"""Means, shares and rates: exact, half away from zero, and nothing where nobody answered."""

from decimal import Decimal

import pytest

from surveys import scoring


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "expected"),
    [
        (17, 4, 1, "4.3"),  # 4.25: a float, or the banker's rule, would say 4.2
        (-17, 4, 1, "-4.3"),
        (5, 2, 0, "3"),
        (-5, 2, 0, "-3"),
        (1, 3, 1, "0.3"),
        (2, 3, 1, "0.7"),
        (449, 100, 1, "4.5"),
        (4449, 1000, 1, "4.4"),
        (0, 7, 1, "0.0"),
        (435, 100, 1, "4.4"),
    ],
)
def test_a_tie_goes_away_from_zero(numerator, denominator, places, expected):
    assert scoring.rounded(numerator, denominator, places) == Decimal(expected)


def test_nobody_is_no_result_and_not_zero():
    assert scoring.mean(0, 0) is None
    assert scoring.share(0, 0) is None
    assert scoring.response_rate(0, 0) is None
    assert scoring.mean_of({}) is None
    assert scoring.mean_of({1: 0, 5: 0}) is None
    assert scoring.satisfied({}) is None


def test_one_answer_is_its_own_mean():
    assert scoring.mean_of({4: 1}) == Decimal("4.0")
    assert scoring.satisfied({4: 1}) == Decimal("100.0")
    assert scoring.satisfied({3: 1}) == Decimal("0.0")


def test_a_distribution_has_its_mean_and_its_satisfied():
    counts = {1: 1, 2: 1, 3: 2, 4: 3, 5: 1}
    assert scoring.mean_of(counts) == Decimal("3.3")  # 26 of 8 = 3.25
    assert scoring.satisfied(counts) == Decimal("50.0")


def test_the_rate_counts_those_who_were_asked():
    assert scoring.response_rate(1, 3) == Decimal("33.3")
    assert scoring.response_rate(3, 3) == Decimal("100.0")


def test_a_negative_count_is_a_fault_of_the_caller():
    with pytest.raises(ValueError):
        scoring.rounded(1, -1)
