"""The forms of the yearly NPS. They read what was typed; what it may be is the services' own affair."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_date

from accounts.models import User
from console.forms import PlainForm
from core.errors import InvalidInput
from core.text import is_number
from customers.models import Company
from surveys.models import Campaign
from surveys.services.campaigns import Draft
from surveys.vocabulary import Audience

NUMBERS = ("year", "waves", "wave_days", "remind_days", "reminders")
DATES = ("opens_on", "closes_on")


def _number(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, widget=forms.NumberInput(attrs={"inputmode": "numeric"}))


def _day(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}))


class CampaignForm(PlainForm):
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Nombre", help_text="Lo ve la Mesa, no quien contesta.")
    year = _number("Año", "Se pregunta una vez por persona al año.")
    opens_on = _day("Abre", "La primera oleada sale a las 10:00.")
    closes_on = _day("Cierra", "Último día para contestar.")
    audience = forms.ChoiceField(label="A quién se le pregunta", choices=Audience.choices)
    companies = forms.MultipleChoiceField(
        label="Compañías",
        required=False,
        help_text="Ninguna: todas las activas.",
        widget=forms.CheckboxSelectMultiple,
    )
    waves = _number("Oleadas", "Partes parejas en cada compañía.")
    wave_days = _number("Días entre oleadas", "De una a la siguiente.")
    reminders = _number("Recordatorios", "A quien no conteste; 0 para ninguno.")
    remind_days = _number("Días entre recordatorios", "Desde el correo anterior.")

    def __init__(self, *args: Any, actor: User, campaign: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "campana-%s", **kwargs})
        chosen = set(campaign.companies.values_list("pk", flat=True)) if campaign else set()
        rows = Company.objects.visible_to(actor).order_by("name").values_list("pk", "name", "is_active")
        self.fields["companies"].choices = [  # type: ignore[attr-defined]
            (str(pk), name) for pk, name, is_active in rows if is_active or pk in chosen
        ]

    @classmethod
    def initial_of(cls, campaign: Campaign) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(campaign, name) for name in (*NUMBERS, "name", "audience", "version")}
        values |= {name: getattr(campaign, name).isoformat() for name in DATES}
        return {**values, "companies": [str(pk) for pk in campaign.companies.values_list("pk", flat=True)]}

    def given(self) -> Draft:
        """What was typed. Raises InvalidInput for what is no number or no day."""
        errors: dict[str, str] = {}
        values: dict[str, Any] = {
            "name": self.raw("name")["name"].strip(),
            "audience": self.raw("audience")["audience"],
        }
        for name, text in self.raw(*NUMBERS).items():
            text = text.strip()
            if is_number(text) and len(text) < 6:
                values[name] = int(text)
            else:
                errors[name] = "Escriba un número entero."
        for name, text in self.raw(*DATES).items():
            found = day(text)
            if found is None:
                errors[name] = "Elija un día."
            values[name] = found
        chosen = self.data.getlist("companies") if isinstance(self.data, QueryDict) else []
        values["companies"] = tuple(sorted(int(pk) for pk in chosen if is_number(pk)))
        if errors:
            raise InvalidInput(errors)
        return Draft(**values)


def day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


class ExtendForm(PlainForm):
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    closes_on = _day("Nuevo cierre", "Un día posterior al cierre de ahora.")


class CancelForm(PlainForm):
    version = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Motivo", widget=forms.Textarea(attrs={"rows": 2}), help_text="Queda en el historial de la campaña."
    )


class LoopForm(PlainForm):
    note = forms.CharField(
        label="Qué se habló y qué se acordó",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Queda en la respuesta y en su acción correctiva. No se puede cambiar después.",
    )


class ImportForm(PlainForm):
    file = forms.FileField(
        label="Archivo CSV o Excel (.xlsx)", widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"})
    )


class ConfirmForm(PlainForm):
    content = forms.CharField(widget=forms.HiddenInput)
    sure = forms.BooleanField(label="Sí, sustituir los resultados que ya están", required=False)


class ResultsForm(PlainForm):
    """What narrows results and answers. Values that are no choice count as none."""

    ano = forms.ChoiceField(label="Año", required=False)
    compania = forms.ChoiceField(label="Compañía", required=False)
    servicio = forms.ChoiceField(label="Servicio", required=False)

    def __init__(self, query: QueryDict, *, years: list[int], names: Any) -> None:
        super().__init__(query, auto_id="nps-%s")
        self.choose("ano", [("", "Todos"), *((str(year), str(year)) for year in years)])
        self.choose("compania", [("", "Todas"), *((str(pk), name) for pk, name in names["company"])])
        services = [(str(pk), name) for pk, name in names["service"]]
        self.choose("servicio", [("", "Todos"), *services, ("0", "Sin servicio")])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def chosen(self, name: str) -> str:
        """A choice of the form; "" for anything else."""
        value = str(self.data.get(name, "")).strip()
        choices: Any = self.fields[name].choices  # type: ignore[attr-defined]
        return value if value in [str(choice) for choice, _ in choices] else ""

    def number(self, name: str) -> int | None:
        value = self.chosen(name)
        return int(value) if value else None

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen(name) for name in self.fields if name != "ano")


class AnswersForm(ResultsForm):
    clase = forms.ChoiceField(
        label="Clase",
        required=False,
        choices=[("", "Todas"), ("promoter", "Promotores"), ("passive", "Pasivos"), ("detractor", "Detractores")],
    )
    razon = forms.ChoiceField(
        label="Razón", required=False, choices=[("", "Con y sin razón"), ("si", "Sólo con razón"), ("no", "Sin razón")]
    )
    q = forms.CharField(
        label="Buscar", required=False, widget=forms.TextInput(attrs={"placeholder": "En la razón o el nombre"})
    )

    @property
    def search(self) -> str:
        return str(self.data.get("q", "")).replace("\x00", "").strip()[:100]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search) or any(self.chosen(name) for name in self.fields if name not in ("ano", "q"))
