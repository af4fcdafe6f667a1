"""The form by which a ticket is raised: the guide's minimum, two questions, and the catalogue item's own (guide 3.4, 4.2)."""

import uuid
from typing import Any

from django import forms

from accounts.models import User
from accounts.roles import Role
from core.errors import InvalidInput
from customers.models import Environment, Service, ValidUser
from customers.terms import Standing
from portal.forms.base import FilesField, PortalForm
from tickets.models import CatalogItem
from tickets.services import intake
from tickets.vocabulary import Impact, Kind, ServiceLine, Urgency

OTHER = "otro"

IMPACT_OPTIONS = [
    {
        "value": Impact.EXTENSIVE,
        "title": "A toda la compañía",
        "text": "Nadie puede operar con normalidad",
        "icon": "building-office-2",
    },
    {
        "value": Impact.SIGNIFICANT,
        "title": "A una organización",
        "text": "Una razón social, planta o división",
        "icon": "building-storefront",
    },
    {
        "value": Impact.MODERATE,
        "title": "A un departamento",
        "text": "Por ejemplo, Nómina o Compras",
        "icon": "user-group",
    },
    {"value": Impact.MINOR, "title": "A una persona", "text": "A usted o a alguien más", "icon": "user"},
]
URGENCY_OPTIONS = [
    {"value": Urgency.CRITICAL, "title": "No", "text": "El trabajo está detenido", "icon": "stop-circle"},
    {
        "value": Urgency.HIGH,
        "title": "Con dificultades",
        "text": "Avanza lento o con rodeos",
        "icon": "exclamation-triangle",
    },
    {"value": Urgency.MEDIUM, "title": "Casi todo", "text": "Falla algo que no es crítico", "icon": "minus-circle"},
    {"value": Urgency.LOW, "title": "Sí", "text": "Puede esperar", "icon": "check-circle"},
]
KIND_OPTIONS = [
    {
        "value": Kind.INCIDENT,
        "title": "Algo no funciona",
        "text": "Una falla o un error",
        "icon": "exclamation-triangle",
    },
    {"value": Kind.REQUEST, "title": "Necesito algo", "text": "Una duda, un alta, un cambio", "icon": "hand-raised"},
]
LINE_OPTIONS = [
    {
        "value": ServiceLine.FUNCTIONAL,
        "title": "Mi aplicación",
        "text": "Módulos, datos, usuarios, configuración",
        "icon": "window",
    },
    {
        "value": ServiceLine.TECHNICAL,
        "title": "Consultas y parches",
        "text": "Queries, tablas, errores del producto",
        "icon": "wrench-screwdriver",
    },
    {
        "value": ServiceLine.TECHNOLOGICAL,
        "title": "Acceso e infraestructura",
        "text": "Entrar, servidores, bases de datos, VPN",
        "icon": "server-stack",
    },
]
ANSWERS = {"impact": IMPACT_OPTIONS, "urgency": URGENCY_OPTIONS}


def answer(question: str, value: str) -> str:
    """The words in which the customer answered, for showing them again."""
    return next((str(option["title"]) for option in ANSWERS[question] if option["value"] == value), value)


