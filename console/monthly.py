"""«Mejora del mes» as its page shows it: the numbers, the charts and the lines of its file."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from core import words
from improvements.queries import Month
from improvements.vocabulary import ActionState, Origin

SERIES = {"late": "atrasadas", "work": "en plazo", "paused": "por verificar", "ok": "cerradas"}
HEADINGS = ("Atrasadas", "En plazo", "Por verificar", "Cerradas", "Nuevas", "Hechas", "Sin efecto")
VERDICTS = {"verified": "Tuvo efecto", "failed": "No tuvo efecto"}
HEAD = (
    *("Número", "Acción", "Origen", "Compañía", "Responsable", "Se abrió en el mes", "Implementada en el mes"),
    *("Verificación en el mes", "Situación al cierre", "Fecha compromiso al cierre", "Atrasada al cierre"),
)


def stats(found: Month) -> list[dict[str, Any]]:
    """The five numbers, as the component `stat` takes them."""
    total = found.total
    verified = (
        f"{total.effective} con efecto, {total.ineffective} sin efecto" if total.verified else "ninguna verificación"
    )
    if total.cancelled:
        verified += f"; {words.plural(total.cancelled, 'cancelada', 'canceladas')}"
    closing = "al terminar el mes" if found.is_over else "hasta ahora"
    on_time = f"{total.on_time} a tiempo, {total.late} tarde" if total.implemented else ""
    return [
        {"label": "Nuevas", "value": total.opened, "icon": "plus"},
        {"label": "Hechas", "value": total.implemented, "icon": "check", "note": on_time},
        {"label": "Cerradas", "value": total.effective, "icon": "check-circle", "note": verified},
        {"label": "Pendientes", "value": total.live, "icon": "inbox-stack", "note": closing},
        {
            "label": "Atrasadas",
            "value": total.overdue,
            "icon": "exclamation-circle",
            "tone": "bad" if total.overdue else "",
            "note": closing,
        },
    ]


def charts(found: Month) -> list[dict[str, Any]]:
    by_origin = {str(Origin(name).label): sums for name, sums in found.by_origin.items()}
    return [
        {"title": "Por origen", "chart": _chart("Cómo quedaron las acciones de cada origen", "Origen", by_origin)},
        {
            "title": "Por responsable",
            "chart": _chart("Cómo quedaron las acciones de cada responsable", "Responsable", found.by_owner),
        },
    ]


def _chart(label: str, heading: str, groups: Mapping[str, Any]) -> dict[str, Any]:
    points = []
    for name, sums in groups.items():
        shown = {"late": sums.overdue, "work": sums.in_time, "paused": sums.to_verify, "ok": sums.effective}
        more = (str(sums.opened), str(sums.implemented), str(sums.ineffective))
        points.append({"label": name, **shown, "more": more})
    return {"kind": "stacked", "label": label, "points": points, "headings": (heading, *HEADINGS), "series": SERIES}


def lines(found: Month) -> Iterator[list[Any]]:
    """One row for each action of the month, as HEAD names them."""
    for line in found.lines:
        row = line.action
        yield [
            *(
                row.number,
                row.title,
                row.get_origin_display(),
                row.company.name if row.company else "",
                row.owner.full_name,
            ),
            *(line.opened, line.implemented_at, VERDICTS.get(line.verdict, "")),
            *(str(ActionState(line.state).label), line.due_on, line.is_overdue),
        ]


def month_words(year: int, month: int) -> str:
    return f"{words.MONTHS[month - 1]} de {year}"


def near(year: int, month: int, now: datetime) -> tuple[str, str]:
    """The months before and after, as «2026-03»; empty for one that is still to come."""
    count = year * 12 + month - 1
    before, after = (f"{n // 12:04d}-{n % 12 + 1:02d}" for n in (count - 1, count + 1))
    return before, after if after <= f"{now.year:04d}-{now.month:02d}" else ""
