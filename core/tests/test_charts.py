"""The geometry of charts: what is drawn stays on the paper and in proportion."""

from typing import Any

from core import charts


def props(kind: str, points: list[dict], **more: object) -> dict:
    return charts.prepare({"kind": kind, "points": points, "goal": None, "unit": "", **more})


def test_bars_are_as_high_as_their_values() -> None:
    one, two = props("bars", [{"label": "a", "value": 10}, {"label": "b", "value": 5}])["draw"]["marks"]
    assert float(one["height"]) == 2 * float(two["height"])
    assert float(one["y"]) + float(one["height"]) == 112.0


def test_what_has_room_on_a_telephone_is_drawn_for_one() -> None:
    grades = props("bars", [{"label": str(grade), "value": grade} for grade in range(11)])["draw"]
    assert (grades["width"], grades["is_narrow"]) == (charts.NARROW, True)
    assert float(grades["marks"][-1]["x"]) + float(grades["marks"][-1]["width"]) <= charts.NARROW
    days = props("bars", [{"label": f"{day}/11", "value": day} for day in range(10, 30)])["draw"]
    assert (days["width"], days["is_narrow"]) == (charts.WIDTH, False)
    words: dict[str, Any] = {"label": "a", "ok": 9000, "risk": 0, "late": 0, "text": "90.0 % de 10,000"}
    lying = props("stacked", [words, {"label": "b", "ok": 1, "risk": 1, "late": 1}])["draw"]
    assert float(lying["marks"][0]["value_x"]) + len(words["text"]) * charts.LETTER <= lying["width"] == charts.NARROW


def test_a_small_number_can_still_be_seen_and_none_is_not_drawn() -> None:
    drawn = props("stacked", [{"label": "a", "ok": 1000, "risk": 1, "late": 0}])["draw"]["marks"][0]
    assert [part["tone"] for part in drawn["parts"]] == ["ok", "risk"]
    assert float(drawn["parts"][1]["width"]) == 2.0
    assert drawn["title"] == "a: 1000 en tiempo, 1 en riesgo, 0 vencidos"


def test_a_line_lies_between_its_grid_lines() -> None:
    drawn = props("line", [{"label": "a", "value": 93.2}, {"label": "b", "value": 97}], goal=95, unit="%")["draw"]
    assert [line["label"] for line in drawn["grid"]] == ["90 %", "95 %", "100 %"]
    assert drawn["goal_y"] == drawn["grid"][1]["y"] == "65.0"
    assert all(10 <= float(mark["y"]) <= 120 for mark in drawn["marks"])


def test_a_chart_without_points_is_empty_and_does_not_fail() -> None:
    assert props("bars", [])["rows"] == props("stacked", [])["rows"] == props("line", [])["rows"] == []


def test_the_table_says_what_the_drawing_says() -> None:
    assert props("line", [{"label": "12 mar", "value": 96.4}], unit="%")["rows"] == [["12 mar", "96.4 %"]]
    assert props("stacked", [{"label": "a", "ok": 3, "risk": 1, "late": 0}])["rows"] == [["a", "3", "1", "0"]]


def test_series_of_its_own_texts_and_links() -> None:
    series = {"ok": "cumplidos", "late": "incumplidos"}
    point = {"label": "a", "ok": 9, "late": 1, "text": "90.0 % de 10", "more": ["90.0 %"], "links": {2: "/x/"}}
    drawn = props("stacked", [point], series=series)
    assert drawn["draw"]["marks"][0]["title"] == "a: 9 cumplidos, 1 incumplidos"
    assert drawn["draw"]["marks"][0]["value"] == "90.0 % de 10"
    assert drawn["rows"] == [["a", "9", "1", "90.0 %"]]
    assert [cell["href"] for cell in drawn["cells"][0]] == ["", "", "/x/", ""]
    assert [item["word"] for item in drawn["key"]] == ["Cumplidos", "Incumplidos"]


def test_a_long_label_is_cut_in_the_drawing_and_whole_in_the_table() -> None:
    point = {"label": "Distribuidora de Abarrotes del Norte", "ok": 1, "risk": 0, "late": 0}
    drawn = props("stacked", [point])
    assert drawn["draw"]["marks"][0]["label"] == "Distribuidora de…"
    assert drawn["rows"][0][0] == point["label"]


YEARS: list[dict[str, Any]] = [
    {"label": "2024", "value": 0, "low": -50, "high": 50, "text": "0", "range": "de −50 a +50", "more": ["8"]},
    {"label": "2025", "value": 100, "low": 40, "high": 130, "text": "+100", "range": "de +40 a +100"},
    {"label": "2026", "value": None, "low": 0, "high": 0, "text": "sin respuestas", "range": ""},
]


def test_an_interval_stands_in_proportion_on_its_axis_and_never_beyond() -> None:
    drawn = props("interval", YEARS, axis=(-100, 100))
    first, second, third = drawn["draw"]["marks"]
    assert [grid["label"] for grid in drawn["draw"]["grid"]] == ["−100", "0", "100"]
    left, middle, right = (float(grid["x"]) for grid in drawn["draw"]["grid"])
    assert float(first["x"]) == middle == (float(first["low"]) + float(first["high"])) / 2
    assert float(first["high"]) - float(first["low"]) == (right - left) / 2
    assert float(second["x"]) == float(second["high"]) == right
    assert (third["x"], third["value"]) == ("", "sin respuestas")
    assert first["title"] == "2024: 0, de −50 a +50"


def test_the_table_of_intervals_says_what_is_drawn() -> None:
    rows = props("interval", YEARS[:1], axis=(-100, 100))["rows"]
    assert rows == [["2024", "0", "de −50 a +50", "8"]]
    assert props("interval", [], axis=(-100, 100))["rows"] == []
