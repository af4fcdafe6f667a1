"""Companies, their contracts, what they contracted, and their valid users (guide 2.2, 3.3, 3.4)."""

from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from core import clock
from customers.models.querysets import CompanyQuerySet, CompanyScoped, ContractQuerySet


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"«{name}» no es una zona horaria. Escríbala como America/Mexico_City.")


class Company(models.Model):
    name = models.CharField("nombre", max_length=120, unique=True)
    time_zone = models.CharField(
        "zona horaria", max_length=64, default="America/Mexico_City", validators=[validate_time_zone]
    )
    is_active = models.BooleanField("activa", default=True)
    created_at = models.DateTimeField("creada", default=clock.now, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = "compañía"
        verbose_name_plural = "compañías"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """Something that can be contracted: an application, an environment's hosting, a connection."""

    name = models.CharField("nombre", max_length=80, unique=True)
    description = models.CharField("descripción", max_length=200, blank=True)
    is_active = models.BooleanField("activo", default=True)

    class Meta:
        verbose_name = "servicio contratable"
        verbose_name_plural = "servicios contratables"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """What the company bought. Its changeable conditions are `ServiceTerms` rows, each valid from a date."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="contracts", verbose_name="compañía")
    number = models.CharField("número", max_length=40, unique=True)
    starts_on = models.DateField("inicia")
    ends_on = models.DateField(
        "termina", null=True, blank=True, help_text="Último día con servicio. Vacío: sin término."
    )
    services = models.ManyToManyField(Service, verbose_name="servicios contratados", blank=True)
    has_drp = models.BooleanField("tiene DRP contratado", default=False)
    whatsapp_authorised = models.BooleanField("WhatsApp autorizado", default=False)
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name="TAM", related_name="+"
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = "contrato"
        verbose_name_plural = "contratos"
        ordering = ("company", "-starts_on")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="contract_ends_after_start",
                violation_error_message="El contrato no puede terminar antes de iniciar.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.company}"


class Environment(models.Model):
    """Where a contracted service runs. An alternate one counts for relevant incidents only with a committed SLA (guide 3.8)."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", "Productivo"
        ALTERNATE = "alternate", "Alterno"

    company = models.ForeignKey(Company, models.CASCADE, related_name="environments", verbose_name="compañía")
    service = models.ForeignKey(Service, models.PROTECT, related_name="environments", verbose_name="servicio")
    name = models.CharField("nombre", max_length=80)
    kind = models.CharField("tipo", max_length=10, choices=Kind.choices, default=Kind.PRODUCTION)
    sla_committed = models.BooleanField("con niveles de servicio comprometidos", default=False)

    objects = CompanyScoped.as_manager()

    class Meta:
        verbose_name = "ambiente"
        verbose_name_plural = "ambientes"
        ordering = ("company", "service", "kind", "name")
        constraints = [models.UniqueConstraint(fields=["company", "service", "name"], name="environment_once")]

    def __str__(self) -> str:
        return f"{self.service} ({self.name})"


class ValidUser(models.Model):
    """A "usuario válido": a person authorised by a company to raise and follow its tickets (guide 2.2)."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Activo"
        SUSPENDED = "suspended", "Suspendido"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="valid_user", verbose_name="persona"
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="valid_users", verbose_name="compañía")
    status = models.CharField("situación", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    position = models.CharField("puesto", max_length=80, blank=True)
    immediate_superior = models.CharField("jefe inmediato", max_length=150, blank=True)
    authorised_by = models.CharField("autorizado por", max_length=150, blank=True)
    whatsapp_phone = models.CharField("teléfono de WhatsApp", max_length=30, blank=True)
    confirmed_at = models.DateTimeField("confirmado", null=True, blank=True)

    objects = CompanyScoped.as_manager()

    class Meta:
        verbose_name = "usuario válido"
        verbose_name_plural = "usuarios válidos"
        ordering = ("company", "user__full_name")

    def __str__(self) -> str:
        return f"{self.user} ({self.company})"
