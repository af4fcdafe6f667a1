"""The history: one event per change, numbered without gaps and hash-chained per ticket."""

from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import User
from tickets.models.ticket import Ticket
from tickets.querysets import TicketScoped
from tickets.vocabulary import State


class HistoryQuerySet(TicketScoped):
    def visible_to(self, actor: User) -> Self:
        """A customer sees what was done in public; the desk sees all."""
        rows = super().visible_to(actor)
        return rows if actor.is_desk else rows.filter(is_public=True)


class TicketEvent(models.Model):
    """One change. `kind` is the transition's name, or what else happened; `data` holds what it was given. Never updated, never deleted."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events", verbose_name="ticket", db_index=False)
    sequence = models.PositiveIntegerField("número")
    kind = models.CharField("suceso", max_length=40)
    at = models.DateTimeField("momento")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    from_state = models.CharField("de", max_length=16, choices=State.choices, blank=True)
    to_state = models.CharField("a", max_length=16, choices=State.choices, blank=True)
    data = models.JSONField("datos", default=dict, encoder=DjangoJSONEncoder)
    is_public = models.BooleanField("lo ve el cliente", default=True)
    digest = models.CharField(max_length=64)
    position = models.BigIntegerField(null=True, unique=True, editable=False)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = "suceso"
        verbose_name_plural = "historial"
        ordering = ("ticket", "sequence")
        constraints = [models.UniqueConstraint(fields=["ticket", "sequence"], name="history_sequence_once")]
        indexes = [models.Index(fields=["id"], name="history_unplaced", condition=models.Q(position=None))]

    def __str__(self) -> str:
        return f"{self.kind} ({self.sequence})"
