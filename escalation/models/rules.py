"""When a ticket goes up by itself: the rules of its terms, and the plan that each ticket keeps of them (guide 3.5.2)."""

from datetime import datetime
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from customers.models import ServiceTerms
from escalation.vocabulary import FIRST_LEVEL, LAST_LEVEL, RuleClock
from sla.models import A_YEAR
from tickets.models import Ticket
from tickets.querysets import TicketScoped
from tickets.vocabulary import Priority


class EscalationRule(models.Model):
    """At a part of a clock's target, or some time after it was missed, the ticket goes to a level of the desk's matrix.

    The delay runs in the clock's own time. Terms without rules of their own take the guide's.
    """

    terms = models.ForeignKey(ServiceTerms, models.CASCADE, related_name="escalation_rules", verbose_name="condiciones")
    clock = models.CharField("tiempo", max_length=10, choices=RuleClock.choices)
    priority = models.CharField(
        "prioridad", max_length=10, choices=Priority.choices, blank=True, help_text="Vacía: cualquiera."
    )
    percent = models.PositiveSmallIntegerField(
        "al porcentaje",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text="De la parte del objetivo que ya corrió.",
    )
    delay_minutes = models.PositiveIntegerField(
        "minutos tras vencer", null=True, blank=True, validators=[MaxValueValidator(A_YEAR)]
    )
    level = models.PositiveSmallIntegerField(
        "al nivel", validators=[MinValueValidator(FIRST_LEVEL), MaxValueValidator(LAST_LEVEL)]
    )

    class Meta:
        verbose_name = "regla de escalamiento"
        verbose_name_plural = "reglas de escalamiento"
        ordering = ("terms", "clock", "percent", "delay_minutes", "level")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None, delay_minutes__isnull=False) | Q(percent__range=(1, 99), delay_minutes=None),
                name="rule_percent_or_delay",
            ),
            models.CheckConstraint(
                condition=Q(level__range=(FIRST_LEVEL, LAST_LEVEL)), name="rule_level_of_the_matrix"
            ),
            models.CheckConstraint(
                condition=~Q(clock=RuleClock.COMMITMENT) | Q(percent=None), name="rule_commitment_has_no_percent"
            ),
        ]

    def __str__(self) -> str:
        when = f"al {self.percent} %" if self.percent else f"{self.delay_minutes} min tras vencer"
        return f"{self.get_clock_display()}, {when}: nivel {self.level}"


class PlanQuerySet(TicketScoped):
    def due(self, at: datetime) -> Self:
        """Plans with a step to take at `at`, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")


class EscalationPlan(models.Model):
    """The rules that bound the ticket when it started, and which were carried out. Rules edited later do not change it.

    `steps` is a list of `{"clock", "percent", "delay_minutes", "level"}`; `taken` the positions done. `next_at` is when a job must look at
    it; empty when there is nothing to wait for.
    """

    ticket = models.OneToOneField(
        Ticket, models.PROTECT, related_name="escalation_plan", verbose_name="ticket", editable=False
    )
    steps: Any = models.JSONField("pasos", editable=False)
    taken: Any = models.JSONField("dados", default=list, editable=False)
    next_at = models.DateTimeField("siguiente", null=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "plan de escalamiento"
        verbose_name_plural = "planes de escalamiento"
        indexes = [
            models.Index(fields=["next_at", "id"], name="escalation_plan_next", condition=Q(next_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Plan de escalamiento de {self.ticket_id}"
