"""What the portal remembers of its own: which forms were already sent."""

import uuid

from django.conf import settings
from django.db import models

from core import clock
from surveys.models import Voice
from tickets.models import Ticket


class Submission(models.Model):
    """A form that was sent, and what it led to. Its key is drawn with the form, so sending it twice (a double click, going back) acts once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4)
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="+")
    voice = models.ForeignKey(Voice, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "envío"
        verbose_name_plural = "envíos"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="submission_once")]
        indexes = [models.Index(fields=["created_at"], name="submission_created")]

    def __str__(self) -> str:
        return str(self.key)
