"""The board of service levels as its page shows it: what was chosen, and every number with the queue that holds just those tickets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from console import companies
from console.filters import EXACT, standing_value
from console.forms import PlainForm, active_groups
from core import words
from sla import risk
from sla.board import NO_GROUP, Counts, Narrow, Present, Share
from sla.models import AMBER
from sla.record import DAYS, Outcome, Record, Week
from sla.vocabulary import Standing
from tickets.vocabulary import ServiceLine

WITHOUT_GROUP = "ninguno"
SERIES = {
    "late": "vencidos",
    "risk": "en riesgo",
    "paused": "en pausa",
    "work": "sin plazo",
    "ok": "en tiempo",
}
"""Tone of the chart -> its words, in the order of `STANDINGS`: what burns begins every bar and every row."""
STANDINGS = (Standing.LATE, Standing.RISK, Standing.PAUSED, Standing.IDLE, Standing.OK)
HEADINGS = ("Vencidos", "En riesgo", "En pausa", "Sin plazo", "En tiempo", "Abiertos")
KEPT = {"ok": "en tiempo", "late": "tarde"}
PROMISED = {"ok": "cumplidas", "late": "incumplidas"}
NO_DATA = "sin datos"


class LevelsForm(PlainForm):
    compania = forms.CharField(
        label="Compañía", required=False, widget=forms.TextInput(attrs={"list": "companias", "placeholder": "Todas"})
    )
    linea = forms.ChoiceField(label="Línea", required=False, choices=[("", "Todas"), *ServiceLine.choices])
    grupo = forms.ChoiceField(label="Grupo", required=False)
    riesgo = forms.ChoiceField(
        label="En riesgo es",
        required=False,
        choices=[("", f"{AMBER} % usado"), *((str(h), f"vence en {h} h") for h in risk.HORIZONS)],
    )
    dias = forms.ChoiceField(
        label="Cumplimiento de", required=False, choices=[(str(days), f"{days} días") for days in DAYS]
    )

    def __init__(self, query: QueryDict, *, actor: User) -> None:
        super().__init__(query, auto_id="tablero-%s")
        groups = [("", "Todos"), (WITHOUT_GROUP, "Sin grupo"), *((pk, name) for pk, name, _ in active_groups())]
        self.fields["grupo"].choices = groups  # type: ignore[attr-defined]
        self.company, fault = companies.company_named(self.text("compania"), actor)
        if fault:
            self.errors["compania"] = self.error_class([fault])

    def text(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()

    def chosen(self, name: str) -> str:
        """A choice of the form; "" for anything else."""
        choices: Any = self.fields[name].choices  # type: ignore[attr-defined]
        value = self.text(name)
        return value if value in [str(choice) for choice, _ in choices] else ""

    @property
    def narrow(self) -> Narrow:
        group = self.chosen("grupo")
        return Narrow(
            company=self.company.pk if self.company else None,
            service_line=self.chosen("linea"),
            group=NO_GROUP if group == WITHOUT_GROUP else int(group) if group else None,
        )

    @property
    def hours(self) -> int | None:
        return int(self.chosen("riesgo") or 0) or None

    @property
    def days(self) -> int:
        return int(self.chosen("dias") or DAYS[0])

    @property
    def queue_filters(self) -> dict[str, str]:
        """What of the choice the queues filter by."""
        company = f"{EXACT}{self.company.name}" if self.company else ""
        return {"compania": company, "linea": self.chosen("linea"), "grupo": self.chosen("grupo")}

    @property
    def is_narrowed(self) -> bool:
        return any(self.queue_filters.values())

    def address(self, **changes: str) -> str:
        """The board's own address with these values changed."""
        kept = {name: self.text(name) for name in self.fields} | changes
        return f"?{urlencode({name: value for name, value in kept.items() if value})}"


class Links:
    """Addresses of the queue, under what was chosen on the board."""

    def __init__(self, form: LevelsForm) -> None:
        self.kept, self.hours = form.queue_filters, form.hours
        self.base = reverse("admin:tickets_ticket_changelist")

    def of(self, standing: Standing | None = None, **more: str) -> str:
        """The open tickets that stand so; "" where the queue has no filter that says just that."""
        given = {"cola": "abiertos", **self.kept, **more}
        if standing is not None:
            given["plazo"] = standing_value(standing, self.hours)
            if not given["plazo"]:
                return ""
        return f"{self.base}?{urlencode({name: value for name, value in given.items() if value})}"


