"""A ticket's way up a matrix: which level was told, why, by whom, and what it answered (guide 3.5.2)."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from escalation.models.contacts import Contact
from escalation.models.matrix import Matrix
from escalation.vocabulary import LIVE, Cause, EscalationState, MatrixKind
from tickets.models import Ticket
from tickets.querysets import TicketScoped


class EscalationQuerySet(TicketScoped):
    def due(self, at: datetime) -> Self:
        """Those whose level has let its time pass, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")

    def live(self) -> Self:
        """Somebody of the matrix owes an acknowledgement or an answer."""
        return self.filter(state__in=LIVE)


class Escalation(models.Model):
    """One ticket, one matrix. `levels` is the matrix as it was when it began: `[{"level", "role", "contact", "name", "acknowledge_minutes",
    "answer_minutes"}]` with the contact's id. `next_at` is when the present level's time passes; empty when it owes nothing.
    """

    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="escalations", verbose_name="ticket", editable=False, db_index=False
    )
    kind = models.CharField("matriz", max_length=15, choices=MatrixKind.choices, editable=False)
    matrix = models.ForeignKey(Matrix, models.PROTECT, related_name="+", verbose_name="versión", editable=False)
    levels: Any = models.JSONField("niveles", editable=False)
    state = models.CharField("situación", max_length=15, choices=EscalationState.choices, editable=False)
    level = models.PositiveSmallIntegerField("nivel", editable=False)
    started_at = models.DateTimeField("desde", editable=False)
    next_at = models.DateTimeField("vence", null=True, editable=False)
    ended_at = models.DateTimeField("terminado", null=True, editable=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = "escalamiento"
        verbose_name_plural = "escalamientos"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind"], name="escalation_one_per_matrix"),
            models.CheckConstraint(
                condition=Q(next_at=None) | Q(state__in=LIVE), name="escalation_waits_only_while_live"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="escalation_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["state", "level"], name="escalation_live", condition=Q(state__in=LIVE)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, nivel {self.level}"


class EscalationStep(models.Model):
    """One level told, or found to have nobody to tell (`contact` empty). Names and addresses are as they were then.

    `acknowledge_by` and `answer_by` are when its times pass; `overdue_at` when the answer's did.
    """

    escalation = models.ForeignKey(
        Escalation, models.PROTECT, related_name="steps", verbose_name="escalamiento", db_index=False
    )
    number = models.PositiveSmallIntegerField("paso")
    level = models.PositiveSmallIntegerField("nivel")
    role = models.CharField("rol", max_length=120)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", verbose_name="contacto")
    name = models.CharField("nombre", max_length=120, blank=True)
    email = models.EmailField("correo electrónico", blank=True)
    instead_of = models.CharField("en ausencia de", max_length=120, blank=True)
    cause = models.CharField("causa", max_length=15, choices=Cause.choices)
    reason = models.CharField("motivo", max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    notified_at = models.DateTimeField("avisado")
    acknowledge_by = models.DateTimeField("acuse antes de", null=True)
    answer_by = models.DateTimeField("respuesta antes de", null=True)
    acknowledged_at = models.DateTimeField("acuse", null=True)
    acknowledged_by = models.CharField("quién acusó", max_length=150, blank=True)
    answered_at = models.DateTimeField("respuesta", null=True)
    answered_by = models.CharField("quién respondió", max_length=150, blank=True)
    answer = models.TextField("qué respondió", blank=True)
    overdue_at = models.DateTimeField("sin respuesta a tiempo", null=True)

    class Meta:
        verbose_name = "paso de escalamiento"
        verbose_name_plural = "pasos de escalamiento"
        ordering = ("escalation", "number")
        constraints = [
            models.UniqueConstraint(fields=["escalation", "number"], name="escalation_step_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(acknowledged_at__isnull=False),
                name="escalation_answer_is_acknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"Nivel {self.level}, {self.name or 'sin contacto'}"
