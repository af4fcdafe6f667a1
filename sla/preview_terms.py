"""Terms that nobody signed yet, as JSON: what a contract would do (guide 3.1, 3.4.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.worktime import DAY_MINUTES, ClosedDay, Window
from sla.models import A_YEAR
from sla.preview_input import Problems
from sla.schedules import Extension
from sla.targets import Rows
from sla.vocabulary import Basis
from tickets.vocabulary import Priority

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
MOST_WINDOWS, MOST_DAYS = 24, 1000
EXTENSION = ("windows", "includes_second_level", "works_on_holidays")


@dataclass(frozen=True, slots=True)
class Tried:
    extension: tuple[Extension, ...]
    overrides: Rows
    closed_days: frozenset[ClosedDay]


def read(given: Any, problems: Problems) -> Tried | None:
    """The terms, every key of which is optional; None, with the faults in `problems`, if they cannot be used."""
    if not isinstance(given, Mapping):
        problems.add("terms", "Debe ser un objeto.")
        return None
    before = len(problems.errors)
    problems.unknown(given, ("extension", "overrides", "closed_days"), "terms")
    extension = problems.mapping(given, "extension", "terms")
    problems.unknown(extension, EXTENSION, "terms.extension")
    windows = _windows(problems.mapping(extension, "windows", "terms.extension"), problems)
    second_level = problems.flag(extension, "includes_second_level", "terms.extension")
    on_holidays = problems.flag(extension, "works_on_holidays", "terms.extension")
    tried = Tried(
        extension=tuple(Extension(*window[:3], second_level, on_holidays) for window in windows),
        overrides=_overrides(problems.mapping(given, "overrides", "terms"), problems),
        closed_days=_closed_days(given.get("closed_days"), problems),
    )
    return tried if len(problems.errors) == before else None


def _windows(given: Mapping[str, Any], problems: Problems) -> list[Window]:
    problems.unknown(given, WEEKDAYS, "terms.extension.windows")
    windows = []
    for weekday, name in enumerate(WEEKDAYS):
        path, pairs = f"terms.extension.windows.{name}", given.get(name, [])
        if not isinstance(pairs, list | tuple) or len(pairs) > MOST_WINDOWS:
            problems.add(path, 'Debe ser una lista de horarios, como [["19:00", "24:00"]].')
            continue
        for index, pair in enumerate(pairs):
            edges = [_minute(edge) for edge in pair] if isinstance(pair, list | tuple) else []
            if len(edges) != 2 or None in edges or edges[0] == DAY_MINUTES:
                problems.add(f"{path}.{index}", "Debe ser apertura y cierre, como «19:00» y «24:00».")
                continue
            windows.append(Window(weekday, edges[0] or 0, edges[1] or 0))
    return windows


def _minute(text: Any) -> int | None:
    if not isinstance(text, str) or not (found := TIME.fullmatch(text)):
        return None
    return DAY_MINUTES if found[1] is None else int(found[1]) * 60 + int(found[2])


def _overrides(given: Mapping[str, Any], problems: Problems) -> Rows:
    problems.unknown(given, Priority.values, "terms.overrides")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for priority in Priority.values:
        path, said = f"terms.overrides.{priority}", problems.mapping(given, priority, "terms.overrides")
        minutes, clocks = ("reaction_minutes", "attention_minutes"), ("reaction_clock", "attention_clock")
        problems.unknown(said, (*minutes, *clocks), path)
        row: dict[str, Any] = {}
        for name in minutes:
            if said.get(name) is not None:
                row[name] = problems.whole(said, name, path, least=1, most=A_YEAR)
        for name in clocks:
            if said.get(name) is not None:
                row[name] = problems.choice(said, name, Basis, path)
        rows[priority, ""] = row
    return rows


def _closed_days(given: Any, problems: Problems) -> frozenset[ClosedDay]:
    if given is None:
        return frozenset()
    if not isinstance(given, list | tuple) or len(given) > MOST_DAYS:
        problems.add("terms.closed_days", f"Debe ser una lista de fechas, no más de {MOST_DAYS}.")
        return frozenset()
    days = set()
    for index, text in enumerate(given):
        try:
            days.add(ClosedDay(text if type(text) is date else date.fromisoformat(text)))
        except (TypeError, ValueError):
            problems.add(f"terms.closed_days.{index}", "Debe ser una fecha, como 2026-04-03.")
    return frozenset(days)
