"""How each ticket's clocks stand against what was promised (guide 3.4.2)."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sla.vocabulary import Basis, ClockKind, ClockState, PauseCause
from tickets.models import Ticket
from tickets.querysets import TicketScoped

AMBER = 75
"""At risk from this percentage of the target on, whatever the percentages at which the desk is warned."""


class ClockQuerySet(TicketScoped):
    def due(self, at: datetime) -> Self:
        """Clocks with a warning or a breach to record at `at`, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")

    def open(self) -> Self:
        """Neither met nor stopped."""
        return self.filter(state__in=(ClockState.RUNNING, ClockState.PAUSED))


class Clock(models.Model):
    """A ticket's reaction or attention against its target, as promised when the ticket was created or last reclassified.

    `counts_from` is where the time begins to count: the ticket's creation, or the next opening. `due_at` is empty only while a pause
    holds it. `breached_at` is the deadline that was missed, whenever that was noticed. `used` is what had run when it paused or ended.
    `next_at` is when a job must look at it: the next warning, or the instant after the deadline; empty when there is nothing to wait for.
    `revision` counts the recomputations.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks", verbose_name="ticket")
    kind = models.CharField("tiempo", max_length=10, choices=ClockKind.choices)
    state = models.CharField("situación", max_length=10, choices=ClockState.choices)
    target_minutes = models.PositiveIntegerField("objetivo en minutos")
    clock = models.CharField("horas", max_length=10, choices=Basis.choices)
    started_at = models.DateTimeField("inicio")
    counts_from = models.DateTimeField("cuenta desde")
    due_at = models.DateTimeField("vence", null=True, blank=True)
    met_at = models.DateTimeField("cumplido", null=True, blank=True)
    stopped_at = models.DateTimeField("detenido", null=True, blank=True)
    breached_at = models.DateTimeField("incumplido", null=True, blank=True)
    used = models.DurationField("tiempo usado", null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    warned_percent = models.PositiveSmallIntegerField("último aviso", default=0)
    revision = models.PositiveSmallIntegerField("recálculos", default=0)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = "reloj"
        verbose_name_plural = "relojes"
        ordering = ("ticket", "-kind")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind"], name="clock_one_of_a_kind"),
            models.CheckConstraint(
                condition=Q(state=ClockState.RUNNING, due_at__isnull=False)
                | Q(state=ClockState.PAUSED, due_at=None)
                | Q(state__in=(ClockState.MET, ClockState.STOPPED)),
                name="clock_due_unless_paused",
            ),
            models.CheckConstraint(
                condition=Q(state=ClockState.MET, met_at__isnull=False) | ~Q(state=ClockState.MET) & Q(met_at=None),
                name="clock_met_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index(
                fields=["ticket"],
                name="clock_amber",
                condition=Q(state=ClockState.RUNNING, warned_percent__gte=AMBER, next_at__isnull=False),
            ),
            models.Index(fields=["ticket"], name="clock_paused", condition=Q(state=ClockState.PAUSED)),
            models.Index(fields=["met_at"], name="clock_met", condition=Q(met_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} de {self.ticket_id}"

    @property
    def is_open(self) -> bool:
        return self.state in (ClockState.RUNNING, ClockState.PAUSED)


class Pause(models.Model):
    """A stretch in which the ticket waited for somebody else. Whether it stops the clock is for the ticket's terms to say."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="pauses", verbose_name="ticket")
    cause = models.CharField("causa", max_length=10, choices=PauseCause.choices)
    started_at = models.DateTimeField("desde")
    ended_at = models.DateTimeField("hasta", null=True, blank=True)

    objects = TicketScoped.as_manager()

    class Meta:
        verbose_name = "pausa"
        verbose_name_plural = "pausas"
        ordering = ("ticket", "started_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ended_at=None), name="pause_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="pause_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.get_cause_display()


class Breach(models.Model):
    """A deadline that passed unmet. A later reclassification may correct it, but it stays on record."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="breaches", verbose_name="ticket")
    kind = models.CharField("tiempo", max_length=10, choices=ClockKind.choices)
    due_at = models.DateTimeField("vencía")
    recorded_at = models.DateTimeField("registrado")
    corrected_at = models.DateTimeField("corregido", null=True, blank=True)
    correction = models.CharField("motivo de la corrección", max_length=2000, blank=True)

    objects = TicketScoped.as_manager()

    class Meta:
        verbose_name = "incumplimiento"
        verbose_name_plural = "incumplimientos"
        ordering = ("-due_at", "-id")
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "due_at"], name="breach_once")]
        indexes = [models.Index(fields=["-due_at", "-id"], name="breach_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} de {self.ticket_id}"


class ClockChange(models.Model):
    """One recomputation of an open clock: what it promised before and after, who caused it and why."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clock_changes", verbose_name="ticket")
    kind = models.CharField("tiempo", max_length=10, choices=ClockKind.choices)
    old_due = models.DateTimeField("vencía", null=True)
    new_due = models.DateTimeField("vence", null=True)
    old_minutes = models.PositiveIntegerField("objetivo anterior")
    new_minutes = models.PositiveIntegerField("objetivo nuevo")
    old_clock = models.CharField("horas antes", max_length=10, choices=Basis.choices)
    new_clock = models.CharField("horas ahora", max_length=10, choices=Basis.choices)
    at = models.DateTimeField("momento")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    reason = models.CharField("motivo", max_length=2000)

    objects = TicketScoped.as_manager()

    class Meta:
        verbose_name = "recálculo"
        verbose_name_plural = "recálculos"
        ordering = ("ticket", "at", "id")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} de {self.ticket_id}"


class WarningNotice(models.Model):
    """That a warning was given, once for each percentage of each version of the promise."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="notices", verbose_name="reloj")
    percent = models.PositiveSmallIntegerField("porcentaje")
    revision = models.PositiveSmallIntegerField("recálculo")
    reached_at = models.DateTimeField("alcanzado")
    recorded_at = models.DateTimeField("registrado")

    class Meta:
        verbose_name = "aviso dado"
        verbose_name_plural = "avisos dados"
        ordering = ("clock", "revision", "percent")
        constraints = [models.UniqueConstraint(fields=["clock", "percent", "revision"], name="warning_notice_once")]

    def __str__(self) -> str:
        return f"{self.percent} %"
