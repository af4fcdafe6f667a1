"""What was promised (targets, warnings) and how each ticket's clocks stand against it (guide 3.4.2)."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from customers.models import ServiceTerms
from sla.vocabulary import Basis, ClockKind, ClockState, PauseCause
from tickets.models import Ticket
from tickets.querysets import TicketScoped
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
        indexes = [models.Index(fields=["next_at", "id"], name="clock_next", condition=Q(next_at__isnull=False))]

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
