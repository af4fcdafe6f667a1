"""Domain events and what follows from them.

Services publish frozen dataclasses. The table in `settings.REACTIONS` (a module with a `REACTIONS` mapping) says which handlers
follow: `inside` handlers run in order in the publisher's transaction; `after` handlers become one `Delivery` row each, in the same
transaction, and a job runs them later, retrying. Celery is only the wake-up call: the rows are the truth.
"""

import dataclasses
import importlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction

from core import clock

REGISTRY: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every event: a fact in the past tense, JSON-serialisable, with ids instead of rows."""

    event_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = cls.__name__
        REGISTRY[cls.__name__] = cls

    def payload(self) -> dict[str, Any]:
        """The event as plain JSON values, to store beside the handler's name. Fields marked `transient` stay in memory only."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if not f.metadata.get("transient")}


def rebuild(name: str, payload: Mapping[str, Any]) -> Event:
    """The event a stored row stands for. Fields this release does not know are dropped, so old and new workers can overlap."""
    cls = REGISTRY[name]
    known = {f.name for f in dataclasses.fields(cls)}
    return cls(**{key: value for key, value in payload.items() if key in known})


Handler = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Reaction:
    handler: Handler
    when: str

    @property
    def path(self) -> str:
        return f"{self.handler.__module__}:{self.handler.__qualname__}"


def inside(handler: Handler) -> Reaction:
    """Run `handler` in the publisher's transaction: for what must be consistent with it."""
    return Reaction(handler, "inside")


def after(handler: Handler) -> Reaction:
    """Run `handler` after the commit, from a row, at least once: the handler must be safe to repeat."""
    return Reaction(handler, "after")


@cache
def reactions() -> Mapping[type[Event], list[Reaction]]:
    module = importlib.import_module(settings.REACTIONS)
    table: Mapping[type[Event], list[Reaction]] = module.REACTIONS
    return table


@cache
def guards(transition: str) -> list[Callable[..., Any]]:
    """The extra conditions that apps to the right put on a transition; each returns a Verdict."""
    module = importlib.import_module(settings.REACTIONS)
    return list(module.GUARDS.get(transition, []))


def resolve(path: str) -> Handler:
    module, _, name = path.partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def publish(event: Event) -> None:
    """Tell the product that `event` happened. Must run inside the transaction that made it happen.

    Side effects: runs the `inside` handlers; writes one Delivery row per `after` handler, and wakes the runner on commit.
    """
    publish_all([event])


def publish_all(events: Sequence[Event]) -> None:
    """`publish` for many at once: one insert and one wake-up, however many there are."""
    from core.bulk import insert_values
    from core.models import Delivery

    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{', '.join(event.name for event in events)} published outside a transaction")
    rows = []
    for event in events:
        table = reactions().get(type(event), [])
        for reaction in table:
            if reaction.when == "inside":
                reaction.handler(event)
        owed = [reaction.path for reaction in table if reaction.when == "after"]
        payload, at = event.payload() if owed else {}, clock.now()
        rows += [(event.event_id, event.name, path, payload, at, at) for path in owed]
    if rows:
        insert_values(Delivery, ("event_id", "event", "handler", "payload", "created_at", "next_at"), rows)
        wake("core.run_deliveries")


def wake(task: str) -> None:
    """Ask the worker to run `task` soon, once the transaction commits. Losing the request costs only a few seconds."""
    from core.tasks import request

    transaction.on_commit(lambda: request(task), robust=True)
