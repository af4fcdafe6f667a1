"""The matrices of escalation, as versions with a date: the desk's four levels, each contract's technical list, and the one of
complaints (guide 3.5.2, 3.13.1)."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from customers.models import Contract, Service
from escalation.models.contacts import Contact
from escalation.vocabulary import MatrixKind

A_MONTH = 31 * 24 * 60


class MatrixQuerySet(models.QuerySet[Any]):
    def in_use(self, at: datetime) -> Self:
        """The published versions that bind at `at` or are still to begin; not those that a newer one has replaced."""
        return self.not_replaced(at).filter(published_at__isnull=False)

    def not_replaced(self, at: datetime) -> Self:
        """Those in use at `at`, and the drafts."""
        rows: Any = self.with_standing(at)
        current: Self = rows.filter(is_superseded=False)
        return current

    def with_standing(self, at: datetime) -> Self:
        """Each with `is_superseded`: whether a newer version of the same matrix had begun at `at`."""
        same = Q(contract=None) | Q(contract=OuterRef("contract"), service=OuterRef("service"))
        newer = Matrix.objects.filter(
            same,
            kind=OuterRef("kind"),
            version__gt=OuterRef("version"),
            published_at__isnull=False,
            valid_from__lte=at,
        )
        return self.annotate(is_superseded=Exists(newer))


class Matrix(models.Model):
    """One version of a matrix. A draft until it is published; from then on it is only read, and a new version takes its place.

    The technical list has a contract and a service; the other two have neither.
    """

    kind = models.CharField("matriz", max_length=15, choices=MatrixKind.choices)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="matrices", verbose_name="contrato"
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="matrices", verbose_name="servicio"
    )
    version = models.PositiveSmallIntegerField("versión", editable=False)
    valid_from = models.DateTimeField("vigente desde")
    published_at = models.DateTimeField("publicada", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="publicó", editable=False
    )

    objects = MatrixQuerySet.as_manager()

    class Meta:
        verbose_name = "matriz de escalamiento"
        verbose_name_plural = "matrices de escalamiento"
        ordering = ("kind", "contract", "service", "-version")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], condition=Q(contract=None), name="matrix_version_once"),
            models.UniqueConstraint(
                fields=["contract", "service", "version"],
                condition=Q(kind=MatrixKind.TECHNICAL),
                name="matrix_technical_version_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=MatrixKind.TECHNICAL, contract__isnull=False, service__isnull=False)
                | ~Q(kind=MatrixKind.TECHNICAL) & Q(contract=None, service=None),
                name="matrix_technical_has_contract",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, versión {self.version}"

    @property
    def name(self) -> str:
        """Which matrix, whatever its version."""
        of = f", {self.contract} · {self.service}" if self.contract_id else ""
        return f"{self.get_kind_display()}{of}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class Level(models.Model):
    """One row of a matrix: a role, who holds it, and how long they have. Minutes run in the desk's window for the ticket (guide 3.1).

    `direction` and `area` are the complaints' (guide 3.13.1): there, levels count within a direction.
    """

    matrix = models.ForeignKey(Matrix, models.CASCADE, related_name="levels", verbose_name="matriz")
    level = models.PositiveSmallIntegerField("nivel", validators=[MinValueValidator(1), MaxValueValidator(9)])
    direction = models.CharField("dirección", max_length=120, blank=True)
    area = models.CharField("área", max_length=120, blank=True)
    role = models.CharField("rol", max_length=120)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="levels", verbose_name="contacto"
    )
    acknowledge_minutes = models.PositiveIntegerField(
        "minutos para acusar recibo", default=60, validators=[MinValueValidator(1), MaxValueValidator(A_MONTH)]
    )
    answer_minutes = models.PositiveIntegerField(
        "minutos para responder", default=240, validators=[MinValueValidator(1), MaxValueValidator(A_MONTH)]
    )

    class Meta:
        verbose_name = "nivel"
        verbose_name_plural = "niveles"
        ordering = ("matrix", "direction", "level", "id")
        constraints = [
            models.UniqueConstraint(fields=["matrix", "direction", "area", "level"], name="level_once"),
            models.CheckConstraint(
                condition=Q(acknowledge_minutes__gt=0, answer_minutes__gte=F("acknowledge_minutes")),
                name="level_times_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}. {self.role}"
