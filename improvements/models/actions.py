"""The one register of corrective actions, whatever they come from (guide 2.2, 3.13, 3.14)."""

import re
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role
from accounts.trail import Entry
from customers.models import Company
from improvements.vocabulary import LIVE, PENDING, ActionKind, ActionState, Origin
from improvements.workflow import Workflow
from tickets.models import Ticket
from tickets.models.conversation import StoredFile
from tickets.querysets import company_id_of

NUMBER = re.compile(r"^AC(\d{1,18})$", re.IGNORECASE)


QUOTING: dict[str, tuple[str, ...]] = {Role.AGENT: (Origin.SURVEY, Origin.DETRACTOR), Role.BPO: (Origin.SURVEY,)}
"""Actions that quote what a customer answered, by the role that may not read those answers; whoever owns one reads it."""


def scope(actor: User, prefix: str = "") -> Q | None:
    """Which actions the actor may see, as a condition on `prefix`; None for none at all.

    The desk sees all but those kept from them (a complaint's are kept from the people complained about); a consultant those they own, and
    an agent none that quotes an answer which they may not read, unless they own it.
    A representative sees what is written for the customer in those of their company; a requester nothing.
    """
    if not actor.is_active:
        return None
    if actor.is_desk or actor.role == Role.SYSTEM:
        seen = ~Q(
            **{
                f"{prefix}pk__in": CorrectiveAction.kept_from.through.objects.filter(user=actor.pk).values(
                    "correctiveaction"
                )
            }
        )
        own = Q(**{f"{prefix}owner": actor.pk})
        if actor.role == Role.CONSULTANT:
            return seen & own
        quoting = QUOTING.get(actor.role, ())
        return seen & (own | ~Q(**{f"{prefix}origin__in": quoting})) if quoting else seen
    company_id = company_id_of(actor) if actor.role == Role.REPRESENTATIVE else None
    if company_id is None:
        return None
    return Q(**{f"{prefix}company": company_id}) & ~Q(**{f"{prefix}summary": ""})


class ActionScoped(models.QuerySet[Any]):
    """Rows that belong to an action, found through `action_path`."""

    action_path = "row__"

    def visible_to(self, actor: User) -> Self:
        condition = scope(actor, self.action_path)
        return self.none() if condition is None else self.filter(condition)


