"""What the terms of service ask for: each fault beside its row, in words, before the database would refuse it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.forms.models import BaseInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget

from core import clock
from customers import terms as terms_of
from customers.models import ServiceTerms
from escalation.vocabulary import RuleClock
from tickets.models import PriorityRule
from tickets.vocabulary import Impact, Priority, ServiceLine, Urgency

CELLS = [(urgency, impact) for urgency in Urgency for impact in Impact]
GUIDE = ("", "La de la guía")
OWN_COMPANYS = ("", "La de la compañía")
MEXICO = (
    ("America/Mexico_City", "Centro (Ciudad de México)"),
    ("America/Cancun", "Sureste (Quintana Roo)"),
    ("America/Mazatlan", "Pacífico (Sinaloa, Nayarit, Baja California Sur)"),
    ("America/Hermosillo", "Sonora"),
    ("America/Tijuana", "Noroeste (Baja California)"),
    ("America/Ciudad_Juarez", "Ciudad Juárez"),
    ("America/Matamoros", "Frontera del noreste (Matamoros, Reynosa)"),
    ("America/Ojinaga", "Ojinaga"),
)
A_YEAR = 366 * 24
"""Hours."""
NOT_PLACES = ("Etc", "US", "Canada", "Mexico", "Brazil", "Chile", "SystemV")


def cell_name(urgency: str, impact: str) -> str:
    return f"matrix_{urgency}_{impact}"


def zones(stored: str = "") -> list[Any]:
    """The zones of Mexico by their names, then the others by continent; `stored` is always among them."""
    named = dict(MEXICO)
    others: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones() | ({stored} if stored else set())):
        continent, _, place = name.partition("/")
        if (place and continent not in NOT_PLACES and name not in named) or (name == stored and name not in named):
            others.setdefault(continent, []).append((name, name))
    return [OWN_COMPANYS, ("México", list(MEXICO)), *others.items()]


class TermsForm(forms.ModelForm):
    """The terms and their sixteen cells of the matrix (guide 3.4.1)."""

    time_zone = forms.ChoiceField(
        label="Zona horaria",
        required=False,
        help_text="En la que se cuentan los horarios.",
        widget=UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": "«%(value)s» no es una zona horaria. Elija una de la lista."},
    )

    class Meta:
        model = ServiceTerms
        fields = (
            "contract",
            "name",
            "valid_from",
            "calendar",
            "validation_hours",
            "pauses_for_user",
            "pauses_for_vendor",
            "time_zone",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = [("unknown", "Lo de la guía"), ("true", "Sí"), ("false", "No")]
        if "time_zone" in self.fields:
            self.fields["time_zone"].choices = zones(self.instance.time_zone)  # type: ignore[attr-defined]
        said = dict(_cells(self.instance.priority_rules)) if self.instance.pk else {}
        for urgency, impact in CELLS:
            name = cell_name(urgency, impact)
            if name in self.fields:
                self.fields[name].initial = said.get((urgency, impact), "")

    def clean_valid_from(self) -> datetime:
        moment: datetime = self.cleaned_data["valid_from"]
        if moment <= clock.now():
            raise forms.ValidationError(
                "Las condiciones nuevas rigen desde una fecha futura: las que ya rigieron no cambian."
            )
        return moment

    def clean_validation_hours(self) -> int | None:
        hours: int | None = self.cleaned_data["validation_hours"]
        if hours is not None and hours > A_YEAR:
            raise forms.ValidationError(f"Son {hours:,} horas naturales; caben {A_YEAR:,}, un año.")
        return hours

    def clean(self) -> dict[str, Any] | None:
        """The guide's own terms answer every question; a contract's, only those that it changes."""
        cleaned = super().clean()
        if self.cleaned_data.get("contract") is None and "contract" not in self.errors:
            for urgency, impact in CELLS:
                name = cell_name(urgency, impact)
                if name in self.fields and not self.cleaned_data.get(name):
                    self.add_error(name, "Las condiciones de la guía llevan la matriz completa.")
            for name in ("calendar", "pauses_for_user", "pauses_for_vendor", "validation_hours"):
                if name in self.fields and name not in self.errors and self.cleaned_data.get(name) is None:
                    self.add_error(name, "Las condiciones de la guía no dejan este dato vacío.")
        self._only_ones_of_their_moment()
        return cleaned

    def _only_ones_of_their_moment(self) -> None:
        moment = self.cleaned_data.get("valid_from")
        if moment is None or "contract" in self.errors:
            return
        if terms_of.is_taken(self.cleaned_data.get("contract"), moment, besides=self.instance.pk or 0):
            self.add_error(
                "valid_from", "Ya hay otras condiciones que empiezan en ese momento. Elija otra fecha u hora."
            )

    def validate_constraints(self) -> None:
        """`clean` has said the same in words."""

    def save_matrix(self) -> None:
        """Store the cells as they were chosen; an empty one means the guide's."""
        self.instance.priority_rules.all().delete()
        chosen = {cell: self.cleaned_data.get(cell_name(*cell)) for cell in CELLS}
        PriorityRule.objects.bulk_create(
            PriorityRule(terms=self.instance, urgency=urgency, impact=impact, priority=priority)
            for (urgency, impact), priority in chosen.items()
            if priority
        )


