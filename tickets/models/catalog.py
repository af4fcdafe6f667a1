"""The catalogue: the services of the guide's 3.2 as templates by which a ticket is raised (guide 4.2)."""

from django.db import models

from accounts.models import SupportGroup
from tickets.vocabulary import Impact, Kind, ServiceLine, Urgency


class CatalogCategory(models.Model):
    name = models.CharField("nombre", max_length=80, unique=True)
    position = models.PositiveSmallIntegerField("posición", default=0)

    class Meta:
        verbose_name = "categoría del catálogo"
        verbose_name_plural = "categorías del catálogo"
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class CatalogItem(models.Model):
    """A template. `fields` is a list of extra questions: {"name", "label", "type": "text"|"choice"|"date", "required", "options"}."""

    category = models.ForeignKey(CatalogCategory, models.PROTECT, related_name="items", verbose_name="categoría")
    name = models.CharField("nombre", max_length=120, unique=True)
    description = models.CharField("descripción", max_length=300, blank=True)
    icon = models.CharField("icono", max_length=40, default="document-text")
    kind = models.CharField("tipo", max_length=10, choices=Kind.choices)
    service_line = models.CharField("línea de servicio", max_length=15, choices=ServiceLine.choices)
    guide_service = models.CharField(
        "servicio de la guía", max_length=400, blank=True, help_text="El texto de la sección 3.2 que atiende."
    )
    default_impact = models.CharField("impacto propuesto", max_length=12, choices=Impact.choices, default=Impact.MINOR)
    default_urgency = models.CharField(
        "urgencia propuesta", max_length=10, choices=Urgency.choices, default=Urgency.MEDIUM
    )
    default_group = models.ForeignKey(
        SupportGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="grupo de segundo nivel que lo atiende",
        related_name="+",
    )
    fields = models.JSONField("preguntas", default=list, blank=True)
    position = models.PositiveSmallIntegerField("posición", default=0)
    is_active = models.BooleanField("activo", default=True)

    class Meta:
        verbose_name = "servicio del catálogo"
        verbose_name_plural = "servicios del catálogo"
        ordering = ("category__position", "position", "name")

    def __str__(self) -> str:
        return self.name
