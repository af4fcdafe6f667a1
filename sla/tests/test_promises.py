"""Thousands of random contracts, tickets, waits and reclassifications, without a database, against a second reading of the guide.

The clocks here are the product's own, reckoned by its own rules and kept in memory; `second_reading` counts open minutes. Every life is made
from a number, so a failure names the one to try again: `lives_of(n)`. Whether the hard cases really came up is
counted, and too few of them fail the test as well.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from core.tests.minute_model import instant, moment
from core.worktime import ClosedDay, Window
from customers.models import ServiceTerms
from sla import schedules, targets
from sla.models import Clock, Pause
from sla.services import counting
from sla.tests.second_reading import (
    GUIDE,
    STANDARD,
    THINGS,
    WINTER_TIME,
    Class,
    Contract,
    Extra,
    Promise,
    Reading,
    Wait,
)
from sla.vocabulary import ClockState

CONTRACTS, CHUNKS, LIVES = 3_000, 6, 4
MICROSECOND = timedelta(microseconds=1)
YEARS = (2021, 2022, 2024, 2026, 2028)
# Clock changes of Mexico City, until 2022 (twice, since they are the rarest); of Tijuana; of Ciudad Juárez, which took another zone in
# November 2022; leap days, holidays and the turn of the year.
SPECIAL = [
    date.fromisoformat(text)
    for text in (
        "2021-04-04", "2021-10-31", "2022-04-03", "2022-10-30", "2021-04-04", "2021-10-31", "2022-04-03", "2022-10-30",
        "2021-03-14", "2021-11-07", "2022-03-13", "2022-11-06", "2026-03-08", "2026-11-01", "2022-11-30",
        "2024-02-29", "2028-02-29", "2021-02-01", "2022-11-21", "2024-10-01", "2024-12-25", "2026-03-16", "2026-09-16", "2028-05-01",
        "2026-12-31", "2027-01-01",
    )
]  # fmt: skip
# By the guide's own rows, as a desk keeps them.
GUIDE_ROWS: targets.Rows = {
    (priority, line): {
        "reaction_minutes": reaction,
        "attention_minutes": technological if line else other,
        "reaction_clock": "",
        "attention_clock": "calendar" if line else "business",
    }
    for priority, (reaction, technological, other) in GUIDE.items()
    for line in ("", "technological")
}
WEEKS = (
    STANDARD,
    STANDARD,
    STANDARD,
    tuple((day, opens, closes) for day in range(6) for opens, closes in ((480, 840), (960, 1200))),
    tuple((day, 1320, 360) for day in range(5)),  # nights, Monday to Friday
    tuple((day, 0, 1440) for day in range(7)),
)


def contract_of(dice: Random, around: date) -> Contract:
    """A contract whose own days, if any, lie near a date."""

    def days() -> frozenset[date]:
        return frozenset(around + timedelta(days=dice.randint(-2, 8)) for _ in range(dice.choice((0, 0, 1, 3))))

    def extra() -> Extra:
        opens, closes = dice.choice(
            (
                (1140, 540),
                (1320, 360),
                (540, 840),
                (1140, 1320),
                (0, 1440),
                (15 * dice.randrange(96), 15 * dice.randint(0, 96)),
            )
        )
        return Extra(dice.randrange(7), opens, closes, dice.random() < 0.5, dice.random() < 0.5)

    def says() -> tuple[int | None, int | None, str, str]:
        minutes = [dice.choice((None, dice.randint(1, 1_500))) for _ in range(2)]
        basis = [dice.choice(("", "", "business", "calendar")) for _ in range(2)]
        return minutes[0], minutes[1], basis[0], basis[1]

    rows = [(priority, line) for priority in GUIDE for line in ("", "functional", "technological")]
    return Contract(
        zone=dice.choice((*WINTER_TIME, "America/Mexico_City", "America/Tijuana")),
        week=dice.choice(WEEKS),
        holidays=dice.random() < 0.8,
        calendar_days=days(),
        own_days=days(),
        extra=tuple(extra() for _ in range(dice.choice((0, 1, 2, 5)))),
        says={row: says() for row in dice.sample(rows, dice.choice((0, 0, 2, 6)))},
        pauses_for_user=dice.choice((None, None, True, False)),
        pauses_for_vendor=dice.choice((None, True, False)),
    )


class Product:
    """The product's side of a contract: its windows, rows and terms, none of them stored."""

    def __init__(self, contract: Contract) -> None:
        week = schedules.Week(
            "Calendario",
            tuple(Window(*window) for window in contract.week),
            frozenset(ClosedDay(on, "Del calendario") for on in contract.calendar_days),
            contract.holidays,
        )
        own_days = frozenset(ClosedDay(on, "Propio") for on in contract.own_days)
        extension = [
            schedules.Extension(x.weekday, x.opens, x.closes, x.second_level, x.works_on_holidays)
            for x in contract.extra
        ]
        self.windows = schedules.build(schedules.closing(week, own_days), zone=contract.zone, extension=extension)
        own: targets.Rows = {row: dict(zip(targets.VALUES, said, strict=True)) for row, said in contract.says.items()}
        self.rows = [own, GUIDE_ROWS]
        self.terms = ServiceTerms(
            pauses_for_user=contract.pauses_for_user, pauses_for_vendor=contract.pauses_for_vendor
        )


