"""The arithmetic of the Net Promoter Score: whole counts in, exact fractions and their interval out. Pure (guide 3.14).

The score is the percentage of promoters minus that of detractors, from -100 to 100. It is kept as the fraction that it is and shown as a
whole number with its sign, rounded half away from zero: 12.5 is «+13», -12.5 is «−13». What nobody answered has no score: None, never 0.

The 95 % interval is the adjusted Wald interval for the difference of two shares of one trinomial (Bonett and Price; Sauro and Lewis,
«Quantifying the User Experience»). Three answers are supposed besides the n given: 3/4 of a promoter, 3/4 of a detractor, 3/2 passives.

    p = (promoters + 3/4) / (n + 3)        d = (detractors + 3/4) / (n + 3)
    100 · (p - d ± 1.96 · sqrt((p + d - (p - d)²) / (n + 3))), cut at -100 and 100

Its centre is drawn a little towards 0, so with few answers the score is not in its middle. It supposes that who answered stands for who
did not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from surveys import scoring
from surveys.vocabulary import NPS_HIGHEST, NPS_LOWEST, Loyalty, loyalty

Z = 1.959963984540054
"""Of the normal distribution, 95 % of which lies within so many deviations."""
SUPPOSED, SUPPOSED_ENDS = 3, 0.75
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each class answered, and how many were asked; `invited` is None where nobody knows."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    invited: int | None = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together. Asked among how many is unknown as soon as it is for one of them."""
        known = self.invited is not None and other.invited is not None
        return Counts(
            self.promoters + other.promoters,
            self.passives + other.passives,
            self.detractors + other.detractors,
            (self.invited or 0) + (other.invited or 0) if known else None,
        )

    @property
    def answered(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def exact(self) -> Fraction | None:
        """The score unrounded."""
        if not self.answered:
            return None
        return Fraction(100 * (self.promoters - self.detractors), self.answered)

    @property
    def score(self) -> int | None:
        """The score as it is shown."""
        shown = scoring.rounded(100 * (self.promoters - self.detractors), self.answered)
        return None if shown is None else int(shown)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the score of everybody lies, in 95 of 100 such samples; None without answers."""
        if not self.answered:
            return None
        n = self.answered + SUPPOSED
        p, d = (self.promoters + SUPPOSED_ENDS) / n, (self.detractors + SUPPOSED_ENDS) / n
        spread = Z * sqrt((p + d - (p - d) ** 2) / n)
        return max(-100.0, 100 * (p - d - spread)), min(100.0, 100 * (p - d + spread))

    @property
    def rate(self) -> Decimal | None:
        """Percent of those asked who answered, to one decimal; None when nobody was, or nobody knows how many."""
        return scoring.response_rate(self.answered, self.invited) if self.invited else None

    def share(self, part: int) -> Decimal | None:
        """Percent of the answers, to one decimal."""
        return scoring.share(part, self.answered)


def of_scores(scores: Mapping[int, int], *, invited: int | None = None) -> Counts:
    """The counts of a distribution: grade of 0 to 10 -> how many gave it. Raises ValueError for any other grade."""
    sums = dict.fromkeys(Loyalty, 0)
    for grade, times in scores.items():
        if not NPS_LOWEST <= grade <= NPS_HIGHEST:
            raise ValueError(f"{grade} is not on the scale of 0 to 10")
        sums[loyalty(grade)] += times
    return Counts(sums[Loyalty.PROMOTER], sums[Loyalty.PASSIVE], sums[Loyalty.DETRACTOR], invited)


def together(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def signed(value: int | None) -> str:
    """«+34», «−12», «0»; «sin respuestas» for None."""
    if value is None:
        return "sin respuestas"
    return f"+{value}" if value > 0 else f"{MINUS}{-value}" if value else "0"


def interval_words(interval: tuple[float, float] | None) -> str:
    """«de −3 a +61»; empty for None. Each end to the nearest whole number."""
    if interval is None:
        return ""
    low, high = (_nearest(end) for end in interval)
    return f"de {signed(low)} a {signed(high)}"


def _nearest(value: float) -> int:
    shown = scoring.rounded(round(value * 1_000_000), 1_000_000)
    assert shown is not None
    return int(shown)
