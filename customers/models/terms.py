"""The conditions of service as rows with a validity date. The row without a contract is the guide's standard (guide 3.1, 3.4, 3.6)."""

from django.db import models
from django.db.models import Q

from core import clock
from customers.models.calendars import Calendar, Window
from customers.models.companies import Contract, validate_time_zone
from customers.models.querysets import TermsQuerySet


class ServiceTerms(models.Model):
    """Conditions that a ticket keeps from its creation on. A field left empty in a contract's terms means the guide's value.

    Terms are not edited once in force: new ones are added with a later `valid_from`, so that what was promised can always be shown.
    Targets per priority (app sla) and the priority matrix (app tickets) hang from these rows in the same way.
    """

    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="terms", verbose_name="contrato"
    )
    name = models.CharField("nombre", max_length=80)
    valid_from = models.DateTimeField("vigente desde", default=clock.now)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, verbose_name="calendario", help_text="Vacío: el de la guía."
    )
    pauses_for_user = models.BooleanField("la espera al usuario pausa la atención", null=True, blank=True)
    pauses_for_vendor = models.BooleanField("la espera al proveedor pausa la atención", null=True, blank=True)
    validation_hours = models.PositiveSmallIntegerField(
        "horas naturales para validar", null=True, blank=True, help_text="Vacío: 72, tres días naturales (guía 3.6)."
    )
    time_zone = models.CharField(
        "zona horaria",
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="En la que se cuentan los horarios. Vacía: la de la compañía.",
    )

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = "condiciones de servicio"
        verbose_name_plural = "condiciones de servicio"
        ordering = ("contract", "-valid_from")
        constraints = [
            models.UniqueConstraint(fields=["contract", "valid_from"], name="terms_one_per_moment"),
            models.UniqueConstraint(
                fields=["valid_from"], condition=Q(contract=None), name="standard_terms_one_per_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExtensionWindow(Window):
    """Hours beyond the standard ones that the contract bought: nights, Saturdays, Sundays (guide 3.1). Reaction always runs in them."""

    terms = models.ForeignKey(
        ServiceTerms, models.CASCADE, related_name="extension_windows", verbose_name="condiciones"
    )
    includes_second_level = models.BooleanField(
        "con segundo nivel", default=False, help_text="También corre en ella el tiempo de atención."
    )
    works_on_holidays = models.BooleanField("trabaja días inhábiles", default=False)

    class Meta(Window.Meta):
        verbose_name = "extensión de horario"
        verbose_name_plural = "extensión de horario"


class TermsClosedDay(models.Model):
    """A day that the contract closes besides those of its calendar."""

    terms = models.ForeignKey(ServiceTerms, models.CASCADE, related_name="closed_days", verbose_name="condiciones")
    date = models.DateField("fecha")
    name = models.CharField("motivo", max_length=80)

    class Meta:
        verbose_name = "día inhábil propio"
        verbose_name_plural = "días inhábiles propios"
        ordering = ("date",)
        constraints = [models.UniqueConstraint(fields=["terms", "date"], name="terms_closed_day_once")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