class Life:
    """One ticket under a contract: both clocks, held against the second reading after everything that happens to it."""

    def __init__(
        self, product: Product, reading: Reading, of: Class, created: datetime, percents: Sequence[int]
    ) -> None:
        self.product, self.reading, self.created, self.percents = product, reading, created, percents
        self.clocks = {kind: Clock(kind=kind, started_at=created) for kind in ("reaction", "attention")}
        self.pauses: list[Pause] = []
        self.waits: list[Wait] = []
        self.classify(of)

    def classify(self, of: Class) -> None:
        subject = targets.Subject(
            kind=of.kind, service_line=of.service_line, priority=of.priority, created_at=self.created
        )
        self.plans = targets.plans(subject, self.product.rows, self.product.windows)
        self.promises: dict[str, Promise] = self.reading.promises(of, self.created)
        for kind, clock in self.clocks.items():
            counting.adopt(clock, self.plans[kind])

    def wait(self, cause: str, at: datetime) -> None:
        self.pauses.append(Pause(cause=cause, started_at=at))
        self.waits.append((cause, at, None))

    def resume(self, at: datetime) -> None:
        self.pauses[-1].ended_at = at
        self.waits[-1] = (*self.waits[-1][:2], at)

    @property
    def waits_now(self) -> bool:
        return bool(self.waits) and self.waits[-1][2] is None

    def due(self, kind: str) -> datetime | None:
        return self.clocks[kind].due_at

    def check(self, at: datetime) -> None:
        """Let the clocks stand as they must at `at`, and compare all that they say."""
        for kind, clock in self.clocks.items():
            plan, promise = self.plans[kind], self.promises[kind]
            stretches = counting.pauses_of(kind, self.product.terms, self.pauses)
            counting.run(clock, plan, stretches, at, self.percents)
            held = self.reading.held(kind, self.waits)
            due = promise.due(held)
            assert clock.due_at == due
            assert (clock.target_minutes, clock.clock) == (promise.minutes, promise.basis)
            assert clock.counts_from == moment(promise.start)
            assert clock.state == (ClockState.PAUSED if due is None else ClockState.RUNNING)
            first = self.percents[0] if self.percents else None
            late = None if due is None else due + MICROSECOND
            assert clock.next_at == (promise.due(held, percent=first) if first else late)
            ended = [(a, instant(at) if b is None else b) for a, b in held]
            used = promise.used(at, ended)
            assert plan.used(at, counting.until(stretches, at)) == used * MICROSECOND
            assert clock.used == (used * MICROSECOND if due is None else None)
            if due is not None and all(since < instant(due) for since, _ in held):
                assert plan.used_by_deadline(due, at) == used * MICROSECOND


