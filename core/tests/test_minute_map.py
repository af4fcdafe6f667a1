"""The two minute models agree: the fast one with the plain one."""

from hypothesis import given
from hypothesis import strategies as st

from core.tests.minute_map import MinuteMap
from core.tests.test_worktime_model import against_the_model, cases, pauses, spans


@against_the_model
@given(cases(), spans(6), st.data())
def test_the_fast_model_and_the_plain_one_agree(case, span, data):
    _, plain, start = case
    fast = MinuteMap(plain.zone.key, plain.windows, plain.closed_days, plain.mexican_holidays)
    for minute in range(0, 3 * 1440, 7):
        assert fast.is_open(start + minute * 60_000_000) is plain.is_open(start + minute * 60_000_000)
    target = plain.elapsed(start, start + span)
    assert fast.elapsed(start, start + span) == target
    if target:
        assert fast.next_opening(start) == plain.next_opening(start)
        drawn = data.draw(pauses(start))
        assert fast.deadline(start, target) == plain.deadline(start, target)
        assert fast.deadline(start, target, drawn) == plain.deadline(start, target, drawn)
