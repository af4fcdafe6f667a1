"""«¿Qué pasaría si…?»: a form over `sla.preview`. It translates what was typed into the preview's data, and the preview's faults back.

Every input is in the address, so that a case can be shared; nothing is stored.
"""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from accounts.models import User
from console import companies
from console.forms import NOTHING, PlainForm, meaning
from core.errors import InvalidInput
from customers.models import ServiceTerms
from customers.models.calendars import Weekday
from sla import targets
from sla.preview import DEFAULT_ZONE
from sla.preview_terms import PAUSES, WEEKDAYS
from sla.vocabulary import Basis, PauseCause
from tickets.vocabulary import IMPACT_MEANING, URGENCY_MEANING, Impact, Kind, Priority, ServiceLine, Urgency

COPY = "copiar"
MOST_ROWS = 30
SPARE = 2
"""Empty rows after those that were filled in."""
OFFICE_DAYS = "office"
DAYS = [NOTHING, *zip(WEEKDAYS, Weekday.labels, strict=True), (OFFICE_DAYS, "Lunes a viernes")]
CODED = ("kind", "service_line", "priority", "impact", "urgency")
MINUTES, CLOCKS = ("reaction_minutes", "attention_minutes"), ("reaction_clock", "attention_clock")
DEFAULTS = {"kind": Kind.INCIDENT.value, "service_line": ServiceLine.FUNCTIONAL.value, "priority": Priority.HIGH.value}
AS_THE_GUIDE = ("", "Como la guía")
BY_THE_GUIDE = "Vacío: por la guía"
CHOOSE = "Elija una de las opciones."
NO_PRIORITY = "Elija la prioridad, o el impacto y la urgencia."
WHEN = "Escriba fecha y hora, como 2026-03-31 18:30."
WHICH_DAY = "Renglón {}: escriba la fecha como 3/4/2026 y, si quiere, su nombre después."

Words = list[tuple[Any, Any]]


def when(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


def choice(label: str, choices: Words) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices)


def hour(label: str, example: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"placeholder": example, "maxlength": 5})
    )


