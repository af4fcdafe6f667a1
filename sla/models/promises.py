"""What was promised: targets and warnings, as rows of the terms (guide 3.4.2)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from customers.models import ServiceTerms
from sla.vocabulary import Basis
from tickets.vocabulary import Priority, ServiceLine

A_YEAR = 366 * 24 * 60


class Target(models.Model):
    """One priority's promise. The standard terms carry every value; a contract's terms only what differs, the rest stays empty.

    The row of a line goes before the one of any line; the contract's rows before the guide's.
    """

    terms = models.ForeignKey(ServiceTerms, models.CASCADE, related_name="targets", verbose_name="condiciones")
    priority = models.CharField("prioridad", max_length=10, choices=Priority.choices)
    service_line = models.CharField(
        "línea de servicio", max_length=15, choices=ServiceLine.choices, blank=True, help_text="Vacía: cualquiera."
    )
    reaction_minutes = models.PositiveIntegerField(
        "minutos de reacción",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(A_YEAR)],
        help_text="Vacío: los de la guía.",
    )
    attention_minutes = models.PositiveIntegerField(
        "minutos de atención",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(A_YEAR)],
        help_text="Vacío: los de la guía.",
    )
    reaction_clock = models.CharField(
        "horas de la reacción",
        max_length=10,
        choices=Basis.choices,
        blank=True,
        help_text="Vacío: el horario de la mesa para ese tipo y esa línea (guía 3.1).",
    )
    attention_clock = models.CharField(
        "horas de la atención",
        max_length=10,
        choices=Basis.choices,
        blank=True,
        help_text="Vacío: las de la guía (naturales en soporte tecnológico, hábiles en los demás).",
    )

    class Meta:
        verbose_name = "objetivo de servicio"
        verbose_name_plural = "objetivos de servicio"
        ordering = ("terms", "priority", "service_line")
        constraints = [
            models.UniqueConstraint(fields=["terms", "priority", "service_line"], name="target_once"),
            models.CheckConstraint(
                condition=Q(reaction_minutes=None) | Q(reaction_minutes__gt=0), name="target_reaction_positive"
            ),
            models.CheckConstraint(
                condition=Q(attention_minutes=None) | Q(attention_minutes__gt=0), name="target_attention_positive"
            ),
        ]

    def __str__(self) -> str:
        line = self.get_service_line_display() if self.service_line else "cualquier línea"
        return f"{self.get_priority_display()}, {line.lower()}"


class WarningLevel(models.Model):
    """A percentage of the target at which the desk is warned. Terms without rows of their own take the guide's."""

    terms = models.ForeignKey(ServiceTerms, models.CASCADE, related_name="warning_levels", verbose_name="condiciones")
    percent = models.PositiveSmallIntegerField("porcentaje", validators=[MinValueValidator(1), MaxValueValidator(99)])

    class Meta:
        verbose_name = "aviso"
        verbose_name_plural = "avisos"
        ordering = ("terms", "percent")
        constraints = [
            models.UniqueConstraint(fields=["terms", "percent"], name="warning_level_once"),
            models.CheckConstraint(condition=Q(percent__range=(1, 99)), name="warning_level_within_target"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"
