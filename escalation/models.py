"""The service desk's escalation matrix: four levels, each with a role and its contact (guide 3.5.2)."""

from django.db import models


class EscalationLevel(models.Model):
    """One row of the matrix that the customer is shown. Level 1 is the desk itself; nobody is above level 4."""

    class Level(models.IntegerChoices):
        DESK = 1, "Nivel 1"
        SUPERVISOR = 2, "Nivel 2"
        MANAGER = 3, "Nivel 3"
        DIRECTOR = 4, "Nivel 4"

    level = models.PositiveSmallIntegerField("nivel", choices=Level.choices, unique=True)
    role = models.CharField("rol", max_length=80)
    contact_name = models.CharField("nombre", max_length=120)
    phone = models.CharField("conmutador", max_length=40, blank=True)
    direct_phone = models.CharField("teléfono directo", max_length=80, blank=True)
    mobile = models.CharField("celular", max_length=40, blank=True)
    email = models.EmailField("correo electrónico", blank=True)

    class Meta:
        verbose_name = "nivel de escalamiento"
        verbose_name_plural = "matriz de escalamiento"
        ordering = ("level",)

    def __str__(self) -> str:
        return f"{self.level}. {self.role}"
