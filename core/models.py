"""Storage shared by every app: the rows behind `after` reactions, and the base for models with a protected state."""

from typing import Any

from django.db import models
from django_fsm import ConcurrentTransitionMixin, FSMFieldMixin

from core import clock
from core.leases import Work, WorkState


class SafeFSM(ConcurrentTransitionMixin):
    """A protected state that stays protected while it is refreshed, also in other threads.

    django-fsm's own refresh switches the protection off on the class for a moment; here the stored value is simply dropped and reloaded.
    """

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        names = [
            f.attname
            for f in self._meta.concrete_fields
            if isinstance(f, FSMFieldMixin) and (fields is None or f.attname in fields or f.name in fields)
        ]
        kept = {name: self.__dict__.pop(name) for name in names if name in self.__dict__}
        try:
            models.Model.refresh_from_db(self, using=using, fields=fields, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(kept)
            raise
        self._update_initial_state()


class Delivery(Work):
    """One `after` handler owed to one event. Unique on (event, handler), so publishing twice owes once."""

    stuck = "Hay reacciones que no pudieron hacerse. Vea por qué en «Reacciones pendientes», y vuelva a intentarlas."

    event_id = models.CharField(max_length=32, editable=False)
    event = models.CharField("suceso", max_length=80, editable=False)
    handler = models.CharField("reacción", max_length=200, editable=False)
    payload = models.JSONField("datos", editable=False)

    class Meta:
        verbose_name = "reacción pendiente"
        verbose_name_plural = "reacciones pendientes"
        constraints = [models.UniqueConstraint(fields=["event_id", "handler"], name="delivery_once")]
        indexes = [
            models.Index(fields=["next_at"], name="delivery_due", condition=models.Q(state=WorkState.PENDING)),
            models.Index(fields=["-id"], name="delivery_parked", condition=models.Q(state=WorkState.PARKED)),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.handler}"


class Alarm(models.Model):
    """Something that a person must see to, because the product cannot. One open alarm per key; `core.alarms` raises and settles them.

    `subject` is what it is about (a ticket's number), empty when it is about the product itself.
    """

    kind = models.CharField("tipo", max_length=40, editable=False)
    key = models.CharField(max_length=200, editable=False)
    subject = models.CharField("sobre", max_length=40, blank=True, editable=False)
    text = models.CharField("qué pasa", max_length=500, editable=False)
    raised_at = models.DateTimeField("desde", default=clock.now, editable=False)
    last_at = models.DateTimeField("última vez", default=clock.now, editable=False)
    times = models.PositiveIntegerField("veces", default=1, editable=False)
    settled_at = models.DateTimeField("atendida", null=True, editable=False)
    settled_by = models.CharField("quién la atendió", max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = "alarma"
        verbose_name_plural = "alarmas"
        ordering = ("-raised_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(settled_at=None), name="alarm_one_open")
        ]

    def __str__(self) -> str:
        return self.text
