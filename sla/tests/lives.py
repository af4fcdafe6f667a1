"""Random contracts and the lives of tickets under them, for tests: the product's clocks, kept in memory, beside the second reading."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.tests.minute_model import instant, moment
from core.worktime import ClosedDay, Window
from customers.models import ServiceTerms
from sla import ledger, schedules, targets
from sla.models import Clock, Pause
from sla.services import counting
from sla.tests.second_reading import GUIDE, STANDARD, WINTER_TIME, Class, Contract, Extra, Promise, Reading, Wait
from sla.vocabulary import ClockState

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
        usual = ((1140, 540), (1320, 360), (540, 840), (1140, 1320), (0, 1440), (150, 480))
        weekday = dice.choice((0, 1, 2, 3, 4, 5, 5, 6, 6, 6))
        opens, closes = dice.choice((*usual, (15 * dice.randrange(96), 15 * dice.randint(0, 96))))
        return Extra(weekday, opens, closes, dice.random() < 0.5, dice.random() < 0.5)

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
            # What is left to the guide is for its row to say, and none is stored here.
            pauses_for_user=contract.pauses_for_user is not False,
            pauses_for_vendor=contract.pauses_for_vendor is True,
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
            stretches = counting.pauses_of(kind, self.product.terms, self.pauses, clock.started_at)
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

    def check_ledgers(self, at: datetime) -> list[str]:
        """Each clock's ledger: every instant accounted for once, every row as open as the minutes say, the sum what has run.

        Tells the rows' reasons.
        """
        reasons = []
        for kind, plan in self.plans.items():
            promise, held = self.promises[kind], self.reading.held(kind, self.waits)
            waits = [
                ledger.Wait(a, b, cause, bool(self.reading.held(kind, [(cause, a, b)]))) for cause, a, b in self.waits
            ]
            account = ledger.Account(
                plan=plan,
                windows=self.product.windows,
                created_at=self.created,
                waits=waits if kind == "attention" else (),
            )
            found = ledger.draw(account, until=at, at=at, zone=UTC)
            used = promise.used(at, [(a, instant(at) if b is None else b) for a, b in held]) * MICROSECOND
            assert (found.total, found.due_at, found.left) == (
                used,
                self.due(kind),
                max(plan.target - used, timedelta()),
            )
            assert sum((row.counted for row in found.rows), timedelta()) == found.total
            edges = [self.created, *(row.end for row in found.rows)]
            assert [row.start for row in found.rows] == edges[:-1]
            assert edges[-1] == at
            for row in found.rows:
                assert row.end is not None
                ran = promise.model.elapsed(instant(row.start), instant(row.end)) * MICROSECOND
                if row.reason == ledger.COUNTED:
                    assert row.counted == ran == row.end - row.start
                elif row.reason == ledger.CLOSED and row.start >= plan.counts_from:
                    assert ran == row.counted == timedelta()
                reasons.append(row.reason)
        return reasons

    def check_pauses(self, stretches: Sequence[tuple[datetime, datetime | None]]) -> None:
        """The deadlines as they would be with these pauses instead."""
        held = [(instant(a), None if b is None else instant(b)) for a, b in stretches]
        for kind, plan in self.plans.items():
            assert plan.deadline(stretches) == self.promises[kind].due(held)


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
    return timedelta(hours=dice.choice((1, 12, 60, 200)) * dice.random()) + MICROSECOND


def overlapping_pauses(dice: Random, created: datetime) -> list[tuple[datetime, datetime | None]]:
    """As nobody could make them by hand: on top of each other, in no order, from before the beginning, some still open."""
    stretches: list[tuple[datetime, datetime | None]] = []
    for _ in range(dice.randint(2, 4)):
        since = created + timedelta(seconds=dice.uniform(-40_000, 200_000))
        until = None if dice.random() < 0.1 else since + timedelta(seconds=dice.uniform(0, 150_000))
        stretches.append((since, until))
    return stretches