class WhatIfForm(PlainForm):
    """`data` is what the preview takes; `refuse` puts its faults beside the inputs that caused them."""

    company = forms.CharField(
        label="Compañía",
        required=False,
        widget=forms.TextInput(attrs={"list": "companias", "placeholder": BY_THE_GUIDE}),
    )
    contract = forms.CharField(
        label="Contrato",
        required=False,
        widget=forms.TextInput(attrs={"list": "contratos", "placeholder": BY_THE_GUIDE}),
    )
    kind = choice("Tipo", Kind.choices)
    service_line = choice("Línea de servicio", ServiceLine.choices)
    priority = choice("Prioridad", [("", "La de impacto × urgencia"), *Priority.choices])
    impact = choice("Impacto", [NOTHING, *meaning(Impact, IMPACT_MEANING)])
    urgency = choice("Urgencia", [NOTHING, *meaning(Urgency, URGENCY_MEANING)])
    created_at = when("Levantado (vacío: ahora)")
    tries = forms.BooleanField(label="Comparar con otras condiciones", required=False)
    pauses_for_user = choice("La espera al usuario pausa", [AS_THE_GUIDE, ("true", "Sí"), ("false", "No")])
    pauses_for_vendor = choice("La espera al proveedor pausa", [AS_THE_GUIDE, ("true", "Sí"), ("false", "No")])
    closed_days = forms.CharField(
        label="Días inhábiles propios",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "3/4/2026 Viernes Santo"}),
        help_text="Uno por renglón: la fecha y, si quiere, su nombre.",
    )

    def __init__(self, query: QueryDict, *, actor: User) -> None:
        given = query.copy()
        if "kind" not in query:  # not sent by the form: a new case, or a link that says only whose
            for name, value in DEFAULTS.items():
                given.setdefault(name, value)
        super().__init__(given, auto_id="caso-%s")
        self.actor = actor
        self.pause_rows = self._rows("pause", self._pause_fields)
        self.window_rows = self._rows("window", self._window_fields)
        for priority in Priority.values:
            for name in MINUTES:
                kind = "Reacción" if name.startswith("reaction") else "Atención"
                widget = forms.TextInput(attrs={"inputmode": "numeric"})
                field = forms.CharField(label=f"{kind}, minutos", required=False, widget=widget)
                self.fields[f"override-{priority}-{name}"] = field
            for name in CLOCKS:
                kind = "Reacción" if name.startswith("reaction") else "Atención"
                self.fields[f"override-{priority}-{name}"] = choice(f"{kind}, horas", [AS_THE_GUIDE, *Basis.choices])
        self.faults: dict[str, str] = {}
        self.places: dict[str, str] = {}
        """The preview's dotted name -> the input that it came from."""
        self.chosen_company = self._named("company", companies.company_named)
        self.chosen_contract = self._named("contract", companies.contract_numbered)

    # -- the inputs -----------------------------------------------------------------------------------------------------

    def _pause_fields(self, prefix: str) -> dict[str, forms.Field]:
        return {
            f"{prefix}-start": when("Desde"),
            f"{prefix}-end": when("Hasta (vacío: sigue)"),
            f"{prefix}-cause": choice("Por qué", [("", "Siempre pausa"), *PauseCause.choices]),
        }

    def _window_fields(self, prefix: str) -> dict[str, forms.Field]:
        return {
            f"{prefix}-day": choice("Día", DAYS),
            f"{prefix}-opens": hour("Abre", "19:00"),
            f"{prefix}-closes": hour("Cierra", "24:00"),
            f"{prefix}-second": forms.BooleanField(label="Con segundo nivel", required=False),
            f"{prefix}-holidays": forms.BooleanField(label="En días inhábiles", required=False),
        }

    def _rows(self, name: str, fields: Any) -> list[list[str]]:
        """The rows of inputs: those that the address fills in, and some to go on with."""
        used = [int(key.split("-")[1]) for key in self.data if _is_row(key, name) and self.text(key)]
        count = min(max(used, default=-1) + 1 + SPARE, MOST_ROWS)
        rows = []
        for index in range(count):
            made = fields(f"{name}-{index}")
            self.fields.update(made)
            rows.append(list(made))
        return rows

    def _named(self, name: str, find: Any) -> Any:
        row, fault = find(self.text(name), self.actor)
        if fault:
            self.faults[name] = fault
        return row

    def text(self, name: str) -> str:
        return str(self.data.get(name, "")).replace("\x00", "").strip()

    def bound(self, names: list[str]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def pauses(self) -> list[list[forms.BoundField]]:
        return [self.bound(row) for row in self.pause_rows]

    @property
    def windows(self) -> list[list[forms.BoundField]]:
        return [self.bound(row) for row in self.window_rows]

    @property
    def overrides(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Each priority's word and inputs."""
        names = ("reaction_minutes", "reaction_clock", "attention_minutes", "attention_clock")
        return [(str(one.label), self.bound([f"override-{one.value}-{name}" for name in names])) for one in Priority]

    @property
    def zone(self) -> str:
        """In whose time the moments are written and told: the company's."""
        contract = getattr(self, "chosen_contract", None)
        company = getattr(self, "chosen_company", None) or (contract.company if contract else None)
        return str(company.time_zone) if company else DEFAULT_ZONE

    @property
    def has_tried(self) -> bool:
        return bool(self.text("tries"))

    @property
    def has_pauses(self) -> bool:
        return any(self.text(name) for row in self.pause_rows for name in row)

    @property
    def by_the_guide(self) -> bool:
        """Nobody's contract was named."""
        return self.chosen_company is None and self.chosen_contract is None

    # -- what the preview takes -----------------------------------------------------------------------------------------

    def case(self) -> dict[str, Any]:
        """The ticket that was described, measured as signed: by its contract, or by the guide when nobody's was named."""
        data: dict[str, Any] = {name: self.text(name) or None for name in CODED}
        data["created_at"] = self._moment("created_at", "created_at")
        data["pauses"] = self._pauses()
        if self.chosen_company is not None:
            data["company"] = self.chosen_company.pk
        if self.chosen_contract is not None:
            data["contract"] = self.chosen_contract.pk
        if self.by_the_guide:
            data["terms"] = {}
        return {name: value for name, value in data.items() if value is not None}

    def tried(self) -> dict[str, Any]:
        """The same ticket under the tried terms: of the contract only its company's time zone stays."""
        data = self.case()
        contract = data.pop("contract", None)
        if contract is not None:
            data["company"] = self.chosen_contract.company_id
        said = {name: self.text(name) == "true" for name in PAUSES if self.text(name) in ("true", "false")}
        return data | {
            "terms": {
                "extension": {"windows": self._windows()},
                "overrides": self._overrides(),
                "closed_days": self._closed_days(),
                **said,
            }
        }

    def _moment(self, name: str, path: str) -> str | None:
        """What was written, as the company's wall clock says it; None when nothing was."""
        text = self.text(name)
        self.places[path] = name
        if not text:
            return None
        try:
            found = parse_datetime(text)
            if found is None:
                raise ValueError(text)
            found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.zone))
            return found.isoformat()
        except (ValueError, OverflowError):
            return text

    def _pauses(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start, end, cause in self.pause_rows:
            if not (self.text(start) or self.text(end)):
                continue
            path = f"pauses.{len(found)}"
            self.places[f"{path}.cause"] = cause
            found.append(
                {
                    "start": self._moment(start, f"{path}.start"),
                    "end": self._moment(end, f"{path}.end"),
                    "cause": self.text(cause) or None,
                }
            )
        return found

    def _windows(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for day, opens, closes, second, holidays in self.window_rows:
            if not (self.text(opens) or self.text(closes)):
                continue
            days = WEEKDAYS[:5] if self.text(day) == OFFICE_DAYS else (self.text(day),)
            for each in days:
                if each not in WEEKDAYS:
                    self.faults[day] = CHOOSE
                    continue
                windows = found.setdefault(each, [])
                self.places[f"terms.extension.windows.{each}.{len(windows)}"] = opens
                windows.append(
                    {
                        "opens": self.text(opens).zfill(5),
                        "closes": self.text(closes).zfill(5),
                        "includes_second_level": bool(self.text(second)),
                        "works_on_holidays": bool(self.text(holidays)),
                    }
                )
        return found

    def _overrides(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for priority in Priority.values:
            for name in (*MINUTES, *CLOCKS):
                field = f"override-{priority}-{name}"
                self.places[f"terms.overrides.{priority}.{name}"] = field
                if text := self.text(field):
                    found.setdefault(priority, {})[name] = _whole(text) if name in MINUTES else text
        return found

    def _closed_days(self) -> list[dict[str, Any]]:
        lines = [(n, line.split(maxsplit=1)) for n, line in enumerate(self.text("closed_days").splitlines(), start=1)]
        found: list[dict[str, Any]] = []
        for number, words in lines:
            if words:
                for part in ("", ".name"):
                    self.places[f"terms.closed_days.{len(found)}{part}"] = f"closed_days#{number}"
                found.append({"date": _iso(words[0]), "name": words[1] if len(words) > 1 else None})
        return found

    # -- the faults -----------------------------------------------------------------------------------------------------

    def refused(self, error: InvalidInput) -> list[str]:
        """Put each fault of the preview beside its input, in words for people; those that belong to none are returned."""
        told: dict[str, str] = {}
        for path, message in error.errors.items():
            field, _, line = self.places.get(path, path).partition("#")
            if line:
                message = WHICH_DAY.format(line)
            elif field == "priority" and not self.text("priority"):
                message = NO_PRIORITY
            elif field in self.fields and "Debe ser uno de" in message:
                message = CHOOSE
            elif field in self.fields and "ISO 8601" in message:
                message = WHEN
            told.setdefault(field, message)
        return self.refuse(InvalidInput(told))


def _is_row(key: str, name: str) -> bool:
    parts = key.split("-")
    return len(parts) == 3 and parts[0] == name and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 3


def _whole(text: str) -> int | str:
    """A number if it is one; else as it was typed, for the preview to refuse."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _iso(text: str) -> str:
    """«3/4/2026», as one writes the third of April, in the preview's own way; anything else as it was typed."""
    parts = text.split("/")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return text
    day, month, year = parts
    return f"{year}-{month:0>2}-{day:0>2}"


def compact(query: QueryDict) -> str:
    """The address without its empty inputs: what one would want to share."""
    return urlencode([(name, value) for name, values in query.lists() for value in values if value.strip()])


def copied(form: WhatIfForm, terms: ServiceTerms) -> str:
    """The address of the same case with the terms' own rows filled in as the tried ones. Three queries."""
    given = {name: value for name, value in form.data.items() if not name.startswith(("window-", "override-"))}
    days = (f"{row.date.day}/{row.date.month}/{row.date.year} {row.name}" for row in terms.closed_days.all())
    given |= {"tries": "on", "closed_days": "\n".join(days)}
    for index, row in enumerate(terms.extension_windows.all()[:MOST_ROWS]):
        given |= {
            f"window-{index}-day": WEEKDAYS[row.weekday],
            f"window-{index}-opens": _hour(row.opens),
            f"window-{index}-closes": _hour(row.closes),
            f"window-{index}-second": "on" if row.includes_second_level else "",
            f"window-{index}-holidays": "on" if row.works_on_holidays else "",
        }
    rows = targets.stored_rows(terms.pk)
    for priority in Priority.values:
        for name in (*MINUTES, *CLOCKS):
            said = rows.get((priority, form.text("service_line")), {}).get(name) or rows.get((priority, ""), {}).get(
                name
            )
            given[f"override-{priority}-{name}"] = str(said or "")
    for name in PAUSES:
        value = getattr(terms, name)
        given[name] = "" if value is None else "true" if value else "false"
    return urlencode({name: value for name, value in given.items() if value and name != COPY})


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
