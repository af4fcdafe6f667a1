"""«Quejas: panorama» as its page shows it: what was chosen, the numbers, and the charts with the register's address of just those."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from console import companies
from console.filters import EXACT
from console.forms import PlainForm
from console.levels import NO_DATA, thousands, words_percent
from core import words
from surveys.vocabulary import VoiceKind, VoiceState
from surveys.voice_figures import Figures, Share, Spread, percent

PERIODS = (12, 3, 6, 24)
"""Months; the first is what is shown without a choice."""
SERIES = {"work": "quejas", "ok": "sugerencias"}
HEADINGS = ("Quejas", "Sugerencias", "Total", "A tiempo")


class PanoramaForm(PlainForm):
    compania = forms.CharField(
        label="Compañía", required=False, widget=forms.TextInput(attrs={"list": "companias", "placeholder": "Todas"})
    )
    meses = forms.ChoiceField(label="Periodo", required=False, choices=[(n, f"Últimos {n} meses") for n in PERIODS])

    def __init__(self, query: QueryDict, *, actor: User) -> None:
        super().__init__(query, auto_id="panorama-%s")
        self.company, fault = companies.company_named(str(self.data.get("compania", "")), actor)
        if fault:
            self.errors["compania"] = self.error_class([fault])

    @property
    def months(self) -> int:
        text = str(self.data.get("meses", ""))
        return int(text) if text in {str(n) for n in PERIODS} else PERIODS[0]

    @property
    def is_narrowed(self) -> bool:
        return self.company is not None


class Links:
    """Addresses of the register, for the company that was chosen."""

    def __init__(self, form: PanoramaForm) -> None:
        self.kept = {"compania": f"{EXACT}{form.company.name}"} if form.company else {}
        self.base = reverse("admin:surveys_voice_changelist")

    def of(self, **more: str) -> str:
        return f"{self.base}?{urlencode({'cola': 'todas', **self.kept, **more})}"


def stats(found: Figures, links: Links) -> list[dict[str, Any]]:
    """The numbers, as the component `stat` takes them."""
    total, in_time = found.total, found.total.percent
    kinds = (
        words.plural(total.complaints, "queja", "quejas"),
        words.plural(total.suggestions, "sugerencia", "sugerencias"),
    )
    return [
        {"label": "Recibidas", "value": thousands(total.total), "icon": "inbox-stack", "note": ", ".join(kinds)},
        {"label": "Sin responder", "value": thousands(found.pending), "icon": "clock", "note": "hoy"},
        {
            "label": "Vencidas",
            "value": thousands(found.late),
            "icon": "exclamation-circle",
            "tone": "bad" if found.late else "",
            "note": "de las que faltan por responder",
            "href": links.of(cola="vencidas") if found.late else "",
        },
        {
            "label": "A tiempo",
            "value": NO_DATA if in_time is None else words_percent(in_time),
            "icon": "check-circle",
            "note": _of(total.on_time, total.decided, "con plazo cumplido o vencido"),
        },
        _rate("Apeladas", "hand-raised", found.appealed, found.answered, "respondidas"),
        _rate("De acuerdo", "hand-thumb-up", found.agreed, found.closed, "cerradas"),
    ]


def _rate(label: str, icon: str, part: int, whole: int, of: str) -> dict[str, Any]:
    value = percent(part, whole)
    return {
        "label": label,
        "value": NO_DATA if value is None else words_percent(value),
        "icon": icon,
        "note": _of(part, whole, of),
    }


def _of(part: int, whole: int, what: str) -> str:
    return f"{thousands(part)} de {thousands(whole)} {what}" if whole else ""


def times(found: Figures) -> list[dict[str, Any]]:
    """How long the acknowledgement and the answer took: the median and what nine of ten did not exceed."""
    return [
        {
            "title": title,
            "n": thousands(spread.n) if spread.n else "",
            "median": _span(spread, "median"),
            "ninth": _span(spread, "ninth"),
        }
        for title, spread in (("Tiempo hasta el acuse", found.acknowledge), ("Tiempo hasta la respuesta", found.answer))
    ]


def _span(spread: Spread, name: str) -> str:
    value = getattr(spread, name)
    return NO_DATA if value is None else words.duration(value)


def charts(found: Figures, links: Links, *, by_company: bool) -> list[tuple[str, dict[str, Any]]]:
    """Each dimension with its title; the companies only where none was chosen."""
    drawn = [
        ("Por mes", _chart("Quejas y sugerencias por mes", "Mes", map(_month, found.months), links, "mes")),
        ("Por dirección", _chart("Por dirección", "Dirección", _named(found.directions), links, "direccion")),
        ("Por área", _chart("Por área", "Área", _areas(found.areas), links, "area")),
    ]
    if by_company:
        rows = [
            (share.key or "Las demás", f"{EXACT}{share.key}" if share.key else "", share) for share in found.companies
        ]
        drawn.append(("Por compañía", _chart("Por compañía", "Compañía", rows, links, "compania")))
    states = [(str(VoiceState(share.key).label), "", share) for share in found.states]
    return [*drawn, ("Por situación", _chart("Por situación", "Situación", states, links, ""))]


Line = tuple[str, str, Share]
"""What it is called, the filter's value ("" where the register has none), and its numbers."""


def _month(share: Share) -> Line:
    return f"{words.MONTHS[share.key.month - 1][:3]} {share.key.year}", f"{share.key:%Y-%m}", share


def _named(shares: Iterable[Share]) -> list[Line]:
    """A chart has room for what tells them apart, which does not come first in «Dirección de Operaciones»."""
    return [(share.key.removeprefix("Dirección de ") or "Sin dirección", share.key, share) for share in shares]


def _areas(shares: Iterable[Share]) -> list[Line]:
    """Two directions may each have an area of the same name: then the table says whose it is."""
    names = [share.key[1] for share in shares]
    return [
        (
            f"{share.key[1]} ({share.key[0]})" if names.count(share.key[1]) > 1 else share.key[1] or "Sin área",
            share.key[1],
            share,
        )
        for share in shares
    ]


def _chart(label: str, heading: str, lines: Iterable[Line], links: Links, name: str) -> dict[str, Any]:
    points = []
    for called, value, share in lines:
        in_time = NO_DATA if share.percent is None else words_percent(share.percent)
        points.append(
            {
                "label": called,
                "work": share.complaints,
                "ok": share.suggestions,
                "more": (thousands(share.total), in_time),
                "links": _links(share, links, name, value),
            }
        )
    return {
        "kind": "stacked",
        "label": label,
        "points": points,
        "headings": (heading, *HEADINGS),
        "series": SERIES,
    }


def _links(share: Share, links: Links, name: str, value: str) -> dict[int, str]:
    """Column of the table -> the register with those."""
    if not name or not value or not share.total:
        return {}
    kept = {name: value}
    if name == "area" and isinstance(share.key, tuple):
        kept["direccion"] = share.key[0]
    found = {1: links.of(**kept, tipo=VoiceKind.COMPLAINT), 2: links.of(**kept, tipo=VoiceKind.SUGGESTION)}
    counts = {1: share.complaints, 2: share.suggestions}
    return {**{column: href for column, href in found.items() if counts[column]}, 3: links.of(**kept)}
