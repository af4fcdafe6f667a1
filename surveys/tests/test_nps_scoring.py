"""The score, its rounding and its interval, against sums made by hand and against every sample there can be."""

from decimal import Decimal
from fractions import Fraction
from math import comb

import pytest

from surveys.nps_scoring import Counts, interval_words, of_scores, signed, together


def ends(counts: Counts) -> tuple[float, float]:
    found = counts.interval
    assert found is not None
    return found


def test_the_score_is_promoters_minus_detractors_in_percent():
    assert Counts(36, 14, 10, 80).score == 43
    assert Counts(36, 14, 10, 80).exact == Fraction(130, 3)
    assert Counts(1, 1, 3).score == -40


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        (Counts(5, 3, 4), 8),  # 8.33
        (Counts(9, 7, 0), 56),  # 56.25
        (Counts(3, 11, 2), 6),  # 6.25
        (Counts(1, 7, 0), 13),  # 12.5 goes up
        (Counts(0, 7, 1), -13),  # -12.5 goes down: the same distance
        (Counts(1, 198, 1), 0),
        (Counts(0, 199, 1), -1),  # -0.5
        (Counts(1, 199, 0), 1),  # 0.5
    ],
)
def test_the_score_is_rounded_half_away_from_zero(counts, shown):
    assert counts.score == shown


def test_nobody_and_one_person():
    nobody = Counts(0, 0, 0, 12)
    assert (nobody.score, nobody.exact, nobody.interval, nobody.rate) == (None, None, None, Decimal("0.0"))
    assert Counts().rate is None
    assert [of_scores({grade: 1}).score for grade in range(11)] == [-100] * 7 + [0] * 2 + [100] * 2


def test_only_grades_of_the_scale_count():
    assert of_scores({0: 1, 6: 2, 7: 3, 8: 4, 9: 5, 10: 6}, invited=30) == Counts(11, 7, 3, 30)
    for grade in (-1, 11):
        with pytest.raises(ValueError):
            of_scores({grade: 1})


def test_the_interval_is_what_a_sum_by_hand_gives():
    # 36, 14 and 10 of 60: p = 36.75/63 = 0.583333, d = 10.75/63 = 0.170635, p - d = 0.412698, p + d = 0.753968.
    # Variance (0.753968 - 0.170320) / 63 = 0.00926426, deviation 0.0962510, times 1.959964 = 0.188649.
    low, high = ends(Counts(36, 14, 10))
    assert (round(low, 2), round(high, 2)) == (22.4, 60.13)
    # One promoter: p = 1.75/4, d = 0.75/4; 0.25 ± 1.959964 · sqrt((0.625 - 0.0625) / 4) = 0.25 ± 0.734986.
    low, high = ends(Counts(1, 0, 0))
    assert (round(low, 2), round(high, 2)) == (-48.5, 98.5)


def test_the_interval_stays_on_the_scale_and_has_a_width():
    for n in (1, 2, 5, 40, 10_000):
        for counts in (Counts(n, 0, 0), Counts(0, 0, n), Counts(0, n, 0)):
            low, high = ends(counts)
            assert -100 <= low < high <= 100
            assert low - 0.01 <= (counts.score or 0) <= high + 0.01 or n < 40


@pytest.mark.parametrize("n", [10, 30, 60])
@pytest.mark.parametrize("truth", [(0.5, 0.3), (0.3, 0.3), (0.7, 0.1), (0.2, 0.5), (0.85, 0.05)])
def test_the_interval_holds_the_truth_about_nineteen_times_in_twenty(n, truth):
    """Every sample of n there can be, each with its chance: no dice, so the same answer every time."""
    promoter, detractor = truth
    passive, real = 1 - promoter - detractor, 100 * (promoter - detractor)
    covered = 0.0
    for promoters in range(n + 1):
        for detractors in range(n + 1 - promoters):
            passives = n - promoters - detractors
            low, high = ends(Counts(promoters, passives, detractors))
            if low <= real <= high:
                ways = comb(n, promoters) * comb(n - promoters, detractors)
                covered += ways * promoter**promoters * detractor**detractors * passive**passives
    assert 0.93 <= covered <= 0.985


def test_sums_keep_what_is_not_known():
    assert together([Counts(1, 2, 3, 10), Counts(4, 0, 0, 5)]) == Counts(5, 2, 3, 15)
    assert (Counts(1, 0, 0, 10) + Counts(1, 0, 0, None)).invited is None
    assert (Counts(1, 0, 0, 10) + Counts(1, 0, 0, None)).rate is None
    assert Counts(36, 14, 10, 80).rate == Decimal("75.0")
    assert Counts(1, 1, 1).share(1) == Decimal("33.3")


def test_the_words_have_a_sign():
    assert [signed(value) for value in (34, -12, 0, None)] == ["+34", "−12", "0", "sin respuestas"]
    assert interval_words((-2.5, 61.4)) == "de −3 a +61"
    assert interval_words(None) == ""
