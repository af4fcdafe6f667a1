"""People and the groups that solve tickets. A person has one role; what a role may do is decided by each app's policy."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.roles import DESK_ROLES, Role, role_has_perm
from core import clock


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in; with no password, one who cannot until they set it."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": Role.ADMIN, **fields})


class UserQuerySet(models.QuerySet["User"]):
    def desk(self) -> "UserQuerySet":
        """The provider's people (not customers, not SYSTEM)."""
        return self.filter(role__in=DESK_ROLES)


class User(AbstractBaseUser):
    """A person (or SYSTEM). Signs in by e-mail; addresses are stored in lower case and are unique whatever the case."""

    email = models.EmailField("correo", unique=True)
    full_name = models.CharField("nombre completo", max_length=150)
    role = models.CharField("rol", max_length=20, choices=Role.choices)
    phone = models.CharField("teléfono", max_length=30, blank=True)
    time_zone = models.CharField("zona horaria", max_length=64, default="America/Mexico_City")
    is_active = models.BooleanField("activo", default=True)
    created_at = models.DateTimeField("creado", default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = "persona"
        verbose_name_plural = "personas"
        ordering = ("full_name",)
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def is_desk(self) -> bool:
        """Works for the provider."""
        return self.role in DESK_ROLES

    @property
    def is_customer(self) -> bool:
        return self.role in (Role.REQUESTER, Role.REPRESENTATIVE)

    @property
    def is_staff(self) -> bool:
        """May enter the console (asked by the Django admin)."""
        return self.is_active and self.is_desk

    @property
    def is_superuser(self) -> bool:
        """Nobody bypasses the policies; Django asks, so the answer is no."""
        return False

    @cached_property
    def group_ids(self) -> frozenset[int]:
        """Ids of the support groups that the person belongs to; read once per request."""
        return frozenset(self.support_groups.values_list("pk", flat=True))

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0]

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.full_name.split()[:2]).upper()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and role_has_perm(self.role, perm)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class SupportGroup(models.Model):
    """A "grupo resolutor". Level 1 is the desk itself; level 2 are the experts (guide 3.5)."""

    class Level(models.IntegerChoices):
        FIRST = 1, "Nivel 1"
        SECOND = 2, "Nivel 2"

    name = models.CharField("nombre", max_length=80, unique=True)
    level = models.PositiveSmallIntegerField("nivel", choices=Level.choices, default=Level.SECOND)
    members = models.ManyToManyField(User, verbose_name="integrantes", related_name="support_groups", blank=True)
    is_active = models.BooleanField("activo", default=True)

    class Meta:
        verbose_name = "grupo resolutor"
        verbose_name_plural = "grupos resolutores"
        ordering = ("level", "name")

    def __str__(self) -> str:
        return f"{self.name}, nivel {self.level}"


class WorkShift(models.Model):
    """Hours in which a person of the desk works, in their own time zone. Who has none works the desk's standard hours.

    Minutes after midnight, half open; a shift that ends at or before its start ends the next day. The desk's closed days close it,
    unless the person works on them.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Lunes"
        TUESDAY = 1, "Martes"
        WEDNESDAY = 2, "Miércoles"
        THURSDAY = 3, "Jueves"
        FRIDAY = 4, "Viernes"
        SATURDAY = 5, "Sábado"
        SUNDAY = 6, "Domingo"

    user = models.ForeignKey(User, models.CASCADE, related_name="shifts", verbose_name="persona")
    weekday = models.PositiveSmallIntegerField("día", choices=Weekday.choices)
    starts = models.PositiveSmallIntegerField("entra (minuto del día)", validators=[MaxValueValidator(1439)])
    ends = models.PositiveSmallIntegerField("sale (minuto del día)", validators=[MaxValueValidator(1440)])
    works_on_holidays = models.BooleanField("también en días inhábiles", default=False)

    class Meta:
        verbose_name = "turno"
        verbose_name_plural = "turnos"
        ordering = ("user", "weekday", "starts")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts // 60}:{self.starts % 60:02} a {self.ends // 60}:{self.ends % 60:02}"
