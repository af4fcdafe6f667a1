"""The arithmetic of grades, exact: whole numbers in, Decimals out. Pure (guide 3.13, 3.14).

Rounding is half away from zero, of the fraction itself and never of a float: 4.25 is 4.3, and -4.25 is -4.3. What nobody answered has no
result: None, never 0.
"""

from collections.abc import Mapping
from decimal import Decimal

LOWEST, HIGHEST = 1, 5
SATISFIED = 4
"""From this grade on, of 1 to 5, somebody is satisfied."""
WORDS = {1: "Muy mal", 2: "Mal", 3: "Regular", 4: "Bien", 5: "Muy bien"}
"""What each grade of the 1 to 5 scale means."""


def rounded(numerator: int, denominator: int, places: int = 0) -> Decimal | None:
    """The fraction to so many decimals, half away from zero; None over zero. Raises ValueError for a negative denominator."""
    if denominator < 0:
        raise ValueError("a count is never negative")
    if denominator == 0:
        return None
    unit = 10**places
    whole = (2 * abs(numerator) * unit + denominator) // (2 * denominator)
    return Decimal(whole if numerator >= 0 else -whole).scaleb(-places)


def mean(total: int, count: int) -> Decimal | None:
    """The mean of `count` grades that add up to `total`, to one decimal."""
    return rounded(total, count, 1)


def share(part: int, whole: int) -> Decimal | None:
    """Percent, to one decimal."""
    return rounded(100 * part, whole, 1)


def response_rate(answered: int, asked: int) -> Decimal | None:
    """Percent of those that were asked who answered, to one decimal. Whoever was left out was not asked."""
    return share(answered, asked)


def mean_of(counts: Mapping[int, int]) -> Decimal | None:
    """The mean of a distribution: grade -> how many."""
    return mean(sum(grade * times for grade, times in counts.items()), sum(counts.values()))


def satisfied(counts: Mapping[int, int]) -> Decimal | None:
    """Percent of a distribution that is satisfied (4 or 5)."""
    return share(sum(times for grade, times in counts.items() if grade >= SATISFIED), sum(counts.values()))
