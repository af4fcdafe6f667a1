"""The people of the matrices: how to reach them, since when and until when, and who stands in while they are away."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q


class ContactQuerySet(models.QuerySet[Any]):
    def valid(self, on: date) -> Self:
        """Those who hold their place on the day `on`, both ends included."""
        begun = Q(valid_from=None) | Q(valid_from__lte=on)
        return self.filter(begun, Q(valid_until=None) | Q(valid_until__gte=on))

    def unreachable(self, on: date) -> Self:
        """Those who can be told nothing on the day `on`: their place is not theirs, their account is closed, or they have no mail."""
        ends = Q(valid_from__gt=on) | Q(valid_until__lt=on)
        return self.filter(ends | Q(user__is_active=False) | Q(email=""))


class Contact(models.Model):
    """A person or a shared mailbox that the matrices name. With `user` they acknowledge and answer in the console too."""

    name = models.CharField("nombre", max_length=120)
    email = models.EmailField("correo electrónico", blank=True)
    phone = models.CharField("conmutador", max_length=40, blank=True)
    direct_phone = models.CharField("teléfono directo", max_length=80, blank=True)
    mobile = models.CharField("celular", max_length=40, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="escalation_contacts",
        verbose_name="cuenta en la consola",
    )
    valid_from = models.DateField("vigente desde", null=True, blank=True)
    valid_until = models.DateField("vigente hasta", null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contacto de escalamiento"
        verbose_name_plural = "contactos de escalamiento"
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="contact_validity_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def holds(self, on: date) -> bool:
        """Whether their place is theirs on the day `on`, both ends included."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )

    @property
    def can_be_told(self) -> bool:
        """They have a mailbox, and still work here as far as their account says."""
        return bool(self.email) and (self.user is None or self.user.is_active)


class Absence(models.Model):
    """Days on which a contact is away, both ends included, and who is told instead."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="absences", verbose_name="contacto")
    starts_on = models.DateField("desde")
    ends_on = models.DateField("hasta")
    substitute = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="substitutions",
        verbose_name="suplente",
        help_text="Vacío: mientras tanto se avisa al nivel siguiente.",
    )
    reason = models.CharField("motivo", max_length=120, blank=True)

    class Meta:
        verbose_name = "ausencia"
        verbose_name_plural = "ausencias"
        ordering = ("-starts_on", "id")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_in_order"),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("contact")), name="absence_substitute_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.starts_on:%d/%m/%Y} a {self.ends_on:%d/%m/%Y}"

    def clean(self) -> None:
        if self.substitute_id is not None and self.substitute_id == self.contact_id:
            raise ValidationError({"substitute": "El suplente es otra persona."})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "La ausencia no puede terminar antes de empezar."})