def stats(present: Present, links: Links) -> list[dict[str, Any]]:
    """The six numbers, as the component `stat` takes them."""
    counts = present.total
    near = f"vencen en {present.hours} h" if present.hours else f"{AMBER} % del tiempo usado"
    told = (
        ("Abiertos", counts.open, "inbox-stack", None, "", ""),
        ("Vencidos", counts.late, "exclamation-circle", Standing.LATE, "bad", "venció la reacción o la atención"),
        ("En riesgo", counts.risk, "exclamation-triangle", Standing.RISK, "act", near),
        ("En tiempo", counts.ok, "clock", Standing.OK, "", ""),
        ("En pausa", counts.paused, "pause-circle", Standing.PAUSED, "", "esperan para seguir contando"),
        ("Sin plazo corriendo", counts.idle, "check-circle", Standing.IDLE, "", "reacción y atención cumplidas"),
    )
    return [
        {
            "label": label,
            "value": thousands(number),
            "icon": icon,
            "tone": tone if number else "",
            "note": note,
            "href": links.of(standing) if number else "",
        }
        for label, number, icon, standing, tone, note in told
    ]


def chart(label: str, heading: str, shares: Iterable[Share], links: Links, name: str) -> dict[str, Any]:
    """One dimension, as the component `chart` takes it. `name` is the queue's filter of that dimension."""
    points = [_point(share, links, name) for share in shares]
    return {
        "kind": "stacked",
        "label": label,
        "points": points,
        "headings": (heading, *HEADINGS),
        "series": SERIES,
    }


def with_others(present: Present) -> list[Share]:
    """The companies, and the rest of them as one."""
    rest = [Share("", "Las demás", present.others)] if present.others.open else []
    return [*present.companies, *rest]


def _point(share: Share, links: Links, name: str) -> dict[str, Any]:
    counts = share.counts
    numbers = dict(zip(SERIES, (counts.of(standing) for standing in STANDINGS), strict=True))
    return {
        "label": share.name,
        **numbers,
        "text": thousands(counts.open),
        "more": (thousands(counts.open),),
        "links": _cells(share, counts, links, name),
    }


def _cells(share: Share, counts: Counts, links: Links, name: str) -> Mapping[int, str]:
    """Column of the table -> the queue with those tickets."""
    value = (
        f"{EXACT}{share.name}" if name == "compania" else str(share.key or (WITHOUT_GROUP if name == "grupo" else ""))
    )
    if not value or not share.is_active or share.key == "":
        return {}
    found = {
        column: links.of(standing, **{name: value})
        for column, standing in enumerate(STANDINGS, start=1)
        if counts.of(standing)
    }
    return {**found, len(STANDINGS) + 1: links.of(None, **{name: value})} if counts.open else found


def compliance(record: Record) -> list[dict[str, Any]]:
    """Reaction, attention and promised dates: what to say of each, and its weeks as a chart."""
    told = (
        ("Reacción", "reaction", record.reaction, KEPT, "plazos"),
        ("Atención", "attention", record.attention, KEPT, "plazos"),
        ("Fechas compromiso", "commitments", record.commitments, PROMISED, "fechas"),
    )
    return [
        {
            "title": title,
            "percent": percent(outcome),
            "of": f"{thousands(outcome.met)} de {thousands(outcome.n)} {unit}" if outcome.n else "",
            "has": bool(outcome.n),
            "chart": _weeks(title, record.weeks, field, series),
        }
        for title, field, outcome, series, unit in told
    ]


def _weeks(title: str, weeks: Sequence[Week], field: str, series: Mapping[str, str]) -> dict[str, Any]:
    points = []
    for week in weeks:
        outcome: Outcome = getattr(week, field)
        points.append(
            {
                "label": words.short_date(week.starts_on)[4:],
                "ok": outcome.met,
                "late": outcome.late,
                "text": f"{percent(outcome)} de {thousands(outcome.n)}" if outcome.n else NO_DATA,
                "more": (thousands(outcome.n), percent(outcome)),
            }
        )
    return {
        "kind": "stacked",
        "label": f"{title}: cumplimiento por semana",
        "points": points,
        "headings": ("Semana del", *(word.capitalize() for word in series.values()), "n", "Cumplimiento"),
        "series": series,
    }


def percent(outcome: Outcome) -> str:
    """«96.4 %»; «sin datos» when nothing was decided."""
    return NO_DATA if outcome.percent is None else words_percent(outcome.percent)


def words_percent(value: float) -> str:
    return f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"


def thousands(number: int) -> str:
    """«12 400», apart by a narrow space that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def since_words(record: Record) -> str:
    """«lunes 9 de febrero», in the desk's own zone."""
    return words.long_date(
        record.since.date(), year=record.since.year != record.at.astimezone(record.since.tzinfo).year
    )
