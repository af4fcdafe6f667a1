"""Registering a ticket for a valid user: who may be chosen, the form, and what the guide lets be said by telephone."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict

from accounts.models import User
from console.forms import ManyFiles, PlainForm, meaning
from core.caching import remembered
from customers.models import Environment, Service, ValidUser
from tickets.models import CatalogItem
from tickets.services import intake
from tickets.vocabulary import IMPACT_MEANING, URGENCY_MEANING, Channel, Impact, Kind, ServiceLine, Urgency

FOUND = 20
BY_PHONE = (
    "Por teléfono sólo se informa número, estado y fechas: no se leen comentarios ni datos de colaboradores, "
    "clientes o proveedores (guía 3.3.1)."
)
CHANNELS = [(c.value, c.label) for c in (Channel.PHONE, Channel.CHAT, Channel.EMAIL, Channel.WHATSAPP)]


def valid_users(text: str, actor: User) -> list[ValidUser]:
    """Those whose name, e-mail or company matches, at most FOUND. One query; none without a text."""
    text = text.replace("\x00", "").strip()[:200]
    if not text:
        return []
    match = Q(user__full_name__icontains=text) | Q(user__email__icontains=text) | Q(company__name__icontains=text)
    rows = ValidUser.objects.visible_to(actor).filter(match).select_related("user", "company")
    return list(rows.order_by("user__full_name", "pk")[:FOUND])


@remembered
def templates() -> list[tuple[int, str, str]]:
    """The catalogue's active items: id, category, name."""
    rows = CatalogItem.objects.filter(is_active=True).select_related("category")
    return [(row.pk, row.category.name, row.name) for row in rows]


def template_choices() -> list[Any]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for pk, category, name in templates():
        grouped.setdefault(category, []).append((str(pk), name))
    return [("", "Sin plantilla"), *grouped.items()]


class RegisterForm(PlainForm):
    channel = forms.ChoiceField(label="Medio", choices=CHANNELS)
    title = forms.CharField(label="Título", help_text="Qué falla y dónde.")
    description = forms.CharField(
        label="Descripción",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Qué hizo, qué esperaba y qué ocurrió; mensajes de error, si los hay.",
    )
    kind = forms.ChoiceField(label="Tipo", choices=Kind.choices)
    service_line = forms.ChoiceField(label="Línea de servicio", choices=ServiceLine.choices)
    impact = forms.ChoiceField(label="Impacto", choices=meaning(Impact, IMPACT_MEANING))
    urgency = forms.ChoiceField(label="Urgencia", choices=meaning(Urgency, URGENCY_MEANING))
    environment = forms.ChoiceField(label="Ambiente", required=False)
    service = forms.ChoiceField(label="Servicio contratado", required=False)
    external_reference = forms.CharField(label="Referencia del cliente", required=False)
    files = forms.FileField(label="Archivos", required=False, widget=ManyFiles)  # type: ignore[assignment]

    def __init__(
        self,
        *args: Any,
        services: list[Service],
        environments: list[Environment],
        item: CatalogItem | None = None,
        **kwargs: Any,
    ) -> None:
        given: dict[str, Any] = {
            "service_line": ServiceLine.FUNCTIONAL,
            "impact": Impact.MINOR,
            "urgency": Urgency.MEDIUM,
            "kind": Kind.INCIDENT,
            "channel": Channel.PHONE,
        }
        if item is not None:
            given |= {
                "kind": item.kind,
                "service_line": item.service_line,
                "impact": item.default_impact,
                "urgency": item.default_urgency,
            }
        super().__init__(*args, **{"auto_id": "alta-%s", "initial": given, **kwargs})
        self.services = {str(row.pk): row for row in services}
        self.environments = {str(row.pk): row for row in environments}
        self.item = item
        self._offer("service", self.services)
        self._offer("environment", self.environments)
        for question in item.fields if item else []:
            self.fields[f"fields.{question['name']}"] = _question(question)

    def _offer(self, name: str, rows: Mapping[str, Any]) -> None:
        choices = [("", "Sin indicar"), *((pk, str(row)) for pk, row in rows.items())]
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("fields.")]

    def report(self, files: list[Any]) -> intake.Report:
        """What was typed, as the intake takes it. Everything is checked there."""
        plain = self.raw("title", "description", "kind", "service_line", "impact", "urgency", "external_reference")
        answers = {name[7:]: str(self.data.get(name, "")) for name in self.fields if name.startswith("fields.")}
        return intake.Report(
            **plain,
            catalog_item=self.item,
            fields=answers,
            service=self.services.get(str(self.data.get("service", ""))),
            environment=self.environments.get(str(self.data.get("environment", ""))),
            files=files,
        )


def _question(question: Mapping[str, Any]) -> forms.Field:
    common: dict[str, Any] = {"label": question["label"], "required": bool(question.get("required"))}
    if question.get("type") == "choice":
        choices = [("", "—"), *((option, option) for option in question.get("options", []))]
        return forms.ChoiceField(choices=choices, **common)
    widget = forms.DateInput(attrs={"type": "date"}) if question.get("type") == "date" else None
    return forms.CharField(widget=widget, **common)


def item_of(query: QueryDict) -> CatalogItem | None:
    pk = query.get("plantilla", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return None
    found: CatalogItem | None = CatalogItem.objects.filter(pk=int(pk), is_active=True).first()
    return found
