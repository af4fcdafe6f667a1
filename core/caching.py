"""Configuration kept in memory for a short while, so that reading it costs a request no query.

For rows that change seldom (terms, calendars, targets, the matrix). Each process forgets after `SECONDS`; the process that edits
forgets at once. Never use it for what a customer owns.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

SECONDS = 30.0

P = ParamSpec("P")
R = TypeVar("R")
_stores: list[dict[Any, tuple[float, Any]]] = []


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Keep `function`'s answers (hashable arguments) for SECONDS."""
    store: dict[Any, tuple[float, Any]] = {}
    _stores.append(store)

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, tuple(sorted(kwargs.items())))
        found = store.get(key)
        tick = time.monotonic()
        if found is not None and tick - found[0] < SECONDS:
            value: R = found[1]
            return value
        value = function(*args, **kwargs)
        store[key] = (tick, value)
        return value

    return wrapper


def forget_all() -> None:
    """Drop every remembered answer of this process: call it after editing configuration."""
    for store in _stores:
        store.clear()
