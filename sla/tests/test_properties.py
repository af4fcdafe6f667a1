"""Random contracts, tickets and lives through the real services and a database, against the second reading of the guide.

What is only arithmetic is asked of many thousands in `test_promises`; here it is whether what is stored says the same.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import caching, clock
from customers.models import ClosedDay, Company, ExtensionWindow, ServiceTerms, TermsClosedDay
from servicedesk.seeding.standard import GUIDE_DATE
from sla import checks
from sla.models import Breach, Clock, Target
from sla.tasks import sweep_clocks
from sla.tests.second_reading import GUIDE, WINTER_TIME, Class, Contract, Extra, Reading
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = pytest.mark.django_db

MATRIX = {
    "critical": ("critical", "critical", "high", "high"),
    "high": ("critical", "high", "high", "medium"),
    "medium": ("high", "high", "medium", "medium"),
    "low": ("medium", "medium", "low", "low"),
}
IMPACTS = ("extensive", "significant", "moderate", "minor")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

quarters = st.integers(0, 95).map(lambda n: n * 15)
minutes = st.none() | st.integers(1, 900)
basis = st.sampled_from(["", "", "business", "calendar"])
dates = st.integers(0, 364).map(lambda n: (FIRST + timedelta(days=n)).date())
contracts = st.builds(
    Contract,
    zone=st.sampled_from(sorted(WINTER_TIME)),
    calendar_days=st.frozensets(dates, max_size=3),
    own_days=st.frozensets(dates, max_size=3),
    extra=st.lists(
        st.builds(Extra, st.integers(0, 6), quarters, quarters.map(lambda m: m + 15), st.booleans(), st.booleans()),
        max_size=4,
    ).map(tuple),
    says=st.dictionaries(
        st.tuples(st.sampled_from(sorted(GUIDE)), st.sampled_from(["", "", "functional", "technological"])),
        st.tuples(minutes, minutes, basis, basis),
        max_size=4,
    ),
    pauses_for_user=st.sampled_from([None, True, False]),
)
class_of = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["incident", "request", "problem", "change"]),
        "service_line": st.sampled_from(["functional", "technical", "technological"]),
        "impact": st.sampled_from(IMPACTS),
        "urgency": st.sampled_from(sorted(MATRIX)),
    }
)
moments = st.integers(0, 360 * 86_400_000_000).map(lambda us: FIRST + timedelta(microseconds=us))
gaps = st.integers(1, 40 * 3_600_000_000).map(lambda us: timedelta(microseconds=us))


def expected(bound: Contract, values: dict[str, str], created: datetime, pauses: list) -> dict[str, datetime | None]:
    """Both deadlines by the second reading; the pauses are waits for the user."""
    reading = Reading(bound)
    priority = MATRIX[values["urgency"]][IMPACTS.index(values["impact"])]
    promises = reading.promises(Class(values["kind"], values["service_line"], priority), created)
    waits = [("user", start, end) for start, end in pauses]
    return {kind: promise.due(reading.held(kind, waits)) for kind, promise in promises.items()}


@pytest.fixture
def world(requester, agent, contract, guide):
    """Makes the random contract bind, and gives a way to forget it all again."""

    def bind(given: Contract, own_zone: bool = False) -> None:
        TicketEvent.objects.all().delete()
        for row in Ticket.objects.all():
            for name in ("pauses", "breaches", "clock_changes"):
                getattr(row, name).all().delete()
            for each in row.clocks.all():
                each.notices.all().delete()
                each.delete()
            row.messages.all().delete()
            row.delete()
        ServiceTerms.objects.filter(contract=contract).delete()
        ClosedDay.objects.all().delete()
        company_zone = "Europe/Madrid" if own_zone else given.zone
        Company.objects.filter(pk=contract.company_id).update(time_zone=company_zone)
        row = ServiceTerms.objects.create(
            contract=contract,
            name="Al azar",
            valid_from=GUIDE_DATE,
            pauses_for_user=given.pauses_for_user,
            time_zone=given.zone if own_zone else "",
        )
        for x in given.extra:
            ExtensionWindow.objects.create(
                terms=row,
                weekday=x.weekday,
                opens=x.opens,
                closes=x.closes,
                includes_second_level=x.second_level,
                works_on_holidays=x.works_on_holidays,
            )
        for on in given.calendar_days:
            ClosedDay.objects.create(calendar=guide.calendar, date=on, name="Al azar")
        for on in given.own_days:
            TermsClosedDay.objects.create(terms=row, date=on, name="Al azar")
        for (priority, line), (reaction, attention, reaction_clock, attention_clock) in given.says.items():
            Target.objects.create(
                terms=row,
                priority=priority,
                service_line=line,
                reaction_minutes=reaction,
                attention_minutes=attention,
                reaction_clock=reaction_clock,
                attention_clock=attention_clock,
            )
        caching.forget_all()

    return bind


def due_of(ticket: Ticket) -> dict[str, datetime | None]:
    return dict(Clock.objects.filter(ticket=ticket).values_list("kind", "due_at"))


LIGHT = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@LIGHT
@given(contracts, st.booleans(), class_of, moments)
def test_a_new_ticket_is_promised_what_the_guide_says(world, requester, bound, own_zone, values, created):
    world(bound, own_zone)
    report = intake.Report(title="x", description="x", **values)
    ticket = intake.receive(report, by=requester, channel="web", at=created)
    assert due_of(ticket) == expected(bound, values, created, [])


@settings(LIGHT, max_examples=20)
@given(contracts, class_of, class_of, moments, st.lists(gaps, min_size=2, max_size=6), st.booleans(), st.booleans())
def test_a_life_of_waits_sweeps_and_a_reclassification(
    world, requester, agent, bound, values, others, created, waits, sweeps, ends
):
    world(bound)
    report = intake.Report(title="x", description="x", **values)
    ticket = intake.receive(report, by=requester, channel="web", at=created)
    at, pauses = created, []
    triage.open(ticket, by=agent, at=at)
    for index, gap in enumerate(waits):
        at += gap
        with clock.at(at):
            if index % 2 == 0:
                work.wait_for_user(ticket, by=agent, message="¿?")
                pauses.append((at, None))
            else:
                conversation.reply(ticket, by=requester, message="Va.")
                pauses[-1] = (pauses[-1][0], at)
            if sweeps:
                sweep_clocks()
            assert due_of(ticket)["attention"] == expected(bound, values, created, pauses)["attention"]
            assert list(checks.invariants()) == []
    at += timedelta(hours=1)
    before = due_of(ticket)["attention"]
    with clock.at(at):
        changes = {name: value for name, value in others.items() if value != values[name]}
        if changes:
            triage.reclassify(ticket, by=agent, reason="x", changes=changes)
        after = expected(bound, others, created, pauses)["attention"]
        assert due_of(ticket)["attention"] == after
        sweep_clocks()
        for missed in {before, after}:
            if missed is not None and missed < at:
                row = Breach.objects.get(ticket=ticket, kind="attention", due_at=missed)
                assert (row.corrected_at is None) == (missed == after)
        if ends:
            resolution.solve(ticket, by=agent, solution_type="definitive", solution="x")
        sweep_clocks()
        assert list(checks.invariants()) == []
    assert [n for (n,) in TicketEvent.objects.filter(ticket=ticket).values_list("sequence")] == list(
        range(1, Ticket.objects.get(pk=ticket.pk).version + 1)
    )


@LIGHT
@given(contracts, class_of, moments, st.lists(st.tuples(moments, gaps), max_size=3), st.booleans())
def test_the_ledger_accounts_for_every_instant_and_adds_up(
    world, agent, contract, bound, values, created, stretches, open_end
):
    from sla.preview import preview

    world(bound)
    pauses = [
        {"start": created + (start - FIRST) / 60, "end": created + (start - FIRST) / 60 + gap}
        for start, gap in stretches
    ]
    if open_end and pauses:
        pauses[-1]["end"] = None
    data = {"contract": contract.pk, **values, "created_at": created, "pauses": pauses}
    found = preview(data, actor=agent, at=created)
    known = expected(
        replace(bound, pauses_for_user=True), values, created, [(pause["start"], pause["end"]) for pause in pauses]
    )
    assert {"reaction": found.reaction_due_at, "attention": found.attention_due_at} == known
    for ledger in found.ledger.values():
        assert sum((row.counted for row in ledger.rows), timedelta()) == ledger.total
        assert ledger.total + ledger.left == ledger.target
        assert all(a.end == b.start for a, b in pairwise(ledger.rows))
        assert not ledger.rows or ledger.rows[0].start == created
        if ledger.due_at is not None:
            assert (ledger.rows[-1].end, ledger.left) == (ledger.due_at, timedelta())
        assert ledger.sentence[0].isupper()
