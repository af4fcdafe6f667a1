"""Random contracts, tickets and lives against the model that walks minute by minute and knows nothing of the product's arithmetic."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import caching, clock
from core.tests.minute_model import MinuteModel, instant, moment
from customers.models import ClosedDay, Company, ExtensionWindow, ServiceTerms
from servicedesk.seeding.standard import GUIDE_DATE
from sla import checks
from sla.models import Breach, Clock, Target
from sla.tasks import sweep_clocks
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation, intake, resolution, triage, work

pytestmark = pytest.mark.django_db

STANDARD = [(day, 540, 1140, False) for day in range(5)]
ALWAYS = [(day, 0, 1440, True) for day in range(7)]
# Guide 3.4.2, written out again: reaction, technological attention, the other lines' attention.
GUIDE = {"critical": (40, 60, 180), "high": (60, 240, 600), "medium": (120, 480, 1200), "low": (120, 480, 1200)}
MATRIX = {
    "critical": ("critical", "critical", "high", "high"),
    "high": ("critical", "high", "high", "medium"),
    "medium": ("high", "high", "medium", "medium"),
    "low": ("medium", "medium", "low", "low"),
}
IMPACTS = ("extensive", "significant", "moderate", "minor")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    zone: str
    windows: tuple[tuple[int, int, int], ...]
    second_level: bool
    works_on_holidays: bool
    closed: tuple[datetime, ...]
    targets: dict[str, tuple[int | None, int | None, str, str]]
    pauses_for_user: bool | None


@st.composite
def terms(draw) -> Terms:
    quarter = st.integers(0, 95).map(lambda n: n * 15)
    windows = st.lists(st.tuples(st.integers(0, 6), quarter, quarter.map(lambda m: m + 15)), max_size=4)
    basis = st.sampled_from(["", "", "business", "calendar"])
    minutes = st.none() | st.integers(1, 900)
    return Terms(
        zone=draw(st.sampled_from(["America/Mexico_City", "America/Tijuana", "America/Hermosillo"])),
        windows=tuple(draw(windows)),
        second_level=draw(st.booleans()),
        works_on_holidays=draw(st.booleans()),
        closed=tuple(
            draw(st.lists(st.integers(0, 364).map(lambda n: FIRST + timedelta(days=n)), max_size=3, unique=True))
        ),
        targets=draw(
            st.dictionaries(st.sampled_from(sorted(GUIDE)), st.tuples(minutes, minutes, basis, basis), max_size=4)
        ),
        pauses_for_user=draw(st.sampled_from([None, True, False])),
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


def expected(given_terms: Terms, values: dict[str, str], created: datetime, pauses: list) -> dict[str, datetime | None]:
    """Both deadlines by the reading of the guide, told a second time."""
    closed = [day.date() for day in given_terms.closed]
    extra = [(*window, given_terms.works_on_holidays) for window in given_terms.windows]
    desk = MinuteModel(given_terms.zone, [*STANDARD, *extra], closed)
    second = desk if given_terms.second_level else MinuteModel(given_terms.zone, STANDARD, closed)
    always = MinuteModel(given_terms.zone, ALWAYS)
    priority = MATRIX[values["urgency"]][IMPACTS.index(values["impact"])]
    own = given_terms.targets.get(priority, (None, None, "", ""))
    technological, incident = values["service_line"] == "technological", values["kind"] == "incident"
    reaction = own[0] or GUIDE[priority][0]
    attention = own[1] or GUIDE[priority][1 if technological else 2]
    reaction_basis = own[2] or ("calendar" if technological and incident else "business")
    attention_basis = own[3] or ("calendar" if technological else "business")
    start, minute = instant(created), 60_000_000
    found: dict[str, int | None] = {
        "reaction": (desk if reaction_basis == "business" else always).deadline(start, reaction * minute)
    }
    if attention_basis == "calendar" and not incident:
        start = second.next_opening(start)
    held = (
        []
        if given_terms.pauses_for_user is False
        else [(instant(a), None if b is None else instant(b)) for a, b in pauses]
    )
    model = second if attention_basis == "business" else always
    found["attention"] = model.deadline(start, attention * minute, held)
    return {kind: None if at is None else moment(at) for kind, at in found.items()}


@pytest.fixture
def world(requester, agent, contract, guide):
    """Makes the random contract bind, and gives a way to forget it all again."""

    def bind(given_terms: Terms) -> None:
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
        Company.objects.filter(pk=contract.company_id).update(time_zone=given_terms.zone)
        row = ServiceTerms.objects.create(
            contract=contract,
            name="Al azar",
            valid_from=GUIDE_DATE,
            pauses_for_user=given_terms.pauses_for_user,
        )
        for day, opens, closes in given_terms.windows:
            ExtensionWindow.objects.create(
                terms=row,
                weekday=day,
                opens=opens,
                closes=closes,
                includes_second_level=given_terms.second_level,
                works_on_holidays=given_terms.works_on_holidays,
            )
        for closed in given_terms.closed:
            ClosedDay.objects.create(calendar=guide.calendar, date=closed.date(), name="Al azar")
        for priority, (reaction, attention, reaction_clock, attention_clock) in given_terms.targets.items():
            Target.objects.create(
                terms=row,
                priority=priority,
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
@given(terms(), class_of, moments)
def test_a_new_ticket_is_promised_what_the_guide_says(world, requester, given_terms, values, created):
    world(given_terms)
    report = intake.Report(title="x", description="x", **values)
    ticket = intake.receive(report, by=requester, channel="web", at=created)
    assert due_of(ticket) == expected(given_terms, values, created, [])


@settings(LIGHT, max_examples=20)
@given(terms(), class_of, class_of, moments, st.lists(gaps, min_size=2, max_size=6), st.booleans(), st.booleans())
def test_a_life_of_waits_sweeps_and_a_reclassification(
    world, requester, agent, given_terms, values, others, created, waits, sweeps, ends
):
    world(given_terms)
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
            assert due_of(ticket)["attention"] == expected(given_terms, values, created, pauses)["attention"]
            assert list(checks.invariants()) == []
    at += timedelta(hours=1)
    before = due_of(ticket)["attention"]
    with clock.at(at):
        changes = {name: value for name, value in others.items() if value != values[name]}
        if changes:
            triage.reclassify(ticket, by=agent, reason="x", changes=changes)
        after = expected(given_terms, others, created, pauses)["attention"]
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
@given(terms(), class_of, moments, st.lists(st.tuples(moments, gaps), max_size=3), st.booleans())
def test_the_ledger_accounts_for_every_instant_and_adds_up(
    world, agent, contract, given_terms, values, created, stretches, open_end
):
    from sla.preview import preview

    world(given_terms)
    pauses = [
        {"start": created + (start - FIRST) / 60, "end": created + (start - FIRST) / 60 + gap}
        for start, gap in stretches
    ]
    if open_end and pauses:
        pauses[-1]["end"] = None
    data = {"contract": contract.pk, **values, "created_at": created, "pauses": pauses}
    found = preview(data, actor=agent, at=created)
    given_terms = Terms(**{**vars(given_terms), "pauses_for_user": True})
    known = expected(given_terms, values, created, [(pause["start"], pause["end"]) for pause in pauses])
    assert {"reaction": found.reaction_due_at, "attention": found.attention_due_at} == known
    for ledger in found.ledger.values():
        assert sum((row.counted for row in ledger.rows), timedelta()) == ledger.total
        assert ledger.total + ledger.left == ledger.target
        assert all(a.end == b.start for a, b in pairwise(ledger.rows))
        assert not ledger.rows or ledger.rows[0].start == created
        if ledger.due_at is not None:
            assert (ledger.rows[-1].end, ledger.left) == (ledger.due_at, timedelta())
        assert ledger.sentence[0].isupper()
