"""The ticket itself. Its state moves only through `tickets.services`."""

import re
import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models import SupportGroup
from core import clock
from customers.models import Company, Contract, Environment, Service, ServiceTerms
from tickets.models.catalog import CatalogItem
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import (
    PRIORITY_ORDER,
    TERMINAL,
    UNSOLVED,
    Channel,
    ClosingCode,
    Impact,
    Kind,
    Precedence,
    Priority,
    ServiceLine,
    SolutionType,
    State,
    Urgency,
)
from tickets.workflow import Workflow

NUMBER = re.compile(r"^[Tt]?0*(\d{1,15})$")


def new_key() -> str:
    return uuid.uuid4().hex


def pk_of(number: str) -> int | None:
    """The row that a public number such as «T0001234» stands for; None when it is not one."""
    found = NUMBER.match(number.strip())
    return int(found[1]) if found else None


class Ticket(Workflow):
    """An incident, request, problem or change reported by a valid user (guide 2.2, 3.4).

    Moments are aware UTC. `reacted_at`, `attended_at`, `committed_for`, `solved_at`, `validation_due_at` are facts; `next_due_at` and
    `breached` are kept true by the app sla. `version` counts history events: it is the sequence of the last one.
    """

    key = models.CharField(max_length=32, default=new_key, editable=False)

    # An index that begins with the company, and one that begins with the requester, are below.
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="tickets", verbose_name="compañía", db_index=False
    )
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="tickets", verbose_name="contrato")
    terms = models.ForeignKey(ServiceTerms, models.PROTECT, related_name="tickets", verbose_name="condiciones")
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, verbose_name="servicio")
    environment = models.ForeignKey(Environment, models.PROTECT, null=True, blank=True, verbose_name="ambiente")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="raised_tickets",
        verbose_name="solicitante",
        db_index=False,
    )
    channel = models.CharField("medio", max_length=10, choices=Channel.choices)
    catalog_item = models.ForeignKey(
        CatalogItem, models.PROTECT, null=True, blank=True, verbose_name="servicio del catálogo"
    )
    fields = models.JSONField("respuestas de la plantilla", default=dict, blank=True, encoder=DjangoJSONEncoder)
    external_reference = models.CharField("referencia externa", max_length=100, blank=True)

    kind = models.CharField("tipo", max_length=10, choices=Kind.choices)
    service_line = models.CharField("línea de servicio", max_length=15, choices=ServiceLine.choices)
    impact = models.CharField("impacto", max_length=12, choices=Impact.choices)
    urgency = models.CharField("urgencia", max_length=10, choices=Urgency.choices)
    priority = models.CharField("prioridad", max_length=10, choices=Priority.choices, editable=False)
    is_relevant = models.BooleanField("incidente relevante", default=False)
    is_major = models.BooleanField("incidente mayor", default=False)
    precedence = models.PositiveSmallIntegerField("precedencia", editable=False)

    title = models.CharField("título", max_length=200)
    folded_title = models.CharField(max_length=400, editable=False)
    description = models.TextField("descripción")

    group = models.ForeignKey(
        SupportGroup, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name="grupo resolutor"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        verbose_name="responsable",
    )
    vendor = models.CharField("proveedor", max_length=120, blank=True)
    vendor_reference = models.CharField("referencia del proveedor", max_length=100, blank=True)

    created_at = models.DateTimeField("creado", default=clock.now, editable=False)
    updated_at = models.DateTimeField("actualizado", default=clock.now, editable=False)
    reacted_at = models.DateTimeField("reacción", null=True, editable=False)
    attended_at = models.DateTimeField("atención", null=True, editable=False)
    started_at = models.DateTimeField("inicio del trabajo", null=True, editable=False)
    committed_for = models.DateTimeField("fecha compromiso", null=True, editable=False)
    solved_at = models.DateTimeField("solucionado", null=True, editable=False)
    solution_type = models.CharField(
        "tipo de solución", max_length=10, choices=SolutionType.choices, blank=True, editable=False
    )
    solution = models.TextField("solución", blank=True, editable=False)
    validation_due_at = models.DateTimeField("validar antes de", null=True, editable=False)
    validation_reminded_at = models.DateTimeField("recordatorio enviado", null=True, editable=False)
    closed_at = models.DateTimeField("terminado", null=True, editable=False)
    closing_code = models.CharField(
        "código de cierre", max_length=12, choices=ClosingCode.choices, blank=True, editable=False
    )

    follow_up_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name="seguimiento de",
        editable=False,
        db_index=False,
    )
    duplicate_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name="duplicado de",
        editable=False,
        db_index=False,
    )

    next_due_at = models.DateTimeField("vence", null=True, editable=False)
    breached = models.BooleanField("incumplido", default=False, editable=False)

    version = models.PositiveIntegerField("versión", default=0, editable=False)
    history_head = models.CharField(max_length=64, default="", editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "ticket"
        verbose_name_plural = "tickets"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ticket_key_once"),  # `unique` would add an index for LIKE
            models.CheckConstraint(
                condition=Q(state__in=TERMINAL, closed_at__isnull=False) & ~Q(closing_code="")
                | ~Q(state__in=TERMINAL) & Q(closed_at=None, closing_code=""),
                name="terminal_has_closing_code",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SOLVED) | Q(solved_at__isnull=False) & ~Q(solution_type="") & ~Q(solution=""),
                name="solved_has_solution",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="ticket_created"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_updated"),
            models.Index(fields=["company", "-created_at", "-id"], name="ticket_company_created"),
            models.Index(fields=["company", "-updated_at", "-id"], name="ticket_company_updated"),
            models.Index(fields=["requester", "-updated_at", "-id"], name="ticket_requester_updated"),
            models.Index(fields=["company", "state", "-id"], name="ticket_company_state"),
            models.Index(fields=["precedence", "id"], name="ticket_precedence"),
            models.Index(
                fields=["precedence", "next_due_at", "id"], name="ticket_queue", condition=Q(state__in=UNSOLVED)
            ),
            models.Index(
                fields=["group", "precedence", "next_due_at", "id"],
                name="ticket_group_queue",
                condition=Q(state__in=UNSOLVED),
            ),
            models.Index(
                fields=["assignee", "precedence", "next_due_at", "id"],
                name="ticket_own_queue",
                condition=Q(state__in=UNSOLVED),
            ),
            models.Index(
                fields=["state", "precedence", "next_due_at", "id"],
                name="ticket_state_queue",
                condition=Q(state__in=UNSOLVED),
            ),
            models.Index(fields=["next_due_at", "id"], name="ticket_next_due", condition=Q(next_due_at__isnull=False)),
            # All that is summed about open tickets, so that the sums never read their rows.
            models.Index(
                fields=["company", "service_line", "priority", "group", "next_due_at", "id"],
                name="ticket_open_facts",
                condition=Q(state__in=UNSOLVED),
            ),
            models.Index(fields=["follow_up_of"], name="ticket_follow_ups", condition=Q(follow_up_of__isnull=False)),
            models.Index(fields=["duplicate_of"], name="ticket_duplicates", condition=Q(duplicate_of__isnull=False)),
            models.Index(fields=["validation_due_at"], name="ticket_validation_due", condition=Q(state=State.SOLVED)),
            models.Index(Upper("external_reference"), name="ticket_reference", condition=~Q(external_reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The public number that the customer is told (guide 2.1)."""
        return f"T{self.pk:07d}"

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def support_level(self) -> int:
        """1 while the desk has it, 2 when the experts do (guide 3.5)."""
        return self.group.level if self.group is not None else SupportGroup.Level.FIRST

    def derive_precedence(self) -> int:
        """The queue's order before deadlines: relevant, major, then priority (guide 2.2, 3.8)."""
        base = Precedence.RELEVANT if self.is_relevant else Precedence.MAJOR if self.is_major else Precedence.NORMAL
        return base + PRIORITY_ORDER[Priority(self.priority)]
