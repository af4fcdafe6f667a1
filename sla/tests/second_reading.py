"""The guide's promises told a second time, on minutes that are open or closed: what the clocks are held against.

Plain values only. Nothing here is taken from the product but the words of its choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from core.tests.minute_map import MINUTE, MinuteMap
from core.tests.minute_model import instant, moment

STANDARD = tuple((day, 540, 1140) for day in range(5))
ALWAYS = [(day, 0, 1440, True) for day in range(7)]
# Guide 3.4.2, written out again: reaction, technological attention, the other lines' attention.
GUIDE = {"critical": (40, 60, 180), "high": (60, 240, 600), "medium": (120, 480, 1200), "low": (120, 480, 1200)}
# The same zones as if they never changed their clocks (POSIX signs: +6 is six hours behind UTC).
WINTER_TIME = {
    "America/Mexico_City": "Etc/GMT+6",
    "America/Tijuana": "Etc/GMT+8",
    "America/Ciudad_Juarez": "Etc/GMT+7",
    "America/Hermosillo": "Etc/GMT+7",
}

Says = dict[tuple[str, str], tuple[int | None, int | None, str, str]]
"""(priority, line or "") -> the minutes of reaction and attention and the kinds of time that a contract says there, if it does."""
Wait = tuple[str, datetime, datetime | None]
"""Whom the ticket waited for ("user" or "vendor"), from when and until when."""


@dataclass(frozen=True)
class Extra:
    """A window beyond the standard ones: local minutes, the next day's when `closes` is not after `opens`."""

    weekday: int
    opens: int
    closes: int
    second_level: bool
    works_on_holidays: bool


@dataclass(frozen=True)
class Class:
    """How a ticket is classified."""

    kind: str
    service_line: str
    priority: str


@dataclass(frozen=True)
class Contract:
    """`calendar_days` and `own_days` are closed dates: the calendar's, and the terms'. None for the guide's pause rules."""

    zone: str = "America/Mexico_City"
    week: tuple[tuple[int, int, int], ...] = STANDARD
    holidays: bool = True
    calendar_days: frozenset[date] = frozenset()
    own_days: frozenset[date] = frozenset()
    extra: tuple[Extra, ...] = ()
    says: Says = field(default_factory=dict)
    pauses_for_user: bool | None = None
    pauses_for_vendor: bool | None = None

    def without(self, what: str) -> "Contract":
        """The contract as it would be if somebody forgot one thing of it. Nothing else differs, so a different promise is that thing's."""
        return {
            "statutory holidays": lambda: replace(self, holidays=False),
            "the calendar's closed days": lambda: replace(self, calendar_days=frozenset()),
            "the terms' closed days": lambda: replace(self, own_days=frozenset()),
            "clock changes": lambda: replace(self, zone=WINTER_TIME[self.zone]),
            "the part of a window after midnight": lambda: replace(
                self,
                week=tuple((day, opens, closes if closes > opens else 1440) for day, opens, closes in self.week),
                extra=tuple(replace(x, closes=x.closes if x.closes > x.opens else 1440) for x in self.extra),
            ),
            "the extension": lambda: replace(self, extra=()),
            "windows with second level": lambda: replace(
                self, extra=tuple(replace(x, second_level=False) for x in self.extra)
            ),
            "windows without second level": lambda: replace(
                self, extra=tuple(replace(x, second_level=True) for x in self.extra)
            ),
            "windows that work on holidays": lambda: replace(
                self, extra=tuple(replace(x, works_on_holidays=False) for x in self.extra)
            ),
            "windows that do not work on holidays": lambda: replace(
                self, extra=tuple(replace(x, works_on_holidays=True) for x in self.extra)
            ),
            "what the contract says": lambda: replace(self, says={}),
        }[what]()


THINGS = (
    "statutory holidays", "the calendar's closed days", "the terms' closed days", "clock changes",
    "the part of a window after midnight", "the extension", "windows with second level", "windows without second level",
    "windows that work on holidays", "windows that do not work on holidays", "what the contract says",
)  # fmt: skip
"""What a contract can be `without`."""


@dataclass(frozen=True)
class Promise:
    """One clock's: so many minutes, open ones of a model, from an instant on (microseconds)."""

    minutes: int
    basis: str
    model: MinuteMap
    start: int

    def due(self, held: Sequence[tuple[int, int | None]] = (), *, percent: int = 100) -> datetime | None:
        """When that part of it has run; None while a pause that came before is open."""
        found = self.model.deadline(self.start, self.minutes * MINUTE * percent // 100, held)
        return None if found is None else moment(found)

    def used(self, until: datetime, held: Sequence[tuple[int, int | None]] = ()) -> int:
        """What has run, in microseconds."""
        return self.model.elapsed(self.start, max(instant(until), self.start), held)


class Reading:
    """What a contract promises. Keeps its models, since painting them is most of the work."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.closed = contract.calendar_days | contract.own_days
        self.week = [(*window, False) for window in contract.week]

    def _model(self, extra: Sequence[Extra]) -> MinuteMap:
        windows = [(x.weekday, x.opens, x.closes, x.works_on_holidays) for x in extra]
        return MinuteMap(self.contract.zone, [*self.week, *windows], self.closed, self.contract.holidays)

    @cached_property
    def desk(self) -> MinuteMap:
        return self._model(self.contract.extra)

    @cached_property
    def second(self) -> MinuteMap:
        return self._model([x for x in self.contract.extra if x.second_level])

    @cached_property
    def always(self) -> MinuteMap:
        return MinuteMap(self.contract.zone, ALWAYS)

    def promises(self, of: Class, created: datetime) -> dict[str, Promise]:
        technological, incident = of.service_line == "technological", of.kind == "incident"
        # Reaction: 7x24 for technological incidents, else in the desk's window with all that the contract added.
        minutes = self._own(of, 0) or GUIDE[of.priority][0]
        basis = self._own(of, 2) or ("calendar" if technological and incident else "business")
        reaction = Promise(minutes, basis, self.always if basis == "calendar" else self.desk, instant(created))
        # Attention: calendar time for technological support, else when the second level works.
        minutes = self._own(of, 1) or GUIDE[of.priority][1 if technological else 2]
        basis = self._own(of, 3) or ("calendar" if technological else "business")
        start = instant(created)
        if basis == "calendar" and not incident:
            start = self.second.next_opening(start)
        attention = Promise(minutes, basis, self.always if basis == "calendar" else self.second, start)
        return {"reaction": reaction, "attention": attention}

    def _own(self, of: Class, which: int) -> Any:
        """What the contract says: for the line, else for all of them."""
        rows = [self.contract.says.get((of.priority, line)) for line in (of.service_line, "")]
        return next((row[which] for row in rows if row and row[which]), None)

    def held(self, kind: str, waits: Sequence[Wait]) -> list[tuple[int, int | None]]:
        """The waits that stop a clock: reaction's never; by the guide, only those for the user."""
        stops = {
            "user": self.contract.pauses_for_user is not False,
            "vendor": self.contract.pauses_for_vendor is True,
        }
        if kind == "reaction":
            return []
        return [(instant(a), None if b is None else instant(b)) for cause, a, b in waits if stops[cause]]
