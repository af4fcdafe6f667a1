"""The catalogue: the services of the guide as templates, by category, with a search and a filter by line (guide 3.2, 4.2)."""

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal import page
from portal.access import customer
from tickets.likeness import significant
from tickets.models import CatalogItem
from tickets.vocabulary import ServiceLine

LINES = {
    ServiceLine.FUNCTIONAL: "Funcional",
    ServiceLine.TECHNICAL: "Técnico",
    ServiceLine.TECHNOLOGICAL: "Tecnológico",
}


@require_safe
@customer
def catalog(request: HttpRequest) -> HttpResponse:
    line, text = request.GET.get("linea", ""), request.GET.get("q", "")[:100].strip()
    line = line if line in LINES else ""
    found = [row for row in items() if (not line or row.service_line == line) and matches(row, text)]
    categories = [(category, list(rows)) for category, rows in groupby(found, key=lambda row: row.category)]
    return page.show(
        request,
        "portal/catalog.html",
        "catalogo",
        categories=categories,
        text=text,
        tabs=_tabs(line, text),
        hidden=[{"name": "linea", "value": line}] if line else [],
    )


def items() -> list[CatalogItem]:
    rows = CatalogItem.objects.filter(is_active=True).select_related("category")
    return list(rows.order_by("category__position", "category__name", "position", "name"))


def matches(item: CatalogItem, text: str) -> bool:
    """Whether the item speaks of every word of `text`, whatever the accents."""
    wanted = significant(text)
    if not wanted:
        return not text
    said = significant(f"{item.name} {item.description}") | significant(item.guide_service[:200])
    return all(any(word.startswith(part) for word in said) for part in wanted)


def _tabs(line: str, text: str) -> list[dict[str, Any]]:
    base = reverse("portal:catalog")

    def link(value: str) -> str:
        query = {key: given for key, given in (("linea", value), ("q", text)) if given}
        return f"{base}?{urlencode(query)}" if query else base

    return [
        {"label": label, "href": link(value), "current": value == line}
        for value, label in [("", "Todo"), *((str(key), name) for key, name in LINES.items())]
    ]
