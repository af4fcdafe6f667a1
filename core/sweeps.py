"""Doing something to many rows in small transactions, so that a bad row stops only itself and nobody waits long for a lock."""

from collections.abc import Callable, Sequence

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)

CHUNK = 100
"""Rows locked in one transaction: whoever wants one of them waits no longer than a moment."""


def each_chunk(
    ids: Sequence[int], do: Callable[[Sequence[int]], set[int]], *, name: str, size: int = CHUNK
) -> set[int]:
    """Call `do` with `size` ids at a time, a transaction each; a chunk that fails is done one by one, and what still fails is logged.

    `do` gives the ids that it could see. Returns those left: held by another transaction, or failed.
    """
    left: set[int] = set()
    for first in range(0, len(ids), size):
        left |= _chunk(ids[first : first + size], do, name)
    return left


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
