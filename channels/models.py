"""Outgoing messages: one row per event, recipient and channel. The row is the truth; a job sends it and says what became of it."""

import hashlib
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.leases import Work, WorkQuerySet, WorkState
from improvements.models import CorrectiveAction
from surveys.models import Voice
from tickets.models import Ticket
from tickets.querysets import scope

PATIENCE = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class OutboundQuerySet(WorkQuerySet):
    def visible_to(self, actor: User) -> Self:
        """The desk sees the messages of the tickets that it sees, and none about what is kept from the reader; a customer only their own."""
        if not actor.is_desk:
            return self.filter(recipient=actor.pk) if scope(actor) is not None else self.none()
        condition = scope(actor, "ticket__")
        if condition is None:
            return self.none()
        told = Q(action=None) | Q(action__in=CorrectiveAction.objects.visible_to(actor).values("pk"))
        return self.filter(condition & told).exclude(voice__in=Voice.objects.filter(pointed_at=actor.pk))


class OutboundMessage(Work):
    """A message to one address, rendered when its event was handled. `state` done means that the mail server took it.

    `only_if` names what must still be so when its moment comes (`channels.wanted`); if it is not, the message is withdrawn, unsent.
    A crash between the server's answer and the note of it repeats the message, with the same Message-ID (at least once).
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "Correo"

    event_id = models.CharField(max_length=32, editable=False)
    kind = models.CharField("mensaje", max_length=30, editable=False)
    channel = models.CharField("medio", max_length=10, choices=Channel.choices, default=Channel.EMAIL, editable=False)
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, related_name="outbound", verbose_name="ticket", editable=False
    )
    voice = models.ForeignKey(
        Voice, models.PROTECT, null=True, related_name="outbound", verbose_name="queja o sugerencia", editable=False
    )
    action = models.ForeignKey(
        CorrectiveAction, models.PROTECT, null=True, related_name="outbound", verbose_name="acción", editable=False
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="persona", editable=False
    )
    name = models.CharField("nombre", max_length=150, blank=True, editable=False)
    address = models.EmailField("para", editable=False)
    subject = models.CharField("asunto", max_length=250, editable=False)
    text = models.TextField("texto", editable=False)
    html = models.TextField("HTML", blank=True, editable=False)
    only_if = models.CharField(max_length=40, blank=True, editable=False)
    message_id = models.CharField("Message-ID", max_length=120, unique=True, editable=False)
    thread_id = models.CharField(max_length=120, blank=True, editable=False)
    reply_to = models.CharField("responder a", max_length=254, blank=True, editable=False)

    patience = PATIENCE
    stuck = "Hay mensajes que no pudieron enviarse. Vea por qué en «Mensajes enviados», y vuelva a intentarlos."

    objects = OutboundQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "mensaje enviado"
        verbose_name_plural = "mensajes enviados"
        constraints = [models.UniqueConstraint(fields=["event_id", "address", "channel"], name="outbound_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], name="outbound_due", condition=Q(state=WorkState.PENDING)),
            models.Index(fields=["-id"], name="outbound_parked", condition=Q(state=WorkState.PARKED)),
            models.Index(fields=["-id"], name="outbound_withdrawn", condition=Q(state=WorkState.WITHDRAWN)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.address}"

    def postpone(self, error: str, *, at: datetime) -> bool:
        """Mail is given a day, not minutes: a full mailbox or a grey list may need hours. Then it is parked, where the console shows it."""
        if self.attempts >= self.patience:
            return self.park(error, at=at)
        pause = min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 10), LONGEST_PAUSE)
        return self._release(next_at=at + pause, last_error=error[:2000])

    def withdraw(self, why: str) -> bool:
        """It is not wanted any more: it stays, unsent, with the reason (Spanish)."""
        return self._release(state=WorkState.WITHDRAWN, last_error=why[:2000])

    def put_back(self) -> bool:
        """Undo the claim, its place in the order and its count of tries: the server could not be reached, which is not this row's fault."""
        return self._release(attempts=F("attempts") - 1)


def message_id_for(event_id: str, address: str, channel: str, domain: str) -> str:
    """The RFC 5322 id, the same for every sending of the same row."""
    digest = hashlib.sha256(f"{event_id}|{address}|{channel}".encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


class Route(models.Model):
    """The one way out per channel: held by one sender at a time, so order is kept, and closed for a while when the server does not answer."""

    LEASE = timedelta(seconds=45)
    SHORTEST_REST = timedelta(seconds=5)
    LONGEST_REST = timedelta(minutes=1)

    channel = models.CharField("medio", max_length=10, unique=True, editable=False)
    lease_until = models.DateTimeField("en uso hasta", null=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    closed_until = models.DateTimeField("siguiente intento", null=True, editable=False)
    failures = models.PositiveIntegerField("fallas seguidas", default=0, editable=False)
    failing_since = models.DateTimeField("falla desde", null=True, editable=False)
    last_error = models.TextField("último error", blank=True, editable=False)

    class Meta:
        verbose_name = "salida de mensajes"
        verbose_name_plural = "salidas de mensajes"

    def __str__(self) -> str:
        return self.channel

    @classmethod
    def take(cls, channel: str, token: str, *, at: datetime) -> "Route | None":
        """The route, for the sender called `token`; None while another one has it or it is resting. Safe on SQLite: a conditional update."""
        cls.objects.get_or_create(channel=channel)
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        awake = Q(closed_until=None) | Q(closed_until__lte=at)
        taken = cls.objects.filter(free & awake, channel=channel).update(lease_token=token, lease_until=at + cls.LEASE)
        return cls.objects.get(channel=channel) if taken else None

    def hold(self, *, at: datetime) -> bool:
        """Keep it a little longer; False when it was lost to another sender."""
        return self._mine().update(lease_until=at + self.LEASE) == 1

    def give_back(self, *, closed_until: datetime | None = None) -> None:
        """The server answered. `closed_until` paces the next batch."""
        self._mine().update(
            lease_token="",
            lease_until=None,
            closed_until=closed_until,
            failures=0,
            failing_since=None,
            last_error="",
        )

    def close(self, error: str, *, at: datetime) -> None:
        """The server cannot be reached: nobody tries again before a rest that grows to a minute."""
        rest = min(self.SHORTEST_REST * 2 ** min(self.failures, 10), self.LONGEST_REST)
        self._mine().update(
            lease_token="",
            lease_until=None,
            closed_until=at + rest,
            failures=F("failures") + 1,
            failing_since=self.failing_since or at,
            last_error=error[:2000],
        )

    def _mine(self) -> "models.QuerySet[Route]":
        return Route.objects.filter(pk=self.pk, lease_token=self.lease_token)