class RaiseForm(PortalForm):
    key = forms.CharField(widget=forms.HiddenInput, required=False)
    requester = forms.ChoiceField(
        label="¿A nombre de quién?", required=False, help_text="A esa persona le llegan las respuestas y los avisos."
    )
    kind = forms.ChoiceField(choices=Kind.choices, label="¿Qué necesita?")
    service_line = forms.ChoiceField(choices=ServiceLine.choices, label="¿Con qué tiene que ver?")
    service = forms.ChoiceField(label="¿En qué servicio?", help_text="Sólo aparecen los servicios de su contrato.")
    title = forms.CharField(label="Título", help_text="Una frase: qué falla y dónde.", max_length=200)
    description = forms.CharField(
        label="¿Qué pasa?",
        help_text="Qué hizo, qué esperaba y qué ocurrió. No escriba contraseñas ni direcciones IP.",
        widget=forms.Textarea,
    )
    impact = forms.ChoiceField(choices=Impact.choices)
    urgency = forms.ChoiceField(choices=Urgency.choices)
    files = FilesField(label="Pantallas y archivos", required=False)  # type: ignore[assignment]

    def __init__(
        self, *args: Any, user: User, standing: Standing, item: CatalogItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.standing, self.item = user, standing, item
        self.services = list(standing.contract.services.filter(is_active=True))
        self.environments = list(
            Environment.objects.visible_to(user).filter(service__in=self.services).select_related("service")
        )
        self.colleagues = self._offer_colleagues()
        self._offer_services()
        if item is not None:
            del self.fields["kind"], self.fields["service_line"]
            if item.kind == Kind.REQUEST:
                self.fields["title"].help_text = "Una frase: qué necesita y dónde."
                self.fields["description"].label = "¿Qué necesita?"
                self.fields["description"].help_text = "Todo lo que ayude a hacerlo bien. No escriba contraseñas."
        self.questions = [self._ask(question) for question in (item.fields if item else [])]
        for name, message in REQUIRED.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = message
        if not self.is_bound:
            self.initial = {**self._proposed(), **self.initial}

    def _proposed(self) -> dict[str, Any]:
        values: dict[str, Any] = {"key": uuid.uuid4()}
        if self.item is not None:
            values |= {"impact": self.item.default_impact, "urgency": self.item.default_urgency}
        offered = [value for value, _ in self.fields["service"].choices if value]  # type: ignore[attr-defined]
        if len(offered) == 2:
            values["service"] = offered[0]
        return values

    def _offer_colleagues(self) -> dict[str, User]:
        """For whom this person may raise a ticket besides themselves: a representative, for the valid users of their company."""
        if self.user.role != Role.REPRESENTATIVE:
            del self.fields["requester"]
            return {}
        rows = ValidUser.objects.visible_to(self.user).filter(status=ValidUser.Status.ACTIVE, user__is_active=True)
        others = rows.exclude(user=self.user).select_related("user").order_by("user__full_name", "pk")
        found: dict[str, User] = {str(row.user_id): row.user for row in others}
        names = [(pk, person.full_name) for pk, person in found.items()]
        field = self.fields["requester"]
        field.choices = [("", f"{self.user.full_name} (usted)"), *names]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = "Elija a una persona de la lista."
        return found

    @property
    def speaks_for(self) -> User:
        """Whose ticket it will be, by the cleaned form."""
        return self.colleagues.get(self.cleaned_data.get("requester", ""), self.user)

    def _offer_services(self) -> None:
        """Each contracted service once per environment of the company; and a way out for who does not know."""
        options: list[tuple[str, str]] = [("", "Elija un servicio")]
        for service in self.services:
            places = [row for row in self.environments if row.service_id == service.pk]
            options += [(f"{service.pk}-{row.pk}", str(row)) for row in places] or [(str(service.pk), service.name)]
        field = self.fields["service"]
        field.choices = [*options, (OTHER, "Otro, o no lo sé")]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = "Elija un servicio de la lista."

    def _ask(self, question: dict[str, Any]) -> str:
        """Add the catalogue item's question as a field, and give its name in the form."""
        name = f"q_{question['name']}"
        common = {"label": question["label"], "required": bool(question.get("required"))}
        field: forms.Field
        if question.get("type") == "choice":
            choices = [("", "Elija una opción"), *((option, option) for option in question.get("options", []))]
            field = forms.ChoiceField(choices=choices, **common)
            field.error_messages["invalid_choice"] = "Elija una opción de la lista."
        elif question.get("type") == "date":
            field = forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
        else:
            field = forms.CharField(max_length=2000, **common)
        field.error_messages["required"] = f"Escriba «{question['label']}»."
        self.fields[name] = field
        return name

    def report(self) -> intake.Report:
        """What the cleaned form reports."""
        clean = self.cleaned_data
        service, environment = self._chosen(clean["service"])
        return intake.Report(
            title=clean["title"],
            description=clean["description"],
            kind=clean.get("kind", ""),
            service_line=clean.get("service_line", ""),
            impact=clean["impact"],
            urgency=clean["urgency"],
            catalog_item=self.item,
            fields={name.removeprefix("q_"): clean[name] for name in self.questions if clean.get(name)},
            service=service,
            environment=environment,
            files=clean["files"],
        )

    def _chosen(self, value: str) -> tuple[Service | None, Environment | None]:
        service_id, _, environment_id = value.partition("-")
        service = next((row for row in self.services if str(row.pk) == service_id), None)
        environment = next((row for row in self.environments if str(row.pk) == environment_id), None)
        return service, environment

    def take(self, error: InvalidInput, names: dict[str, str] | None = None) -> None:
        asked = {f"fields.{name.removeprefix('q_')}": name for name in self.questions}
        super().take(error, {"environment": "service", **asked, **(names or {})})


REQUIRED = {
    "kind": "Elija si algo no funciona o si necesita algo.",
    "service_line": "Elija con qué tiene que ver.",
    "service": "Elija el servicio. Si no lo sabe, elija «Otro, o no lo sé».",
    "title": "Escriba un título: qué falla y dónde.",
    "description": "Cuéntenos qué pasa.",
    "impact": "Elija a quién afecta.",
    "urgency": "Elija si puede trabajar.",
}