def a_class(dice: Random) -> Class:
    return Class(
        dice.choice(("incident", "incident", "request", "problem", "change")),
        dice.choice(("functional", "technical", "technological")),
        dice.choice(tuple(GUIDE)),
    )


def a_moment(dice: Random, around: date, zone: str) -> datetime:
    """Some microsecond near a date, often one at which something opens, closes or turns."""
    on = around + timedelta(days=dice.randint(-3, 2))
    minute = dice.choice((0, 60, 120, 539, 540, 840, 1139, 1140, 1320, dice.randrange(1440), dice.randrange(1440)))
    local = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone)) + timedelta(minutes=minute)
    return local.astimezone(UTC) + dice.choice((0, 0, 1, 500_000, dice.randrange(60_000_000))) * MICROSECOND


def a_gap(dice: Random, life: Life, at: datetime) -> timedelta:
    """Until the next thing happens: a while, or right at, before or after a deadline."""
    due = life.due(dice.choice(("reaction", "attention")))
    if due is not None and due > at and dice.random() < 0.3:
        return max(due - at + dice.choice((-1, 0, 1)) * MICROSECOND, MICROSECOND)
    return (
        dice.choice((3_600, 12 * 3_600, 60 * 3_600, 200 * 3_600)) * dice.random() * timedelta(seconds=1) + MICROSECOND
    )


def live(dice: Random, product: Product, reading: Reading, created: datetime, seen: Counter[str]) -> None:
    """A ticket's life, checked at every step."""
    of = a_class(dice)
    life = Life(product, reading, of, created, dice.choice(((50, 75), (50, 75), (10, 33, 99), ())))
    life.check(created)
    note_promise(seen, reading, of, created, life)
    at = created
    for _ in range(dice.randint(0, 6)):
        at += a_gap(dice, life, at)
        before = {kind: life.due(kind) for kind in life.clocks}
        if dice.random() < 0.3:
            of = a_class(dice)
            life.classify(of)
            life.check(at)
            note_reclassification(seen, life, before, at)
            continue
        if life.waits_now:
            life.resume(at)
        else:
            life.wait(dice.choice(("user", "user", "vendor")), at)
        life.check(at)
        note_wait(seen, life, before, at)
    if dice.random() < 0.3:
        overlapping(dice, life, created, seen)


def overlapping(dice: Random, life: Life, created: datetime, seen: Counter[str]) -> None:
    """Pauses as nobody could make them by hand: on top of each other, in no order, from before the beginning, some still open."""
    stretches: list[tuple[datetime, datetime | None]] = []
    for _ in range(dice.randint(2, 4)):
        since = created + timedelta(seconds=dice.uniform(-40_000, 200_000))
        until = None if dice.random() < 0.1 else since + timedelta(seconds=dice.uniform(0, 150_000))
        stretches.append((since, until))
    held = [(instant(a), None if b is None else instant(b)) for a, b in stretches]
    for kind, plan in life.plans.items():
        assert plan.deadline(stretches) == life.promises[kind].due(held)
    seen["overlapping pauses"] += any(
        a < c and (b is None or c < b) for a, b in stretches for c, d in stretches if (a, b) != (c, d)
    )


# -- did the hard cases come up? ----------------------------------------------------------------------------------------------------


