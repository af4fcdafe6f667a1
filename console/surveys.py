"""The results of the satisfaction surveys as their page shows them: what was asked, and every cut with its chart and its table."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from console.levels import thousands
from core import words
from surveys import scoring
from surveys.satisfaction_queries import Figures, Part

NO_ANSWERS, TOO_FEW = "sin respuestas", "faltan respuestas"
SERIES = {"ok": "satisfechos (4 y 5)", "risk": "regulares (3)", "late": "insatisfechos (1 y 2)"}
HEADINGS = ("4\u00a0y\u00a05", "3", "1\u00a0y\u00a02", "Respuestas", "Promedio", "Satisfechos", "Contestan")
TONES = {5: "ok", 4: "ok", 3: "risk", 2: "late", 1: "late"}
DIMENSIONS = {
    "mes": ("month", "Por mes", "Mes"),
    "agente": ("agent", "Por quién atendió", "Quién atendió"),
    "grupo": ("group", "Por grupo", "Grupo"),
    "linea": ("line", "Por línea de servicio", "Línea"),
    "compania": ("company", "Por compañía", "Compañía"),
}
"""Word of the address -> the dimension, its title, and its table's first heading."""
MOST_DRAWN = 15


def percent(value: Decimal | None) -> str:
    """«77.5 %», «100 %»; empty for none."""
    if value is None:
        return ""
    return f"{value:.0f} %" if value in (0, 100) else f"{value} %"


def mean(figures: Figures) -> str:
    """«4.2», or why there is none."""
    return str(figures.mean) if figures.mean is not None else TOO_FEW if figures.is_short else NO_ANSWERS


def count(times: int) -> str:
    return words.plural(times, "ticket", "tickets")


def stats(figures: Figures, *, low_url: str, answers_url: str) -> list[dict[str, Any]]:
    """The numbers, as the component `stat` takes them."""
    has = figures.mean is not None
    of = f"de {thousands(figures.asked)} enviadas"
    low = thousands(figures.low)
    return [
        {
            "label": "Promedio",
            "value": mean(figures) if has else "—",
            "icon": "star",
            "note": "de 1 a 5" if has else mean(figures),
        },
        {
            "label": "Satisfechos",
            "value": percent(figures.satisfied) or "—",
            "icon": "face-smile",
            "note": "calificaron con 4 o 5",
        },
        {
            "label": "Respuestas",
            "value": thousands(figures.answered),
            "icon": "chat-bubble-left-ellipsis",
            "note": of,
            "href": answers_url if figures.answered else "",
        },
        {
            "label": "Contestan",
            "value": percent(figures.rate) or "—",
            "icon": "chart-bar",
            "note": "de quienes se les preguntó",
        },
        {
            "label": "Calificaciones bajas",
            "value": low,
            "icon": "exclamation-triangle",
            "tone": "act" if figures.low else "",
            "href": low_url if figures.low else "",
        },
    ]


def spread(figures: Figures) -> dict[str, Any]:
    """How many gave each grade, as the component `chart` takes it."""
    points = [
        {"label": f"{grade} {word}", "value": figures.counts.get(grade, 0), "tone": TONES[grade]}
        for grade, word in scoring.WORDS.items()
    ]
    return {
        "kind": "bars",
        "label": "Cuántas personas dieron cada calificación",
        "points": points,
        "headings": ("Calificación", "Respuestas"),
    }


def chart(word: str, parts: Sequence[Part]) -> dict[str, Any]:
    """One dimension, as the component `chart` takes it."""
    _, title, heading = DIMENSIONS[word]
    return {
        "kind": "stacked",
        "label": f"Calificaciones: {title.lower()}",
        "points": [_point(word, part) for part in drawn(word, parts)],
        "headings": (heading, *HEADINGS),
        "series": SERIES,
    }


def drawn(word: str, parts: Sequence[Part]) -> Sequence[Part]:
    """The months in their order; of the others those with most answers, when they are many."""
    if word == "mes" or len(parts) <= MOST_DRAWN:
        return parts
    return sorted(parts, key=lambda part: -part.figures.answered)[:MOST_DRAWN]


def _point(word: str, part: Part) -> dict[str, Any]:
    ok, risk, late = cut(part.figures)
    return {
        "label": name_of(word, part),
        "ok": ok,
        "risk": risk,
        "late": late,
        "text": mean(part.figures),
        "hidden": part.figures.is_short,
        "more": tuple(cells(part.figures)[3:]),
    }


def cut(figures: Figures) -> tuple[int, int, int]:
    """Satisfied, fair and dissatisfied; nothing while they are too few to show."""
    if figures.is_short:
        return 0, 0, 0
    counts = figures.counts
    return counts.get(5, 0) + counts.get(4, 0), counts.get(3, 0), counts.get(2, 0) + counts.get(1, 0)


def cells(figures: Figures) -> list[str]:
    """A row of the table: the three counts, how many answered, the mean, the satisfied, and the rate."""
    hidden = ["—"] * 3
    counts = hidden if figures.is_short else [thousands(number) for number in cut(figures)]
    return [
        *counts,
        thousands(figures.answered),
        mean(figures),
        percent(figures.satisfied) or "—",
        percent(figures.rate) or "—",
    ]


def name_of(word: str, part: Part) -> str:
    """«mar 2026» for a month; else the part's own name."""
    return f"{words.MONTHS[part.key.month - 1][:3]} {part.key.year}" if word == "mes" else part.name


def table(word: str, parts: Iterable[Part]) -> Iterable[list[Any]]:
    """The rows of the dimension's file: numbers as numbers, empty where there is no result."""
    for part in parts:
        figures = part.figures
        counts = [None] * 5 if figures.is_short else [figures.counts.get(grade, 0) for grade in scoring.WORDS]
        results = [None if value is None else float(value) for value in (figures.mean, figures.satisfied, figures.rate)]
        note = mean(figures) if figures.mean is None else ""
        yield [name_of(word, part), figures.asked, figures.answered, *counts, *results, note]


TABLE_HEAD = ("Enviadas", "Respuestas", "1", "2", "3", "4", "5", "Promedio", "Satisfechos %", "Contestan %", "Nota")
