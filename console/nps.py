"""The yearly NPS as the console shows it: its tabs, its numbers and its charts (guide 3.14)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from console.levels import thousands
from console.views.pages import person
from core import words
from surveys import nps_policy
from surveys.models import Campaign, CampaignEntry
from surveys.nps_results import Result
from surveys.nps_scoring import Counts, interval_words, signed
from surveys.vocabulary import Audience, CampaignState, Loyalty, loyalty

TONES = {Loyalty.DETRACTOR: "late", Loyalty.PASSIVE: "idle", Loyalty.PROMOTER: "ok"}
"""Class -> tone of its bar."""
TAGS = {Loyalty.DETRACTOR: "bad", Loyalty.PASSIVE: "", Loyalty.PROMOTER: "ok"}
STATE_TAGS = {CampaignState.DRAFT: "", CampaignState.RUNNING: "info", CampaignState.CLOSED: "ok"}
HEADINGS = ("NPS", "Intervalo de 95\u00a0%", "Respuestas", "Invitados", "Contestó")
CHARTED = 25
"""Rows that one drawing holds."""
UNKNOWN = "no se sabe"


def reader(request: HttpRequest) -> User:
    """The signed-in person, who may read the yearly NPS. Raises PermissionDenied."""
    actor = person(request)
    if not (verdict := nps_policy.may_read(actor)):
        raise PermissionDenied(verdict.reason)
    return actor


def runner(request: HttpRequest) -> User:
    """The signed-in person, who may run campaigns. Raises PermissionDenied."""
    actor = person(request)
    if not (verdict := nps_policy.may_run(actor)):
        raise PermissionDenied(verdict.reason)
    return actor


def crumbs(*labels: str) -> list[dict[str, str]]:
    return [{"label": "NPS", "href": reverse("admin:nps_results")}, *({"label": label} for label in labels)]


def tabs(actor: User, active: str) -> list[dict[str, Any]]:
    """The sections of the yearly NPS that the person may open."""
    pages = [
        ("nps_results", "Resultados", "chart-bar"),
        ("nps_campaigns", "Campañas", "paper-airplane"),
        ("nps_answers", "Respuestas", "chat-bubble-left-right"),
        ("nps_detractors", "Detractores", "exclamation-triangle"),
    ]
    if nps_policy.may_run(actor):
        pages.append(("nps_import", "Años anteriores", "arrow-up-tray"))
    return [
        {"label": label, "icon": icon, "href": reverse(f"admin:{name}"), "current": name == active}
        for name, label, icon in pages
    ]


def percent(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f} %" if value in (0, 100) else f"{value} %"


def point(label: str, counts: Counts) -> dict[str, Any]:
    """One row of an interval chart, with the cells of HEADINGS."""
    exact, interval = counts.exact, counts.interval or (0.0, 0.0)
    return {
        "label": label,
        "value": None if exact is None else float(exact),
        "low": interval[0],
        "high": interval[1],
        "text": signed(counts.score),
        "range": interval_words(counts.interval),
        "more": (
            thousands(counts.answered),
            UNKNOWN if counts.invited is None else thousands(counts.invited),
            percent(counts.rate),
        ),
    }


def chart(label: str, heading: str, rows: Iterable[Result], links: Mapping[int, str]) -> dict[str, Any]:
    """Results side by side, as the component `chart` takes them. `links`: key -> the address under its name."""
    points = [{**point(row.label, row.counts), "links": {0: links.get(row.key, "")}} for row in rows]
    return {"kind": "interval", "label": label, "points": points, "headings": (heading, *HEADINGS)}


def grades(times: Mapping[int, int]) -> dict[str, Any]:
    """How many gave each grade."""
    return {
        "kind": "bars",
        "label": "Cuántas personas dieron cada calificación, de 0 a 10",
        "points": [
            {"label": str(grade), "value": count, "tone": TONES[loyalty(grade)]} for grade, count in times.items()
        ],
        "headings": ("Calificación", "Respuestas"),
    }


def stats(counts: Counts) -> list[dict[str, Any]]:
    """The numbers of some answers, as the component `stat` takes them."""
    interval = interval_words(counts.interval)
    return [
        {
            "label": "NPS",
            "value": signed(counts.score) if counts.answered else "—",
            "icon": "chart-bar",
            "note": f"{interval}, con 95\u00a0% de confianza" if interval else "sin respuestas",
        },
        {
            "label": "Contestó",
            "value": percent(counts.rate) if counts.invited else "—",
            "icon": "chat-bubble-left-right",
            "note": _of_invited(counts),
        },
        *(
            {
                "label": label,
                "value": thousands(number),
                "icon": icon,
                "note": f"{percent(counts.share(number))} de las respuestas" if counts.answered else "",
            }
            for label, number, icon in (
                ("Promotores", counts.promoters, "hand-thumb-up"),
                ("Pasivos", counts.passives, "minus"),
                ("Detractores", counts.detractors, "hand-thumb-down"),
            )
        ),
    ]


def _of_invited(counts: Counts) -> str:
    """«4 respuestas de 6 invitados»; some of the imported years do not say how many were invited."""
    if counts.invited == 0:
        return "nadie invitado"
    answers = "1 respuesta" if counts.answered == 1 else f"{thousands(counts.answered)} respuestas"
    if counts.invited is None:
        return f"{answers}; no se sabe de cuántos invitados"
    return f"{answers} de {'1 invitado' if counts.invited == 1 else f'{thousands(counts.invited)} invitados'}"


# -- the story of a campaign -------------------------------------------------------------------------------------------

FIELD_WORDS = {
    "year": "año",
    "name": "nombre",
    "audience": "a quién",
    "opens_on": "abre",
    "closes_on": "cierra",
    "waves": "oleadas",
    "wave_days": "días entre oleadas",
    "remind_days": "días entre recordatorios",
    "reminders": "recordatorios",
    "companies": "compañías",
}


def story(campaign: Campaign) -> list[dict[str, Any]]:
    """Its history, the latest first. One query."""
    return [
        {"entry": entry, "words": _told(entry)}
        for entry in CampaignEntry.objects.filter(row=campaign).select_related("actor").order_by("-sequence")
    ]


def _told(entry: CampaignEntry) -> str:
    data = entry.data
    if entry.kind == "start":
        people = words.plural(data["people"], "persona", "personas")
        return f"La inició: {people} de {words.plural(data['companies'], 'compañía', 'compañías')}."
    if entry.kind in ("close", "cancel"):
        ended = "La canceló" if entry.kind == "cancel" else "Terminó"
        parts = [
            f"{words.plural(data['answered'], 'respuesta', 'respuestas')}",
            f"{data['silent']} sin contestar",
            f"{data['unasked']} sin invitar",
        ]
        why = f" Motivo: {data['reason']}" if data.get("reason") else ""
        return f"{ended}: {', '.join(parts)}.{why}"
    if entry.kind == "extend":
        before, after = (_day(value) for value in data["closes_on"])
        return f"Movió el cierre del {before} al {after}."
    if entry.kind == "edit":
        changed = ", ".join(FIELD_WORDS[name] for name in data["changes"]) or "nada"
        return f"Cambió: {changed}."
    return "Creó el borrador."


def _day(text: str) -> str:
    return words.long_date(date.fromisoformat(text), year=True)


def audience_words(campaign: Campaign, names: Iterable[str]) -> str:
    """«Todos los usuarios válidos de Grupo Alborada y Textiles Ixtlán»."""
    listed = list(names)
    told = str(Audience(campaign.audience).label)
    if not listed:
        return told
    last = f" y {listed[-1]}" if len(listed) > 1 else listed[-1]
    return f"{told}: {', '.join(listed[:-1])}{last}"
