"""Many starts, one length: the machinery under `Schedule.add_many`.

Along the line of open time the answer is simple. For a stretch of open starts it is the same shift for all of them, and for
a stretch of closed ones the same instant. Stretches are few, so for many starts it is cheaper to find those first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from operator import le

from core.timeline import EPOCH, MICROSECOND, Line, Timeline

# A stretch costs about as much to find as one answer by itself, and an interval makes about three of them.
STARTS_PER_INTERVAL = 3

Stretch = tuple[datetime, timedelta | datetime]
"""Up to which start (itself outside), and by how much its starts are shifted, or on which instant all of them end."""


def add_many(timeline: Timeline, starts: list[datetime], length: int) -> list[datetime]:
    """`timeline.add` of each of `starts` (all of them in UTC); `length` in microseconds. Errors as there."""
    if starts and length > 0:
        in_order = all(map(le, starts, islice(starts, 1, None)))
        first, last = (starts[0], starts[-1]) if in_order else (min(starts), max(starts))
        since, until = (first - EPOCH) // MICROSECOND, (last - EPOCH) // MICROSECOND
        line = timeline.line_for(since, until, length)
        intervals = bisect_right(line.opens, until) - bisect_right(line.opens, since) + 1
        if len(starts) >= STARTS_PER_INTERVAL * intervals:
            stretches = _stretches(line, since, until, length)
            return _in_order(starts, stretches) if in_order else _in_any_order(starts, list(stretches), first, last)
    return [EPOCH + timeline.add((at - EPOCH) // MICROSECOND, length) * MICROSECOND for at in starts]


def _stretches(line: Line, at: int, last: int, length: int) -> Iterator[Stretch]:
    """The stretches, one after another, that hold every start from `at` to `last`."""
    opens, closes, before, _, _ = line
    i = j = bisect_right(opens, at) - 1  # the interval of the start, and the one in which it ends
    while at <= last:
        is_open = at < closes[i]
        goal = (before[i] + at - opens[i] if is_open else before[i + 1]) + length
        while before[j + 1] < goal:
            j += 1
        end = opens[j] + goal - before[j]
        if is_open:
            shift = (end - at) * MICROSECOND
            # As far as the start is open and its end not past the closing, which itself is still an end.
            at = min(closes[i], at + closes[j] - end + 1)
            yield EPOCH + at * MICROSECOND, shift
        else:
            i += 1
            at = opens[i]
            yield EPOCH + at * MICROSECOND, EPOCH + end * MICROSECOND


def _in_order(starts: list[datetime], stretches: Iterator[Stretch]) -> list[datetime]:
    ends: list[datetime] = []
    for until, by in stretches:
        done = len(ends)
        upto = bisect_left(starts, until, done)
        ends += [by] * (upto - done) if isinstance(by, datetime) else [at + by for at in starts[done:upto]]
    return ends


def _in_any_order(starts: list[datetime], stretches: list[Stretch], first: datetime, last: datetime) -> list[datetime]:
    """Each start is looked for among the few stretches that touch its date."""
    limits = [until for until, _ in stretches]
    instants = [by if isinstance(by, datetime) else None for _, by in stretches]
    shifts = [timedelta() if isinstance(by, datetime) else by for _, by in stretches]
    day = first.toordinal()
    midnights = (datetime.combine(datetime.fromordinal(n), time(), UTC) for n in range(day, last.toordinal() + 1))
    nth = [bisect_right(limits, midnight) for midnight in midnights]  # the stretch of each date's first instant
    nth.append(len(limits))
    ends = []
    for at in starts:
        n = at.toordinal() - day
        i = bisect_right(limits, at, nth[n], nth[n + 1])
        ends.append(instants[i] or at + shifts[i])
    return ends
