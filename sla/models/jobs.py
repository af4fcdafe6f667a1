"""Long work over the open tickets: new terms or calendar days applied to them, and the daily proof of their clocks."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.leases import LongJob, WorkQuerySet, WorkState
from customers.models import Calendar, ServiceTerms
from sla.vocabulary import ClockKind
from tickets.models import Ticket
from tickets.querysets import TicketScoped


class Recalculation(LongJob):
    """The open tickets of some terms, or under some calendar, have their clocks worked out again; what changes is in each one's history.

    With `terms`, the tickets of their contract take them over (of every contract without terms of its own, when they are the guide's).
    With `calendar`, tickets keep their terms and the days are counted anew. `next_at` may lie ahead: the terms' own first moment.
    """

    terms = models.ForeignKey(
        ServiceTerms, models.PROTECT, null=True, blank=True, related_name="recalculations", verbose_name="condiciones"
    )
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="recalculations", verbose_name="calendario"
    )
    reason = models.CharField("motivo", max_length=2000)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    changed = models.PositiveIntegerField("tickets que cambiaron", default=0, editable=False)

    objects = WorkQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "recálculo de tickets abiertos"
        verbose_name_plural = "recálculos de tickets abiertos"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(terms=None, calendar__isnull=False) | Q(terms__isnull=False, calendar=None),
                name="recalculation_of_one",
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="recalculation_due", condition=Q(state=WorkState.PENDING))]

    def __str__(self) -> str:
        return f"{self.terms or self.calendar}"


class ClockAudit(LongJob):
    """One day's proof that every open ticket's clocks, next deadline and breaches are what counting from scratch gives."""

    day = models.DateField("día", unique=True, editable=False)
    differences = models.PositiveIntegerField("diferencias", default=0, editable=False)

    objects = WorkQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "revisión de relojes"
        verbose_name_plural = "revisiones de relojes"
        ordering = ("-day",)
        indexes = [models.Index(fields=["next_at"], name="clock_audit_due", condition=Q(state=WorkState.PENDING))]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}"


class ClockDifference(models.Model):
    """What an audit found on a ticket that counting from scratch does not give."""

    audit = models.ForeignKey(ClockAudit, models.CASCADE, related_name="found", verbose_name="revisión")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", verbose_name="ticket")
    kind = models.CharField("tiempo", max_length=10, choices=ClockKind.choices, blank=True)
    text = models.CharField("diferencia", max_length=500)
    found_at = models.DateTimeField("encontrada")

    objects = TicketScoped.as_manager()

    class Meta:
        verbose_name = "diferencia de relojes"
        verbose_name_plural = "diferencias de relojes"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.text
