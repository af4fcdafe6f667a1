"""A block of measurements between two calibrations: kept if the machine stayed the same under it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from bench import machine

TRIES = 4
T = TypeVar("T")


@dataclass
class Log:
    """What became of the blocks of a run."""

    keeps_all: bool = False
    kept: int = 0
    unsteady: int = 0
    dropped: int = 0
    speeds: list[machine.Speed] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)

    def lines(self, rounds: int) -> Iterator[str]:
        """What a reader must know before the figures."""
        loads, speeds = self.loads or [0.0], [speed.all for speed in self.speeds] or [0.0]
        yield (
            f"{rounds} interleaved rounds, medians. {self.kept} blocks kept, {self.dropped} dropped; under "
            f"{self.unsteady} of them the machine changed by more than 15 %. Load average {min(loads):.1f} to {max(loads):.1f}; "
            f"calibrator {min(speeds):.2f} to {max(speeds):.2f} Mrounds/s."
        )
        if self.keeps_all:
            yield "**The machine was busy with other things, and every block was kept: read the ratios, not the figures.**"


def block(log: Log, ask: Callable[[int], T]) -> T | None:
    """What `ask` (given the number of the attempt) found. A block whose machine changed under it is dropped and tried again, a few times.

    None if every attempt was dropped.
    """
    for attempt in range(TRIES):
        before = machine.calibrate()
        found = ask(attempt)
        after = machine.calibrate()
        log.loads.append(machine.load())
        if before.differs_from(after):
            log.unsteady += 1
            if not log.keeps_all:
                log.dropped += 1
                continue
        log.kept += 1
        log.speeds += [before, after]
        return found
    return None
