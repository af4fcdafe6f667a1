"""Which titles look alike: shared words that say something. Reads nothing; the caller bounds what it compares."""

from core.text import words

LITTLE = (
    "para como esta este esto ese esa estos estas con sin por que del los las una uno unos unas desde hasta sobre entre "
    "cuando donde porque pero muy mas hay hace ser son fue han tiene puede ticket favor ayuda error problema sistema"
)
EMPTY_WORDS = frozenset(LITTLE.split())
LONGEST = 200
ALIKE = 0.5


def significant(title: str) -> frozenset[str]:
    """The words that say something, without accents, plural «s» or case."""
    return frozenset(w.rstrip("s") for w in words(title[:LONGEST]) if len(w) > 2 and w not in EMPTY_WORDS)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over the shorter title's, 0 to 1; a single shared word counts only when it is all there is."""
    shared, shortest = len(one & other), min(len(one), len(other))
    if not shortest or (shared == 1 and shortest > 1):
        return 0.0
    return shared / shortest
