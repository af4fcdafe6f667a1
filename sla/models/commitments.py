"""The date that the desk gave for the solution, as a promise with a fate of its own (guide 3.4.2: «fecha compromiso»)."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from sla.vocabulary import CommitmentState
from tickets.models import Ticket
from tickets.querysets import TicketScoped


class CommitmentQuerySet(TicketScoped):
    def overdue(self, at: datetime) -> Self:
        """Standing promises whose date has passed, the oldest first. The date's own instant is still in time."""
        return self.filter(state=CommitmentState.STANDING, due_at__lt=at).order_by("due_at", "id")


class Commitment(models.Model):
    """One date promised to the customer. A later one replaces it, with the reason; otherwise it is kept, broken, or left without effect.

    `settled_at` is when that happened: the solution's moment, the renegotiation's, or for a broken one its own date.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="commitments", verbose_name="ticket")
    due_at = models.DateTimeField("fecha compromiso")
    made_at = models.DateTimeField("prometida")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    reason = models.CharField("motivo del cambio", max_length=2000, blank=True)
    state = models.CharField("situación", max_length=15, choices=CommitmentState.choices)
    settled_at = models.DateTimeField("resuelta", null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = "fecha compromiso"
        verbose_name_plural = "fechas compromiso"
        ordering = ("ticket", "made_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state=CommitmentState.STANDING), name="commitment_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(state=CommitmentState.STANDING, settled_at=None)
                | ~Q(state=CommitmentState.STANDING) & Q(settled_at__isnull=False),
                name="commitment_settled_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="commitment_due", condition=Q(state=CommitmentState.STANDING)),
            models.Index(fields=["settled_at", "id"], name="commitment_settled"),
        ]

    def __str__(self) -> str:
        return f"Fecha compromiso de {self.ticket_id}"
