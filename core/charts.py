"""Geometry of the small charts drawn on the server. Numbers in, coordinates out; the drawing is `templates/ui/chart.html`.

Coordinates are text with one decimal, so that the page's locale never writes a comma into an SVG attribute.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

WIDTH = 470
NARROW = 340
"""Of a drawing that fits a telephone."""
LABEL = 17
"""Letters."""
LETTER = 6.5
"""Width of one, at most, in the units of the drawing."""
SERIES = ("ok", "risk", "late")
SERIES_WORDS = {
    "ok": "en tiempo",
    "work": "sin plazo corriendo",
    "paused": "en pausa",
    "risk": "en riesgo",
    "late": "vencidos",
}


def px(value: float) -> str:
    return f"{value:.1f}"


def number(value: float, unit: str = "") -> str:
    """A value as text: whole numbers without decimals, one decimal else, the unit after a space."""
    text = str(int(value)) if float(value).is_integer() and not unit else f"{value:.1f}"
    return f"{text} {unit}".strip()


def _short(label: str) -> str:
    """What fits at the left of a lying bar; its title and the table say it whole."""
    return label if len(label) <= LABEL else f"{label[: LABEL - 1].rstrip()}…"


def bars(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Upright bars over a common ground line. They are drawn for a telephone where their labels have room there."""
    ground, room = 112.0, 90.2
    longest = max((len(point["label"]) for point in points), default=0) * LETTER
    paper = NARROW if longest * len(points) <= NARROW - 8 else WIDTH
    top = max((point["value"] for point in points), default=0) or 1
    step = (paper - 8) / max(len(points), 1)
    width = min(52.0, step * 0.68)
    marks = []
    for index, point in enumerate(points):
        height = max(point["value"] / top * room, 2.0 if point["value"] else 0.0)
        x = 8 + index * step
        marks.append(
            {
                "label": point["label"],
                "value": number(point["value"]),
                "tone": point.get("tone") or "ok",
                "x": px(x),
                "y": px(ground - height),
                "width": px(width),
                "height": px(height),
                "middle": px(x + width / 2),
                "value_y": px(ground - height - 7),
            }
        )
    return {"width": paper, "height": 138, "marks": marks, "ground": px(ground), "label_y": px(ground + 18)}


def stacked(points: Sequence[Mapping[str, Any]], series: Mapping[str, str]) -> dict[str, Any]:
    """One lying bar per row, cut into the series: tone -> its word. A point's `text` stands at its end in place of the sum.

    A `hidden` point's numbers are nobody's to read: they are zeros here, and its text says why.
    """
    left, gap = 104.0, 1.5
    sums = [sum(point[name] for name in series) for point in points]
    ends = [point.get("text") or number(total) for point, total in zip(points, sums, strict=True)]
    room = NARROW - left - 10 - max(map(len, ends), default=0) * LETTER
    top = max(sums, default=0) or 1
    marks = []
    for index, point in enumerate(points):
        y, x, parts = 4 + index * 27, left, []
        for name in series:
            if point[name]:
                width = max(point[name] / top * room - gap, 2.0)
                parts.append({"tone": name, "x": px(x), "width": px(width)})
                x += width + gap
        spoken = ", ".join(f"{point[name]} {word}" for name, word in series.items())
        if point.get("hidden"):
            spoken = point["text"]
        marks.append(
            {
                "label": _short(point["label"]),
                "title": f"{point['label']}: {spoken}",
                "parts": parts,
                "y": y,
                "text_y": y + 12,
                "value": ends[index],
                "value_x": px(x + 5),
            }
        )
    return {"width": NARROW, "height": 27 * len(points) + 5, "marks": marks}


