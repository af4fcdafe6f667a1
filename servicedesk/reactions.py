"""THE table: what follows from what. Read it to know everything that happens after an event, and which extra guards a transition has."""

from collections.abc import Callable, Mapping
from typing import Any

from core.events import Event, Reaction

REACTIONS: Mapping[type[Event], list[Reaction]] = {}

GUARDS: Mapping[str, list[Callable[..., Any]]] = {}
