"""Doing something to many rows in small transactions, so that a bad row stops only itself and nobody waits long for a lock."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import structlog
from django.db import connection, transaction

log = structlog.get_logger(__name__)

CHUNK = 100
"""Rows locked in one transaction: whoever wants one of them waits no longer than a moment."""


def each_chunk(
    ids: Sequence[int], do: Callable[[Sequence[int]], set[int]], *, name: str, size: int = CHUNK, at_once: int = 1
) -> set[int]:
    """Call `do` with `size` ids at a time, a transaction each; a chunk that fails is done one by one, and what still fails is logged.

    `do` gives the ids that it could see. Returns those left: held by another transaction, or failed. With `at_once` more than one, and
    where rows can be locked, that many threads do a chunk each: one reckons while the server works for another. `do` must allow it.
    """
    chunks = iter([ids[first : first + size] for first in range(0, len(ids), size)])

    def work() -> set[int]:
        return {pk for chunk in chunks for pk in _chunk(chunk, do, name)}

    locks = connection.features.has_select_for_update_skip_locked and not connection.in_atomic_block
    helpers = at_once - 1 if locks and len(ids) > size else 0
    if not helpers:
        return work()
    with ThreadPoolExecutor(helpers) as pool:
        others = [pool.submit(copy_context().run, _apart, work) for _ in range(helpers)]
        return work().union(*(other.result() for other in others))


def _apart(work: Callable[[], set[int]]) -> set[int]:
    """In a thread, on a connection that ends with it."""
    try:
        return work()
    finally:
        connection.close()


Batch = Callable[[Sequence[int]], tuple[int, set[int]]]
"""Does up to a batch without the ids given, and says how many rows it looked at and which ids it left."""


def drain(batch: Batch, *, full: int, most: int) -> int:
    """Batches until one is not `full`, or `most` were done: the rest waits for the next run. Returns how many rows were looked at."""
    looked, left = 0, set[int]()
    for _ in range(most):
        found, missed = batch(sorted(left))
        looked += found
        left |= missed
        if found < full:
            break
    return looked


def _chunk(ids: Sequence[int], do: Callable[[Sequence[int]], set[int]], name: str) -> set[int]:
    try:
        with transaction.atomic():
            return set(ids) - do(ids)
    except Exception:
        if len(ids) == 1:
            log.exception(f"{name}_failed", row=ids[0])
            return set(ids)
        log.warning(f"{name}_split", rows=len(ids))
        return {pk for one in ids for pk in _chunk([one], do, name)}
