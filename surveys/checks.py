"""What must hold of surveys, complaints and NPS, checked from the database alone."""

from collections.abc import Iterator

from surveys import nps_checks, satisfaction_checks, voice_checks


def invariants() -> Iterator[str]:
    """Every problem found, as an English sentence."""
    yield from satisfaction_checks.invariants()
    yield from voice_checks.invariants()
    yield from nps_checks.invariants()
