"""What narrows a queue: a search and filters read from the address. Their choices are fixed or typed, so none of them costs a query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from accounts.models import SupportGroup, User
from core import clock
from core.caching import remembered
from customers.models import Company
from sla import risk
from sla.models import AMBER
from sla.vocabulary import Standing
from tickets.models import Ticket
from tickets.models.ticket import pk_of
from tickets.querysets import mentions
from tickets.vocabulary import Channel, Kind, Priority, ServiceLine, State

LONGEST = 200
FOUND = 50
"""How many companies and people a search may name; more than these say that it should be narrower."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with fixed choices, drawn as a chip with a menu."""

    name: str
    label: str
    field: str
    choices: Callable[[], list[tuple[str, str]]]


@remembered
def _groups() -> list[tuple[str, str]]:
    rows = SupportGroup.objects.filter(is_active=True)
    return [("ninguno", "Sin grupo"), *((str(group.pk), str(group)) for group in rows)]


def _standings() -> list[tuple[str, str]]:
    """How a ticket stands, and within how long it falls due; the latter are the board's horizons."""
    return [
        *((value, label) for value, label in STANDINGS.items()),
        *((f"{hours}h", f"Vence en {hours} h") for hours in risk.HORIZONS),
    ]


STANDINGS = {
    Standing.LATE.value: "Vencido",
    Standing.RISK.value: f"{AMBER} % usado",
    Standing.OK.value: "En tiempo",
    Standing.PAUSED.value: "En pausa",
    Standing.IDLE.value: "Sin plazo corriendo",
}


def standing_value(standing: Standing, hours: int | None) -> str:
    """What the filter «Plazo» is called for a Standing of the board under its horizon; "" where no filter says just that."""
    if hours is None or standing not in (Standing.RISK, Standing.OK):
        return standing.value
    return f"{hours}h" if standing == Standing.RISK else ""


CHOICES = (
    Choice("linea", "Línea", "service_line", lambda: list(ServiceLine.choices)),
    Choice("prioridad", "Prioridad", "priority", lambda: list(Priority.choices)),
    Choice("medio", "Medio", "channel", lambda: list(Channel.choices)),
    Choice("estado", "Estado", "state", lambda: list(State.choices)),
    Choice("grupo", "Grupo", "group", _groups),
    Choice("plazo", "Plazo", "", _standings),
)
EXACT = "="
"""Before a company's name: that one and no other whose name holds it."""
TYPED = {"compania": "Compañía", "persona": "Responsable"}
KINDS = (("", "Todos"), *Kind.choices)
NAMES = ("cola", "tipo", "q", *TYPED, *(choice.name for choice in CHOICES))


