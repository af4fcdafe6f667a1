"""The one place that reads the time. Everything else asks here, so a test (or the demo's past) can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_fixed: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)


def now() -> datetime:
    """The present moment, an aware UTC datetime."""
    return _fixed.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Hold the clock at `moment` (aware) for the code inside, in this thread or task only."""
    if moment.tzinfo is None:
        raise ValueError("clock.at needs an aware datetime")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _fixed.reset(token)
