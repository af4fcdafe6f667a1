"""What was said, and the files that came with it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models

from accounts.models import User
from tickets.models.ticket import Ticket
from tickets.querysets import TicketScoped
from tickets.vocabulary import Channel, Visibility


class MessageQuerySet(TicketScoped):
    def visible_to(self, actor: User) -> Self:
        """Internal notes are for the desk only."""
        rows = super().visible_to(actor)
        return rows if actor.is_desk else rows.filter(visibility=Visibility.PUBLIC)


class Message(models.Model):
    """A public message, or an internal note that no customer ever sees. The body is plain text."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages", verbose_name="ticket")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="autor")
    visibility = models.CharField("visibilidad", max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    channel = models.CharField("medio", max_length=10, choices=Channel.choices, default=Channel.WEB)
    body = models.TextField("texto")
    committed_for = models.DateTimeField("solución prometida", null=True, blank=True)
    created_at = models.DateTimeField("momento")

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "mensaje"
        verbose_name_plural = "mensajes"
        ordering = ("created_at", "id")
        indexes = [models.Index(fields=["ticket", "created_at", "id"], name="message_thread")]

    def __str__(self) -> str:
        return self.body[:60]


def stored_name(row: "StoredFile", filename: str) -> str:
    """A random name that says nothing of the original, so no server setting can make it run."""
    name = uuid.uuid4().hex
    return f"attachments/{name[:2]}/{name}"


class AttachmentQuerySet(TicketScoped):
    def visible_to(self, actor: User) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_desk else rows.exclude(message__visibility=Visibility.INTERNAL)


class StoredFile(models.Model):
    """Abstract: a file. `name` is the cleaned original name, for show; the bytes lie under a random one and are served only after a check."""

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién lo subió"
    )
    file = models.FileField("archivo", upload_to=stored_name, max_length=80)
    name = models.CharField("nombre", max_length=150)
    content_type = models.CharField("tipo", max_length=100, default="application/octet-stream")
    size = models.PositiveBigIntegerField("tamaño en bytes")
    sha256 = models.CharField("huella", max_length=64)
    created_at = models.DateTimeField("momento")

    class Meta:
        abstract = True
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name


class Attachment(StoredFile):
    """A file of a ticket."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="attachments", verbose_name="ticket")
    message = models.ForeignKey(
        Message, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="mensaje"
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = "archivo adjunto"
        verbose_name_plural = "archivos adjuntos"