def note_promise(seen: Counter[str], reading: Reading, of: Class, created: datetime, life: Life) -> None:
    contract = reading.contract
    seen["lives"] += 1
    seen[contract.zone] += 1
    key = ZoneInfo(contract.zone)
    for kind, promise in life.promises.items():
        due = life.due(kind)
        assert due is not None
        start = moment(promise.start).astimezone(key)
        local = due.astimezone(key)
        running = [
            start.date() + timedelta(days=n)
            for n in range((local.date() - start.date()).days + 1)
            if promise.basis == "business"
        ]
        leap = [on for on in running if (on.month, on.day) == (2, 29) and any(promise.model.minutes_of(on))]
        seen["a leap day that works"] += bool(leap)
        at = instant(due)
        seen["due at a closing instant"] += promise.model.is_open(at - 1) and not promise.model.is_open(at)
        seen[f"{promise.basis} time"] += 1
    seen["waits for the next opening"] += life.promises["attention"].start > instant(created)
    if seen["lives"] % 3:
        return
    # Forget one thing of the contract: where the promise is another one then, that thing was really put to the test.
    promised = {kind: promise.due() for kind, promise in life.promises.items()}
    for thing in THINGS:
        other = Reading(contract.without(thing)).promises(of, created)
        differs = any(promise.due() != promised[kind] for kind, promise in other.items())
        seen[f"decided by {thing}"] += differs
        if thing == "clock changes" and differs and created.year in (2021, 2022):
            seen[f"decided by a clock change of 2021 or 2022, {contract.zone}"] += 1


def note_reclassification(seen: Counter[str], life: Life, before: dict[str, datetime | None], at: datetime) -> None:
    seen["reclassified"] += 1
    for kind, was in before.items():
        now = life.due(kind)
        seen["reclassified to another deadline"] += was != now
        seen["reclassified while it waits"] += now is None
        if was is not None and now is not None:
            seen["reclassified: late before, in time now"] += was < at <= now
            seen["reclassified: in time before, late now"] += now < at <= was


def note_wait(seen: Counter[str], life: Life, before: dict[str, datetime | None], at: datetime) -> None:
    if life.waits_now:
        seen["a wait that stops the clock"] += life.due("attention") is None
        seen["a wait that stops nothing"] += life.due("attention") is not None
        seen["a wait that begins at the deadline itself"] += before["attention"] == at
        return
    since = life.waits[-1][1]
    resumed, model = life.due("attention"), life.promises["attention"].model
    if before["attention"] is None and resumed is not None:
        seen["resumed"] += 1
        seen["a wait outside the hours, which moves nothing"] += model.elapsed(instant(since), instant(at)) == 0


# In each chunk, which is five hundred contracts and two thousand tickets: about half of what comes up.
FEWEST = {
    **dict.fromkeys(WINTER_TIME, 200),
    **{f"decided by {thing}": 15 for thing in THINGS},
    "decided by clock changes": 100,
    "decided by a clock change of 2021 or 2022, America/Mexico_City": 15,
    "decided by a clock change of 2021 or 2022, America/Tijuana": 15,
    "business time": 1_500,
    "calendar time": 700,
    "a leap day that works": 20,
    "due at a closing instant": 200,
    "waits for the next opening": 150,
    "reclassified": 1_200,
    "reclassified to another deadline": 1_500,
    "reclassified while it waits": 100,
    "reclassified: late before, in time now": 100,
    "reclassified: in time before, late now": 100,
    "a wait that stops the clock": 400,
    "a wait that stops nothing": 1_000,
    "a wait that begins at the deadline itself": 50,
    "resumed": 300,
    "a wait outside the hours, which moves nothing": 40,
    "overlapping pauses": 250,
}


def lives_of(number: int, seen: Counter[str]) -> None:
    """A contract and its tickets, all of it made from the number."""
    dice = Random(number)
    year = date(dice.choice(YEARS), 1, 1)
    around = dice.choice(SPECIAL) if dice.random() < 0.7 else year + timedelta(dice.randrange(366))
    contract = contract_of(dice, around)
    try:
        product, reading = Product(contract), Reading(contract)
        for _ in range(LIVES):
            live(dice, product, reading, a_moment(dice, around, contract.zone), seen)
    except Exception as fault:
        fault.add_note(f"lives_of({number}), around {around}: {contract}")
        raise


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_promise_is_what_counting_the_minutes_says(chunk: int):
    seen: Counter[str] = Counter()
    for number in range(chunk, CONTRACTS, CHUNKS):
        lives_of(number, seen)
    too_few = {name: (seen[name], fewest) for name, fewest in FEWEST.items() if seen[name] < fewest}
    assert too_few == {}
