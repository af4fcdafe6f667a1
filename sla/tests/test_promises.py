"""Thousands of random contracts, tickets, waits and reclassifications, without a database, against a second reading of the guide.

The clocks here are the product's own, reckoned by its own rules and kept in memory; `second_reading` counts open minutes. Every life is made
from a number, so a failure names the one to try again: `lives_of(n)`. Whether the hard cases really came up is counted, and too few of them
fail the test as well.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from core.tests.minute_model import instant, moment
from sla.tests.lives import SPECIAL, YEARS, Life, Product, a_class, a_gap, a_moment, contract_of, overlapping_pauses
from sla.tests.second_reading import THINGS, WINTER_TIME, Class, Reading

CONTRACTS, CHUNKS, LIVES = 3_000, 6, 4


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
        seen.update(f"ledger: {reason}" for reason in life.check_ledgers(at))
        stretches = overlapping_pauses(dice, created)
        life.check_pauses(stretches)
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
        seen["opens in an hour that the clocks skip"] += any(
            skips_half_past_two(on, key)
            and any(day == on.weekday() and opens == 150 for day, opens, _, _ in promise.model.windows)
            for on in running
        )
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


def skips_half_past_two(on: date, key: ZoneInfo) -> bool:
    wall = datetime(on.year, on.month, on.day, 2, 30, tzinfo=key)
    return wall.astimezone(UTC).astimezone(key).hour != 2


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
    "opens in an hour that the clocks skip": 2,
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
    "ledger: counted": 700,
    "ledger: closed": 600,
    "ledger: paused": 80,
    "ledger: late": 400,
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