def line(points: Sequence[Mapping[str, Any]], goal: float | None, unit: str) -> dict[str, Any]:
    """A line over its area between three grid lines, with the goal dashed."""
    left, right, top, bottom = 34.0, 440.0, 10.0, 120.0
    values = [float(point["value"]) for point in points] + ([float(goal)] if goal is not None else [])
    low, high = (floor(min(values) / 5) * 5, ceil(max(values) / 5) * 5) if values else (0, 5)
    if low == high:
        low, high = low - 5, high + 5
    if unit == "%":
        high = min(high, 100) if high > low else high

    def across(index: int) -> float:
        return left if len(points) < 2 else left + index * (right - left) / (len(points) - 1)

    def up(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    marks = [
        {
            "label": point["label"],
            "value": number(point["value"], unit),
            "x": px(across(index)),
            "y": px(up(point["value"])),
        }
        for index, point in enumerate(points)
    ]
    path = " ".join(f"{mark['x']},{mark['y']}" for mark in marks)
    last = marks[-1] if marks else None
    return {
        "height": 150,
        "marks": marks,
        "path": path,
        "area": f"{px(left)},{px(bottom)} {path} {last['x']},{px(bottom)}" if last else "",
        "grid": [
            {"y": px(up(value)), "text_y": px(up(value) + 4), "label": f"{value:g} {unit}".strip()}
            for value in (low, (low + high) / 2, high)
        ],
        "goal_y": px(up(goal)) if goal is not None else "",
        "last_y": px(float(last["y"]) - 10) if last else "",
    }


def intervals(points: Sequence[Mapping[str, Any]], low: float, high: float) -> dict[str, Any]:
    """One lying row per point: a dot at its `value` between the ends of its interval, over an axis from `low` to `high` with its middle.

    A point without a value (None) has only its words.
    """
    left, room, top = 104.0, 180.0, 18

    def across(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * room

    marks = []
    for index, point in enumerate(points):
        y = top + 8 + index * 27
        mark = {
            "label": _short(point["label"]),
            "title": f"{point['label']}: {point['text']}" + (f", {point['range']}" if point["range"] else ""),
            "value": point["text"],
            "y": y + 8,
            "text_y": y + 12,
            "value_x": px(left + room + 10),
            "x": "",
        }
        if point["value"] is not None:
            mark |= {
                "x": px(across(point["value"])),
                "low": px(across(point["low"])),
                "high": px(across(point["high"])),
                "cap": f"{y + 3}v10",
            }
        marks.append(mark)
    height = top + 27 * len(points) + 8
    grid = [
        {"x": px(across(value)), "label": f"{value:g}".replace("-", "\u2212")}
        for value in (low, (low + high) / 2, high)
    ]
    return {"width": NARROW, "height": height, "marks": marks, "grid": grid, "ground": height - 2}


def prepare(props: dict[str, Any]) -> dict[str, Any]:
    """The chart's props with its geometry as `draw`, the rows of its table as `rows`, and with their links as `cells`."""
    points, kind = list(props["points"]), props["kind"]
    series = props.get("series") or {name: SERIES_WORDS[name] for name in SERIES}
    if kind == "stacked":
        draw = stacked(points, series)
        rows = [
            [
                point["label"],
                *("—" if point.get("hidden") else number(point[name]) for name in series),
                *point.get("more", ()),
            ]
            for point in points
        ]
    elif kind == "line":
        draw = line(points, props["goal"], props["unit"])
        rows = [[mark["label"], mark["value"]] for mark in draw["marks"]]
    elif kind == "interval":
        draw = intervals(points, *props["axis"])
        rows = [[point["label"], point["text"], point["range"], *point.get("more", ())] for point in points]
    else:
        draw = bars(points)
        rows = [[mark["label"], mark["value"]] for mark in draw["marks"]]
    key = [{"tone": name, "word": word.capitalize()} for name, word in series.items()]
    cells = [
        [{"text": text, "href": point.get("links", {}).get(index, "")} for index, text in enumerate(row)]
        for point, row in zip(points, rows, strict=True)
    ]
    drawing = {"width": WIDTH, **draw}
    drawing["is_narrow"] = drawing["width"] == NARROW
    return {**props, "draw": drawing, "rows": rows, "cells": cells, "key": key}