class ActionQuerySet(ActionScoped):
    action_path = ""

    def by_number(self, number: str) -> Self:
        pk = pk_of(number)
        return self.none() if pk is None else self.filter(pk=pk)

    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def overdue(self, on: date) -> Self:
        """Those whose owner owes them since before the day `on`."""
        return self.filter(state__in=PENDING, due_on__lt=on)

    def due(self, at: datetime) -> Self:
        """Those that somebody is to be reminded of, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")

    def of_source(self, origin: str, source_id: int) -> Self:
        """Those that answer to one thing: a complaint, an answer, a promise."""
        return self.filter(sources__origin=origin, sources__source_id=source_id)


class CorrectiveAction(Workflow):
    """One action: why, what, who, until when, what shows that it was done, and that it helped.

    `due_on` and `verify_on` are days of the desk. `summary` is what the customer may read of it; empty: nothing. `next_at` is the next
    moment at which somebody is reminded or the delay goes up (`told_level`: 0 nobody, 1 supervisors, 2 managers, 3 directors).
    """

    kind = models.CharField("tipo", max_length=12, choices=ActionKind.choices, default=ActionKind.CORRECTIVE)
    origin = models.CharField("origen", max_length=12, choices=Origin.choices)
    title = models.CharField("acción", max_length=200)
    problem = models.TextField("qué pasó")
    cause = models.TextField("causa", blank=True)
    plan = models.TextField("qué se hará", blank=True)
    summary = models.TextField(
        "lo que lee el cliente", blank=True, help_text="Vacío: el cliente no ve esta acción. No nombre personas."
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name="compañía"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_actions", verbose_name="responsable"
    )
    due_on = models.DateField("fecha compromiso")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="la abrió", editable=False
    )
    implemented_at = models.DateTimeField("implementada", null=True, editable=False)
    implemented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="la implementó",
        editable=False,
    )
    evidence = models.TextField("evidencia", blank=True)
    verify_on = models.DateField("verificar el", null=True, blank=True)
    verified_at = models.DateTimeField("verificada", null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="verificó", editable=False
    )
    verification = models.TextField("efecto", blank=True)
    closed_at = models.DateTimeField("terminada", null=True, editable=False)
    next_at = models.DateTimeField("siguiente aviso", null=True, editable=False)
    told_level = models.PositiveSmallIntegerField("avisado hasta", default=0, editable=False)
    kept_from: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name="no la ven", blank=True
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "acción correctiva"
        verbose_name_plural = "acciones correctivas"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(next_at=None) | Q(state__in=LIVE), name="action_reminds_only_while_live"
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.CLOSED) | Q(verified_at__isnull=False, closed_at__isnull=False),
                name="action_closes_verified",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.IMPLEMENTED) | Q(implemented_at__isnull=False) & ~Q(evidence=""),
                name="action_done_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(implemented_by=None) | ~Q(verified_by=F("implemented_by")),
                name="action_verified_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="action_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["due_on", "id"], name="action_due", condition=Q(state__in=LIVE)),
            models.Index(fields=["owner", "due_on"], name="action_owner", condition=Q(state__in=LIVE)),
            models.Index(fields=["company", "-id"], name="action_company"),
            models.Index(fields=["origin", "-id"], name="action_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """«AC000012»."""
        return f"AC{self.pk:06d}"


def pk_of(number: str) -> int | None:
    """The row that a number such as «AC000012» stands for; None when it is not one."""
    found = NUMBER.match(number.strip())
    return int(found[1]) if found else None


class ActionSource(models.Model):
    """One thing that an action answers to. An action may answer to several; a thing is answered by one action at most.

    `source_id` is its row in its own app; empty for what is only named (a review meeting).
    """

    action = models.ForeignKey(CorrectiveAction, models.PROTECT, related_name="sources", verbose_name="acción")
    origin = models.CharField("origen", max_length=12, choices=Origin.choices)
    source_id = models.BigIntegerField(null=True)
    label = models.CharField("referencia", max_length=200)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+", verbose_name="ticket")
    at = models.DateTimeField("momento")

    class Meta:
        verbose_name = "origen de acción"
        verbose_name_plural = "orígenes de acción"
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["origin", "source_id"], name="action_source_once")]

    def __str__(self) -> str:
        return self.label


class ActionEntryQuerySet(ActionScoped):
    def visible_to(self, actor: User) -> Self:
        """The history is the desk's; the customer reads the summary."""
        return super().visible_to(actor) if actor.is_desk else self.none()


class ActionEntry(Entry):
    """One change of an action."""

    row = models.ForeignKey(CorrectiveAction, models.PROTECT, related_name="entries", verbose_name="acción")

    objects = ActionEntryQuerySet.as_manager()

    class Meta(Entry.Meta):
        verbose_name = "suceso de una acción"
        verbose_name_plural = "historial de acciones"
        constraints = [models.UniqueConstraint(fields=["row", "sequence"], name="action_entry_once")]
        indexes = [models.Index(fields=["kind", "at"], name="action_entry_kind")]


class Evidence(StoredFile):
    """A file that shows that an action was done."""

    row = models.ForeignKey(CorrectiveAction, models.PROTECT, related_name="files", verbose_name="acción")

    objects = ActionEntryQuerySet.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = "evidencia"
        verbose_name_plural = "evidencias"


class OriginRule(models.Model):
    """What happens when something of an origin occurs: whether an action opens by itself, whose it is, and how many days they have.

    With `joins`, what occurs to the same company while an action of that origin is open joins it instead of opening another.
    """

    origin = models.CharField("origen", max_length=12, choices=Origin.choices, unique=True)
    opens_itself = models.BooleanField("se abre sola", default=False)
    joins = models.BooleanField(
        "se suma a la abierta",
        default=False,
        help_text="Lo que le ocurre a la misma compañía mientras hay una acción abierta de este origen se suma a ella.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="responsable",
        help_text="Vacío: el supervisor de la Mesa de Servicio con menos acciones abiertas.",
    )
    days = models.PositiveSmallIntegerField("días para implementarla", default=15)
    verify_days = models.PositiveSmallIntegerField("días para verificar su efecto", default=30)
    remind_days = models.PositiveSmallIntegerField("días de aviso antes de la fecha", default=3)
    climb_days = models.PositiveSmallIntegerField("días de atraso por nivel de escalamiento", default=3)

    class Meta:
        verbose_name = "regla de acciones correctivas"
        verbose_name_plural = "reglas de acciones correctivas"
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.get_origin_display())
