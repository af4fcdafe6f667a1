"""One clock's promise as pure values: how much time, of which kind, counted from when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.worktime import Pause, Schedule

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """`counts_from` is aware; `basis` says how `schedule`'s time is told («hábiles» or «naturales»)."""

    kind: str
    minutes: int
    basis: str
    counts_from: datetime
    schedule: Schedule

    @property
    def target(self) -> timedelta:
        return self.minutes * MINUTE  # building it from keywords takes longer than reckoning with it

    def deadline(self, pauses: Iterable[Pause] = ()) -> datetime | None:
        """None while a pause that began before the deadline is still open."""
        return self.schedule.deadline(self.counts_from, self.target, pauses)

    def reaches(self, percent: int, pauses: Iterable[Pause] = ()) -> datetime | None:
        """When that part of the target has run; None if an open pause comes before."""
        return self.schedule.deadline(self.counts_from, self.target * percent / 100, pauses)

    def used(self, until: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
        """The clock's own time that ran until then."""
        if until <= self.counts_from:
            return timedelta()
        return self.schedule.elapsed_with_pauses(self.counts_from, until, pauses)

    def used_by_deadline(self, due: datetime, until: datetime) -> timedelta:
        """The same for a clock that is not paused at `until`, from its deadline alone. Pauses after the deadline are taken for time that ran."""
        if until <= self.counts_from:
            return timedelta()
        if until <= due:
            return self.target - self.schedule.elapsed(until, due)
        return self.target + self.schedule.elapsed(due, until)