def _cells(rules: Any) -> Iterator[tuple[tuple[str, str], str]]:
    rows = rules.values_list("urgency", "impact", "priority")
    return (((urgency, impact), priority) for urgency, impact, priority in rows)


def _cell_field(urgency: Urgency, impact: Impact) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"{urgency.label} × {impact.label}",
        choices=[GUIDE, *Priority.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


GridForm: Any = type(
    "GridForm", (TermsForm,), {cell_name(urgency, impact): _cell_field(urgency, impact) for urgency, impact in CELLS}
)


class OnceFormSet(BaseInlineFormSet):
    """Rows of which no two may say the same in the fields `once`; the second one is told so, beside the first of those fields."""

    once: ClassVar[tuple[str, ...]] = ()
    repeated: ClassVar[str] = "Este renglón está repetido."

    def clean(self) -> None:
        super().clean()
        sent = [form.instance.pk for form in self.forms if form.instance.pk]
        # Somebody may have written rows since this page was opened.
        rows: Any = self.queryset
        seen = set(rows.exclude(pk__in=sent).values_list(*self.once))
        for form in self.kept():
            if all(name not in form.errors for name in self.once):
                key = tuple(form.cleaned_data.get(name) for name in self.once)
                if key in seen:
                    form.add_error(self.once[0], self.repeated)
                seen.add(key)

    def kept(self) -> Iterable[forms.ModelForm]:
        """The rows that will be there: neither empty nor deleted."""
        for form in self.forms:
            told = getattr(form, "cleaned_data", None)
            if told and not told.get("DELETE") and (form.has_changed() or form.instance.pk):
                yield form

    def validate_unique(self) -> None:
        """`clean` says it in words."""


class WindowFormSet(OnceFormSet):
    once = ("weekday", "opens", "closes")
    repeated = "Ya hay un renglón con ese mismo día y ese mismo horario."


class DayFormSet(OnceFormSet):
    once = ("date",)
    repeated = "Ya hay un renglón de esa fecha."


class WarningFormSet(OnceFormSet):
    once = ("percent",)
    repeated = "Ya hay un aviso a ese porcentaje."


class TargetFormSet(OnceFormSet):
    once = ("priority", "service_line")
    repeated = "Ya hay un renglón de esa prioridad y esa línea."

    def clean(self) -> None:
        """The guide's targets leave no ticket without its times: there is nobody after them to ask."""
        super().clean()
        if any(self.errors) or self.instance.contract_id is not None:
            return
        said = set(self._values())
        lacking = [
            f"{priority.label.lower()} en {line.label.lower()}"
            for priority in Priority
            for line in ServiceLine
            for name in ("reaction_minutes", "attention_minutes")
            if not {(priority, line, name), (priority, "", name)} & said
        ]
        if lacking:
            told = "; ".join(dict.fromkeys(lacking))
            raise forms.ValidationError(f"Las condiciones de la guía llevan todos los tiempos. Faltan: {told}.")

    def _values(self) -> Iterator[tuple[str, str, str]]:
        """Which times will be said, by priority and line: in the rows of the form, and in those that it does not touch."""
        told = [form.cleaned_data for form in self.kept()]
        sent = [form.instance.pk for form in self.forms if form.instance.pk]
        if self.instance.pk:
            told += self.instance.targets.exclude(pk__in=sent).values()
        for row in told:
            for name in ("reaction_minutes", "attention_minutes"):
                if row.get(name):
                    yield row["priority"], row.get("service_line") or "", name


class RuleForm(forms.ModelForm):
    """Either at a part of the target, or some time after it was missed; a promised date has no parts (guide 3.5.2)."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        told = self.cleaned_data
        percent, delay = told.get("percent"), told.get("delay_minutes")
        if told.get("clock") == RuleClock.COMMITMENT and percent is not None:
            self.add_error(
                "percent",
                "La fecha compromiso no tiene porcentaje: deje este dato vacío y escriba los minutos tras vencer.",
            )
        elif percent is not None and delay is not None:
            self.add_error("percent", "Escriba el porcentaje o los minutos tras vencer, no ambos.")
        elif percent is None and delay is None and not {"percent", "delay_minutes"} & set(self.errors):
            asked = "delay_minutes" if told.get("clock") == RuleClock.COMMITMENT else "percent"
            self.add_error(asked, "Escriba cuándo: el porcentaje, o los minutos tras vencer (0 es en cuanto vence).")
        return cleaned

    def validate_constraints(self) -> None:
        """`clean` has said the same in words."""


class RuleFormSet(OnceFormSet):
    once = ("clock", "priority", "percent", "delay_minutes", "level")
    repeated = "Esta regla está repetida."
