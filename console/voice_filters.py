"""What narrows the register of complaints and suggestions: read from the address; the choices cost no query."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from console.filters import EXACT, FOUND, LONGEST
from core import words
from customers.models import Company
from surveys import routing, voice_register
from surveys.models import Voice
from surveys.models.voices import pk_of
from surveys.vocabulary import VoiceKind

NAMES = ("cola", "q", "tipo", "compania", "direccion", "area", "mes", "nivel")
MONTHS_BACK = 12
MOST_LEVELS = 4
"""What the menu offers; the address takes any."""


class VoiceFilters:
    """The filters of one address. `now` says which months are offered."""

    def __init__(self, query: QueryDict | Mapping[str, str], now: datetime) -> None:
        values = {name: str(query.get(name, ""))[:LONGEST].replace("\x00", "").strip() for name in NAMES}
        self.values = {name: value for name, value in values.items() if value}
        self.now = now

    @property
    def search(self) -> str:
        return self.values.get("q", "")

    @property
    def narrowed(self) -> bool:
        return any(name != "cola" for name in self.values)

    def address(self, **changes: str) -> str:
        """The list's address with these values changed; an empty one leaves the filter out."""
        kept = {name: value for name, value in {**self.values, **changes}.items() if value}
        return f"?{urlencode(kept)}"

    def condition(self, actor: User) -> Q:
        """All of them together; what makes no sense is left out. One query more where a text is searched."""
        condition = Q()
        if (kind := self.values.get("tipo")) in VoiceKind.values:
            condition &= Q(kind=kind)
        for name, field in (("direccion", "direction"), ("area", "area")):
            if value := self.values.get(name):
                condition &= Q(**{field: value})
        if (level := _small(self.values.get("nivel", ""))) is not None:
            condition &= Q(level=level)
        if (month := month_of(self.values.get("mes", ""))) is not None:
            condition &= voice_register.of_month(*month)
        return condition & self._company(actor) & self._searched(actor)

    def _company(self, actor: User) -> Q:
        text = self.values.get("compania", "")
        if not text:
            return Q()
        rows = Company.objects.visible_to(actor)
        named = Q(name=text.removeprefix(EXACT)) if text.startswith(EXACT) else Q(name__icontains=text)
        return Q(company__in=rows.filter(named).values("pk"))

    def _searched(self, actor: User) -> Q:
        text = self.search
        if not text:
            return Q()
        if "@" in text:
            return Q(author__email__iexact=text)
        companies = Company.objects.visible_to(actor).filter(name__icontains=text).values_list("pk", flat=True)[:FOUND]
        return Q(subject__icontains=text) | Q(author__full_name__icontains=text) | Q(company__in=list(companies))

    def kinds(self) -> list[dict[str, Any]]:
        """The tabs over the table."""
        now = self.values.get("tipo", "")
        told = (("", "Todas"), (VoiceKind.COMPLAINT.value, "Quejas"), (VoiceKind.SUGGESTION.value, "Sugerencias"))
        return [{"label": label, "href": self.address(tipo=kind), "current": kind == now} for kind, label in told]

    def chips(self) -> list[dict[str, Any]]:
        """The filters with choices, as the component `filters` takes them."""
        areas = routing.areas()
        chosen = self.values.get("direccion", "")
        directions = dict.fromkeys(area.direction for area in areas)
        named = dict.fromkeys(area.area for area in areas if not chosen or area.direction == chosen)
        return [
            self._chip("direccion", "Dirección", [(name, name) for name in directions]),
            self._chip("area", "Área", [(name, name) for name in named]),
            self._chip("mes", "Mes", months(self.now)),
            self._chip("nivel", "Nivel", [(str(level), f"Nivel {level}") for level in range(1, MOST_LEVELS + 1)]),
        ]

    def _chip(self, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
        value = self.values.get(name, "")
        if value:
            # A name that the matrix no longer has still is a filter: the register keeps those of its time.
            told = dict(options).get(value, value)
            return {"label": f"{label}: {told}", "href": self.address(**{name: ""}), "current": True}
        menu = [{"label": text, "href": self.address(**{name: option})} for option, text in options]
        return {"id": f"filtro-{name}", "label": label, "options": menu}

    def typed(self) -> list[dict[str, Any]]:
        value = self.values.get("compania", "")
        return [
            {
                "name": "compania",
                "label": "Compañía",
                "value": value,
                "words": value.removeprefix(EXACT),
                "clear": self.address(compania=""),
                "kept": [{"name": key, "value": kept} for key, kept in self.values.items() if key != "compania"],
                "shortcuts": [],
            }
        ]


def jump(filters: VoiceFilters, actor: User) -> Voice | None:
    """The one that a search by number means («QS000012»), when the person may see it."""
    if pk_of(filters.search) is None:
        return None
    found: Voice | None = Voice.objects.visible_to(actor).by_number(filters.search).first()
    return found


def month_of(text: str) -> tuple[int, int] | None:
    """«2026-03» as year and month; None when it is not one."""
    year, _, month = text.partition("-")
    if not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        return None
    return (int(year), int(month)) if 1900 < int(year) < 2200 and 1 <= int(month) <= 12 else None


def months(now: datetime, back: int = MONTHS_BACK) -> list[tuple[str, str]]:
    """The last months of the desk, newest first: «2026-03», «marzo de 2026»."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    counted = [today.year * 12 + today.month - 1 - ago for ago in range(back)]
    return [(f"{n // 12}-{n % 12 + 1:02d}", f"{words.MONTHS[n % 12]} de {n // 12}") for n in counted]


def _small(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
