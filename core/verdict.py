"""The answer to "may this actor do that?": yes, or no with a reason that a person can read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOW = Verdict(True)


def deny(reason: str) -> Verdict:
    """A refusal; `reason` is Spanish, complete, and shown as it is."""
    return Verdict(False, reason)
