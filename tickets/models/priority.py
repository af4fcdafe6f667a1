"""The priority matrix (guide 3.4.1): the standard terms carry all sixteen cells; a contract's terms only those that differ."""

from django.db import models

from customers.models import ServiceTerms
from tickets.vocabulary import Impact, Priority, Urgency


class PriorityRule(models.Model):
    terms = models.ForeignKey(ServiceTerms, models.CASCADE, related_name="priority_rules", verbose_name="condiciones")
    urgency = models.CharField("urgencia", max_length=10, choices=Urgency.choices)
    impact = models.CharField("impacto", max_length=12, choices=Impact.choices)
    priority = models.CharField("prioridad", max_length=10, choices=Priority.choices)

    class Meta:
        verbose_name = "regla de prioridad"
        verbose_name_plural = "matriz de prioridades"
        constraints = [models.UniqueConstraint(fields=["terms", "urgency", "impact"], name="priority_cell_once")]

    def __str__(self) -> str:
        return f"{self.get_urgency_display()} × {self.get_impact_display()} = {self.get_priority_display()}"
