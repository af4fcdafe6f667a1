"""Blocks of interleaved measurements, each between two calibrations, and what comes out of them."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.blocks import TRIES, Log, block
from bench.load import Sample, run
from bench.systems import System


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to ask one system. `column` names it in the tables; `most` bounds the calls of a run."""

    column: str
    system: System
    call: str
    seconds: float = 3.0
    clients: int = 8
    most: int = 100_000


@dataclass
class Scenario:
    """The same question to several systems. Its samples come by column, one a kept round."""

    name: str
    parts: Sequence[Part]
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    broken: dict[str, dict[str, int]] = field(default_factory=dict)

    def middle(self, column: str, what: str) -> float | None:
        """The median over rounds of `rps`, `p50`, `p95`, ..."""
        values = [getattr(sample, what) for sample in self.samples.get(column, ())]
        return statistics.median(values) if values else None

    def ratio(self, column: str, other: str, what: str) -> float | None:
        """The median of the rounds' own ratios, so that what slowed a round slowed both sides of it."""
        values = self.ratios(column, other, what)
        return statistics.median(values) if values else None

    def ratios(self, column: str, other: str, what: str) -> list[float]:
        if column not in self.samples or other not in self.samples:
            return []
        pairs = zip(self.samples[column], self.samples[other], strict=True)
        return [getattr(a, what) / getattr(b, what) for a, b in pairs if getattr(b, what)]


def measure(scenarios: Sequence[Scenario], rounds: int, log: Log, say: Callable[[str], None]) -> None:
    """`rounds` rounds of every scenario. A block whose machine changed under it is dropped and tried again, a few times."""
    for scenario in scenarios:
        _warm(scenario)
    for number in range(rounds):
        for scenario in scenarios:
            found = block(log, lambda attempt, s=scenario, n=number: _samples(s, n, n * TRIES + attempt))
            for column, sample in (found or {}).items():
                scenario.samples.setdefault(column, []).append(sample)
                if not sample.is_good:
                    scenario.broken[column] = sample.statuses
            say(f"round {number + 1} of {rounds}, {scenario.name}: {log.kept} blocks kept, {log.dropped} dropped")


def _samples(scenario: Scenario, number: int, seed: int) -> dict[str, Sample]:
    return {part.column: _ask(part, seed=seed) for part in _order(scenario, number)}


def _order(scenario: Scenario, number: int) -> Sequence[Part]:
    """The other way round every second time, so that nobody always goes first."""
    return scenario.parts if number % 2 == 0 else scenario.parts[::-1]


def _warm(scenario: Scenario) -> None:
    """Enough for every worker to have answered; a transition has nothing yet to work on."""
    for part in scenario.parts:
        if part.call != "transition" or part.system.name != "desk":
            run(part.system.port, part.system.calls[part.call], seconds=part.seconds, most=16, clients=4, seed=99)


def _ask(part: Part, *, seed: int) -> Sample:
    system, most = part.system, part.most
    keep = "Location" if part.call == "create" and system.name == "desk" else ""
    if part.call == "transition" and system.name == "desk":
        most = min(most, len(system.fresh))
    sample = run(
        system.port,
        system.calls[part.call],
        seconds=part.seconds,
        most=most,
        clients=part.clients,
        seed=seed + 1,
        keep=keep,
    )
    if keep:
        system.fresh.extend(sample.kept)
    elif part.call == "transition" and system.name == "desk":
        del system.fresh[: sample.n]
    time.sleep(0.05)
    return sample
