"""What the register of complaints adds up to: medians, nine of ten, shares, months in the desk's zone, and only what the reader may see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from servicedesk.seeding.escalation import CUSTOMERS
from servicedesk.testing import TUESDAY
from surveys import voice_figures, voice_register
from surveys.models import Voice
from surveys.services import hearing, voices
from surveys.services.waiting import sweep
from surveys.voice_figures import Spread

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(days=3)


@pytest.fixture
def heard(requester, supervisor, matrices, draft):
    """`heard(minutes, …)`: a complaint answered so many minutes after it came; None leaves it unanswered."""

    def build(minutes=None, at=TUESDAY, by=requester, **changes) -> Voice:
        with clock.at(at):
            row = hearing.receive(draft(**changes), by=by, channel="web")
        if minutes is None:
            return row
        with clock.at(at + timedelta(minutes=minutes)):
            return voices.answer(row, by=supervisor, text="Ya.", decision="accepted")

    return build


def figures(actor, at=LATER, months=12, **changes):
    return voice_figures.of(actor, since=voice_figures.begins(at, months), at=at, **changes)


def minutes(*numbers):
    return [timedelta(minutes=number) for number in numbers]


@pytest.mark.parametrize(
    ("spans", "median", "ninth"),
    [
        ([7], 7, 7),
        ([10, 20], 15, 20),
        ([30, 10, 20], 20, 30),
        ([10, 20, 30, 41], 25, 41),
        (list(range(1, 11)), 5.5, 9),
        (list(range(1, 12)), 6, 10),
        ([5, 5, 5, 90], 5, 90),
    ],
)
def test_the_median_and_nine_of_ten(heard, supervisor, spans, median, ninth):
    for span in spans:
        heard(span)
    found = figures(supervisor)
    assert found.answer == Spread(len(spans), *minutes(median, ninth))
    assert found.acknowledge == found.answer


def test_without_any_there_is_no_result(supervisor, matrices, now):
    found = figures(supervisor)
    assert (found.total.total, found.total.percent) == (0, None)
    assert found.answer == found.acknowledge == Spread(0, None, None)
    assert (found.areas, found.companies, found.directions) == ([], [], [])
    assert [share.total for share in found.months] == [0] * 12
    assert [share.key for share in found.states] == ["received", "acknowledged", "in_analysis", "answered", "closed"]


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (0, 0, None),
        (0, 3, 0),
        (3, 3, 100),
        (1, 3, 33.3),
        (2, 3, 66.7),
        (1, 8, 12.5),
        (1, 16, 6.3),
        (9999, 10000, 99.9),
        (1, 9999, 0.1),
    ],
)
def test_a_share_is_rounded_away_from_zero_and_never_to_all_or_nothing(part, whole, told):
    assert voice_figures.percent(part, whole) == told


def test_an_answer_is_on_time_by_what_the_first_level_promised(heard, supervisor):
    promised = heard(10).steps.get().answer_by
    late = int((promised - TUESDAY).total_seconds() // 60) + 1
    heard(late)
    heard()
    found = figures(supervisor, at=promised + timedelta(minutes=5))
    assert (found.total.total, found.total.decided, found.total.on_time) == (3, 3, 1)
    assert found.total.percent == 33.3
    assert (found.pending, found.late, found.answered) == (1, 1, 2)


def test_what_is_still_within_its_time_is_not_decided(heard, supervisor):
    heard()
    found = figures(supervisor, at=TUESDAY + timedelta(minutes=1))
    assert (found.total.decided, found.late, found.pending) == (0, 0, 1)


def test_what_was_withdrawn_in_time_is_neither_on_time_nor_late(heard, supervisor, requester):
    row = heard()
    with clock.at(TUESDAY + timedelta(minutes=5)):
        voices.withdraw(row, by=requester)
    found = figures(supervisor)
    assert (found.total.decided, found.withdrawn, found.closed) == (0, 1, 1)


def test_an_appeal_keeps_the_time_of_the_first_answer(heard, supervisor, requester):
    row = heard(30)
    with clock.at(TUESDAY + timedelta(minutes=60)):
        voices.appeal(row, by=requester, reason="No responde.")
    found = figures(supervisor, at=TUESDAY + timedelta(minutes=70))
    assert found.answer.median == timedelta(minutes=30)
    assert (found.appealed, found.answered, found.pending, found.late) == (1, 1, 1, 0)


def test_months_are_the_desks_own(heard, supervisor):
    heard(at=datetime(2026, 2, 1, 5, 59, tzinfo=UTC))
    heard(at=datetime(2026, 2, 1, 6, 0, tzinfo=UTC))
    months = {share.key.month: share.total for share in figures(supervisor, months=3).months}
    assert months == {1: 1, 2: 1, 3: 0}
    assert voice_figures.begins(datetime(2026, 1, 1, 5, tzinfo=UTC), 1) == datetime(2025, 12, 1, 6, tzinfo=UTC)
    january = Voice.objects.filter(voice_register.of_month(2026, 1))
    assert [row.created_at for row in january] == [datetime(2026, 2, 1, 5, 59, tzinfo=UTC)]


def test_lines_add_up_to_the_whole(heard, supervisor, outsider, monkeypatch):
    monkeypatch.setattr(voice_figures, "COMPANIES", 1)
    heard(5)
    heard(5, kind="suggestion")
    heard(5, by=outsider, area="Monitoreo")
    found = figures(supervisor)
    assert [(share.key, share.total) for share in found.directions] == [(CUSTOMERS, 3)]
    assert [(share.key[1], share.complaints, share.suggestions) for share in found.areas] == [
        ("Mesa de Servicio", 1, 1),
        ("Monitoreo", 1, 0),
    ]
    assert [(share.key, share.total, share.on_time) for share in found.companies] == [
        ("Grupo Alborada", 2, 2),
        ("", 1, 1),
    ]
    assert {share.key: share.total for share in found.states if share.total} == {"answered": 3}
    assert figures(supervisor, company=outsider.valid_user.company_id).total.total == 1


def test_what_points_at_the_reader_is_in_no_number(heard, supervisor, manager, agent):
    row = heard(5)
    voices.point_at(row, by=supervisor, people=[manager], reason="Lo nombra.")
    assert figures(manager).total.total == 0
    assert figures(supervisor).total.total == 1
    assert figures(agent).total.total == 1


def test_the_sums_cost_the_same_for_one_and_for_many(heard, supervisor, django_assert_num_queries):
    heard(5)
    with CaptureQueriesContext(connection) as one:
        figures(supervisor)
    for minute in range(6):
        heard(minute + 1, area="Monitoreo")
    with django_assert_num_queries(len(one)):
        figures(supervisor)
    assert len(one) == 3


def test_one_that_let_its_time_pass_is_late_until_somebody_answers(heard, supervisor, requester):
    row = heard()
    due = row.next_at
    with clock.at(due + timedelta(minutes=1)):
        assert late(row)
        sweep(clock.now())
        assert row.steps.count() == 2
        assert late(row)
        row = voices.answer(Voice.objects.get(pk=row.pk), by=supervisor, text="Ya.")
        assert not voice_register.is_late(row, clock.now())
        row = voices.appeal(row, by=requester, reason="No responde.")
        assert not late(row)


def late(row: Voice) -> bool:
    """By the row in hand and by the query, which agree."""
    now, fresh = clock.now(), Voice.objects.get(pk=row.pk)
    found = Voice.objects.filter(voice_register.late(now), pk=row.pk).exists()
    assert found == voice_register.is_late(fresh, now)
    return found
