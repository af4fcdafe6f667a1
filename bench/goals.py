"""The verdict on a goal: a ratio, its rounds, and whether noise was let in."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

Row = tuple[str, str, str, str]
"""Goal, what was found, the verdict on the firm figure, the verdict on the stretch."""


def judge(
    goal: str, ratios: Sequence[float], firm: float, stretch: float, *, noisy: bool = False, at_least: bool = True
) -> Row:
    """By the median. Where noise was let in, rounds on both sides of a goal leave it open."""
    if not ratios:
        return goal, "not measured", "", ""

    def verdict(bound: float) -> str:
        kept = [ratio >= bound if at_least else ratio <= bound for ratio in ratios]
        if noisy and any(kept) and not all(kept):
            return f"unclear ({sum(kept)} of {len(kept)} rounds)"
        middle = statistics.median(ratios)
        return word(middle >= bound if at_least else middle <= bound)

    words = f"{goal}: at {'least' if at_least else 'most'} {firm:,g}x / {stretch:,g}x"
    return words, f"{times(statistics.median(ratios))} {ends(ratios)}", verdict(firm), verdict(stretch)


def table(rows: Iterable[Row]) -> Iterator[str]:
    yield from ("| goal | found | firm | stretch |", "|---|---|---|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)


def as_data(rows: Iterable[Row]) -> list[dict[str, str]]:
    return [dict(zip(("goal", "found", "firm", "stretch"), row, strict=True)) for row in rows]


def word(met: bool) -> str:
    return "met" if met else "**missed**"


def times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:,.0f}x"


def ends(values: Sequence[float]) -> str:
    """The range of the rounds."""
    return f"({min(values):,.2f}-{max(values):,.2f})" if values else ""