class Filters:
    """The filters of one address."""

    def __init__(self, query: QueryDict | Mapping[str, str]) -> None:
        self.values = {name: str(query.get(name, ""))[:LONGEST].replace("\x00", "").strip() for name in NAMES}
        self.values = {name: value for name, value in self.values.items() if value}

    @property
    def search(self) -> str:
        return self.values.get("q", "")

    def address(self, **changes: str) -> str:
        """The list's address with these values changed; an empty one leaves the filter out."""
        kept = {name: value for name, value in {**self.values, **changes}.items() if value}
        return f"?{urlencode(kept)}"

    @property
    def narrowed(self) -> bool:
        return any(name != "cola" for name in self.values)

    def condition(self, actor: User) -> Q:
        """All of them together. Costs two bounded queries when something is searched, none otherwise."""
        condition = Q()
        for choice in CHOICES:
            value = self.values.get(choice.name)
            if choice.field and value and value in dict(choice.choices()):
                condition &= (
                    Q(**{f"{choice.field}__isnull": True}) if value == "ninguno" else Q(**{choice.field: value})
                )
        if (kind := self.values.get("tipo")) in Kind.values:
            condition &= Q(kind=kind)
        return condition & self._company(actor) & self._person(actor) & self._due() & self._searched(actor)

    def _due(self) -> Q:
        value = self.values.get("plazo", "")
        if value in STANDINGS:
            return risk.standing(Standing(value), clock.now())
        hours = value.removesuffix("h")
        within = next((each for each in risk.HORIZONS if f"{each}" == hours), None)
        return Q() if within is None else risk.standing(Standing.RISK, clock.now(), within)

    def _company(self, actor: User) -> Q:
        text = self.values.get("compania", "")
        if not text:
            return Q()
        if text.startswith(EXACT):
            return Q(company__in=Company.objects.visible_to(actor).filter(name=text.removeprefix(EXACT)).values("pk"))
        return Q(company__in=Company.objects.visible_to(actor).filter(name__icontains=text).values("pk"))

    def _person(self, actor: User) -> Q:
        text = self.values.get("persona", "")
        if not text:
            return Q()
        if text == "nadie":
            return Q(assignee=None)
        if text == "yo":
            return Q(assignee=actor.pk)
        people = User.objects.desk().filter(Q(full_name__icontains=text) | Q(email__iexact=text))
        return Q(assignee__in=people.values("pk"))

    def _searched(self, actor: User) -> Q:
        text = self.search
        if not text:
            return Q()
        if "@" in text:
            people = User.objects.filter(email__istartswith=text).values_list("pk", flat=True)[:FOUND]
            return Q(requester__in=list(people))
        companies = Company.objects.visible_to(actor).filter(name__icontains=text).values_list("pk", flat=True)[:FOUND]
        people = User.objects.filter(full_name__icontains=text).values_list("pk", flat=True)[:FOUND]
        return mentions(text) | Q(company__in=list(companies)) | Q(requester__in=list(people))

    def chips(self) -> list[dict[str, Any]]:
        """The filters as the component `filters` takes them."""
        return [self._chip(choice) for choice in CHOICES]

    def _chip(self, choice: Choice) -> dict[str, Any]:
        value = self.values.get(choice.name, "")
        labels = dict(choice.choices())
        if value in labels:
            return {
                "label": f"{choice.label}: {labels[value]}",
                "href": self.address(**{choice.name: ""}),
                "current": True,
            }
        options = [
            {"label": label, "href": self.address(**{choice.name: option})} for option, label in choice.choices()
        ]
        return {"id": f"filtro-{choice.name}", "label": choice.label, "options": options}

    def typed(self) -> list[dict[str, Any]]:
        """The filters whose value is written: company and person."""
        return [
            {
                "name": name,
                "label": label,
                "value": self.values.get(name, ""),
                "words": _typed_words(self.values.get(name, "")),
                "clear": self.address(**{name: ""}),
                "kept": [{"name": key, "value": value} for key, value in self.values.items() if key != name],
                "shortcuts": [
                    {"label": words, "href": self.address(persona=value)}
                    for value, words in (("yo", "Yo"), ("nadie", "Sin persona"))
                ]
                if name == "persona"
                else [],
            }
            for name, label in TYPED.items()
        ]

    def kinds(self) -> list[dict[str, Any]]:
        """The tabs over the table: one per kind of ticket."""
        now = self.values.get("tipo", "")
        plurals = {"incident": "Incidentes", "request": "Solicitudes", "problem": "Problemas", "change": "Cambios"}
        return [
            {"label": plurals.get(kind, "Todos"), "href": self.address(tipo=kind), "current": kind == now}
            for kind, _ in KINDS
        ]

    def exact_number(self) -> int | None:
        """The ticket that the search names by its number, «T0001234»."""
        text = self.search.upper()
        return pk_of(text) if text.startswith("T") else None


def _typed_words(value: str) -> str:
    return {"yo": "yo", "nadie": "sin persona"}.get(value, value.removeprefix(EXACT))


def jump(filters: Filters, actor: User) -> Ticket | None:
    """The one ticket that a search by number means, when the person may see it."""
    number = filters.exact_number()
    if number is None:
        return None
    found: Ticket | None = Ticket.objects.visible_to(actor).by_number(filters.search).first()
    return found
