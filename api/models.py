"""What the API keeps for itself: keys to it, and the answers it may have to repeat."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken


class TokenQuerySet(models.QuerySet[Any]):
    def valid(self, at: datetime) -> Self:
        """Not expired at `at`; without an expiry, for ever."""
        return self.filter(models.Q(expiry=None) | models.Q(expiry__gt=at))

    def expired(self, at: datetime) -> Self:
        return self.filter(expiry__lte=at)


class ApiToken(AbstractAuthToken):
    """A key to the API: it acts for one user, within its scopes, until it expires. Only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="persona")
    name = models.CharField("nombre", max_length=80, blank=True)
    scopes = models.CharField("alcances", max_length=200)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = "llave de la API"
        verbose_name_plural = "llaves de la API"
        ordering = ("user", "-created")

    def __str__(self) -> str:
        return f"{self.token_key}… ({self.user})"

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(self.scopes.split())


class IdempotencyKey(models.Model):
    """The answer given to a user's request under a key. Written in the transaction of the request's own effect: both, or neither."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="persona")
    key = models.CharField("llave", max_length=255)
    request = models.CharField("solicitud", max_length=64)
    status = models.PositiveSmallIntegerField("respuesta", default=0)
    headers = models.JSONField("encabezados", default=dict)
    body = models.TextField("cuerpo", blank=True)
    created_at = models.DateTimeField("momento", db_index=True)

    class Meta:
        verbose_name = "llave de idempotencia"
        verbose_name_plural = "llaves de idempotencia"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
