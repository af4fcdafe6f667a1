"""What must hold of surveys, complaints and NPS, checked from the database alone."""

from collections.abc import Iterator

from surveys import satisfaction_checks


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence."""
    yield from satisfaction_checks.invariants()
