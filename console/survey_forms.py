"""What the pages of the satisfaction surveys are narrowed by: their filters, read from the address."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.dateparse import parse_date

from accounts.models import User
from console import companies
from console.forms import PlainForm, active_groups
from surveys import satisfaction_queries
from surveys.satisfaction_queries import Narrow
from tickets.vocabulary import ServiceLine

MONTHS_SHOWN = 12
ALL = ("", "Todos")


def first_day(at: datetime, months: int = MONTHS_SHOWN) -> date:
    """The first day, at the desk, of the month `months` - 1 before the one of `at`."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    count = today.year * 12 + today.month - months
    return date(count // 12, count % 12 + 1, 1)


class ResultsForm(PlainForm):
    desde = forms.DateField(label="Cerrados desde", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    hasta = forms.DateField(label="Hasta", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    compania = forms.CharField(
        label="Compañía", required=False, widget=forms.TextInput(attrs={"list": "companias", "placeholder": "Todas"})
    )
    linea = forms.ChoiceField(label="Línea", required=False, choices=[("", "Todas"), *ServiceLine.choices])
    grupo = forms.ChoiceField(label="Grupo", required=False)
    agente = forms.ChoiceField(label="Quién atendió", required=False)

    def __init__(self, query: QueryDict, *, actor: User, at: datetime) -> None:
        self.usual = first_day(at).isoformat()
        super().__init__({"desde": self.usual, **query.dict()}, auto_id="encuestas-%s")
        self.is_own = satisfaction_queries.sees_own_only(actor)
        groups = [ALL, *((str(pk), name) for pk, name, _ in active_groups())]
        self.fields["grupo"].choices = groups  # type: ignore[attr-defined]
        if self.is_own:
            del self.fields["agente"]
        else:
            agents = [ALL, *((str(pk), name) for pk, name in satisfaction_queries.agents(actor))]
            self.fields["agente"].choices = agents  # type: ignore[attr-defined]
        self.company, fault = companies.company_named(self.text("compania"), actor)
        if fault:
            self.errors["compania"] = self.error_class([fault])
        self.since, self.until = self._day("desde"), self._day("hasta")
        if self.since and self.until and self.until < self.since:
            self.errors["hasta"] = self.error_class(["Elija un día igual o posterior al primero."])

    def text(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()

    def chosen(self, name: str) -> str:
        """A choice of the form; "" for anything else."""
        if name not in self.fields:
            return ""
        choices: Any = self.fields[name].choices  # type: ignore[attr-defined]
        value = self.text(name)
        return value if value in [str(choice) for choice, _ in choices] else ""

    def _day(self, name: str) -> date | None:
        text = self.text(name)
        if not text:
            return None
        try:
            found = parse_date(text)
        except ValueError:
            found = None
        if found is None or not 1900 <= found.year < 2200:
            self.errors[name] = self.error_class(["Escriba la fecha como día/mes/año."])
            return None
        return found

    @property
    def narrow(self) -> Narrow:
        return Narrow(
            since=self.since,
            until=self.until,
            company=self.company.pk if self.company else None,
            line=self.chosen("linea"),
            group=int(self.chosen("grupo") or 0) or None,
            agent=int(self.chosen("agente") or 0) or None,
        )

    @property
    def is_narrowed(self) -> bool:
        others = any(self.text(name) for name in self.fields if name != "desde")
        return others or bool(self.errors) or self.text("desde") != self.usual

    def query(self, **more: str) -> str:
        """The address's query of this choice, with these values changed."""
        kept = {name: self.text(name) for name in self.fields} | more
        return urlencode({name: value for name, value in kept.items() if value or name == "desde"})
