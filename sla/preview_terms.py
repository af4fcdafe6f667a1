"""Terms that nobody signed yet, as JSON: what a contract would do (guide 3.1, 3.4.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.worktime import DAY_MINUTES, UNNAMED, ClosedDay
from sla.models import A_YEAR
from sla.preview_input import Problems
from sla.schedules import Extension
from sla.targets import Rows
from sla.vocabulary import Basis, PauseCause
from tickets.vocabulary import Priority

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
MOST_WINDOWS, MOST_DAYS, LONGEST_NAME = 24, 1000, 80
FLAGS = ("includes_second_level", "works_on_holidays")
PAUSES = {"pauses_for_user": PauseCause.USER, "pauses_for_vendor": PauseCause.VENDOR}
KEYS = ("extension", "overrides", "closed_days", *PAUSES)


@dataclass(frozen=True, slots=True)
class Tried:
    extension: tuple[Extension, ...]
    overrides: Rows
    closed_days: frozenset[ClosedDay]
    pauses: Mapping[str, bool]


def read(given: Any, problems: Problems) -> Tried | None:
    """The terms, every key of which is optional; None, with the faults in `problems`, if they cannot be used."""
    if not isinstance(given, Mapping):
        problems.add("terms", "Debe ser un objeto.")
        return None
    before = len(problems.errors)
    problems.unknown(given, KEYS, "terms")
    extension = problems.mapping(given, "extension", "terms")
    problems.unknown(extension, ("windows", *FLAGS), "terms.extension")
    flags = {name: problems.flag(extension, name, "terms.extension") for name in FLAGS}
    tried = Tried(
        extension=_windows(problems.mapping(extension, "windows", "terms.extension"), flags, problems),
        overrides=_overrides(problems.mapping(given, "overrides", "terms"), problems),
        closed_days=_closed_days(given.get("closed_days"), problems),
        pauses={
            cause.value: problems.flag(given, name, "terms")
            for name, cause in PAUSES.items()
            if given.get(name) is not None
        },
    )
    return tried if len(problems.errors) == before else None


def _windows(given: Mapping[str, Any], flags: Mapping[str, bool], problems: Problems) -> tuple[Extension, ...]:
    """A window is a pair of hours, or an object that says its own flags; `flags` are those of the whole extension."""
    problems.unknown(given, WEEKDAYS, "terms.extension.windows")
    windows = []
    for weekday, name in enumerate(WEEKDAYS):
        path, items = f"terms.extension.windows.{name}", given.get(name, [])
        if not isinstance(items, list | tuple) or len(items) > MOST_WINDOWS:
            problems.add(path, 'Debe ser una lista de horarios, como [["19:00", "24:00"]].')
            continue
        for index, item in enumerate(items):
            own = dict(flags)
            if isinstance(item, Mapping):
                problems.unknown(item, ("opens", "closes", *FLAGS), f"{path}.{index}")
                own |= {flag: problems.flag(item, flag, f"{path}.{index}") for flag in FLAGS if flag in item}
                item = [item.get("opens"), item.get("closes")]
            edges = [_minute(edge) for edge in item] if isinstance(item, list | tuple) else []
            if len(edges) != 2 or None in edges or edges[0] == DAY_MINUTES:
                problems.add(f"{path}.{index}", "Debe ser apertura y cierre, como «19:00» y «24:00».")
                continue
            windows.append(Extension(weekday, edges[0] or 0, edges[1] or 0, *(own[flag] for flag in FLAGS)))
    return tuple(windows)


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
    """Dates, or objects with `date` and `name`."""
    if given is None:
        return frozenset()
    if not isinstance(given, list | tuple) or len(given) > MOST_DAYS:
        problems.add("terms.closed_days", f"Debe ser una lista de fechas, no más de {MOST_DAYS}.")
        return frozenset()
    days: dict[date, ClosedDay] = {}
    item: Any
    name: Any
    for index, item in enumerate(given):
        path, name = f"terms.closed_days.{index}", UNNAMED
        if isinstance(item, Mapping):
            problems.unknown(item, ("date", "name"), path)
            item, name = item.get("date"), item.get("name") or UNNAMED
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            problems.add(f"{path}.name", f"Debe ser un texto de no más de {LONGEST_NAME} caracteres.")
            continue
        try:
            on = item if type(item) is date else date.fromisoformat(item)
            days.setdefault(on, ClosedDay(on, name))
        except (TypeError, ValueError):
            problems.add(path, "Debe ser una fecha, como 2026-04-03.")
    return frozenset(days.values())
