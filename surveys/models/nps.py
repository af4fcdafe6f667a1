"""The yearly Net Promoter Score: campaigns, who was asked, what they answered, and the years before (guide 3.14)."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import SUPERVISING, Role
from accounts.trail import Entry
from customers.models import Company, Service
from surveys.vocabulary import Audience, InvitationState, LeftOut
from surveys.workflow import CampaignWorkflow
from tickets.models.ticket import new_key
from tickets.querysets import company_id_of

MANY_WAVES = 52


class Campaign(CampaignWorkflow):
    """One year's question. Opens and closes at the desk's days `opens_on` and `closes_on`, both included.

    The audience is cut into `waves`, one every `wave_days`; nobody is asked twice in a year.
    """

    year = models.PositiveSmallIntegerField("año", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    name = models.CharField("nombre", max_length=120)
    audience = models.CharField("a quién", max_length=15, choices=Audience.choices, default=Audience.ALL)
    companies: Any = models.ManyToManyField(
        Company, related_name="+", verbose_name="compañías", blank=True, help_text="Ninguna: todas."
    )
    opens_on = models.DateField("abre")
    closes_on = models.DateField("cierra")
    waves = models.PositiveSmallIntegerField(
        "oleadas", default=1, validators=[MinValueValidator(1), MaxValueValidator(MANY_WAVES)]
    )
    wave_days = models.PositiveSmallIntegerField("días entre oleadas", default=7, validators=[MinValueValidator(1)])
    remind_days = models.PositiveSmallIntegerField(
        "días entre recordatorios", default=7, validators=[MinValueValidator(1)]
    )
    reminders = models.PositiveSmallIntegerField("recordatorios", default=2, validators=[MaxValueValidator(5)])
    started_at = models.DateTimeField("iniciada", null=True, editable=False)
    ended_at = models.DateTimeField("terminada", null=True, editable=False)

    class Meta:
        verbose_name = "campaña de NPS"
        verbose_name_plural = "campañas de NPS"
        ordering = ("-year", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="campaign_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignEntry(Entry):
    """One change of a campaign."""

    row = models.ForeignKey(Campaign, models.PROTECT, related_name="entries", verbose_name="campaña")

    class Meta(Entry.Meta):
        verbose_name = "suceso de una campaña"
        verbose_name_plural = "historial de campañas"
        constraints = [models.UniqueConstraint(fields=["row", "sequence"], name="campaign_entry_once")]


def scope(actor: User) -> Q | None:
    """Whose answers the actor may read: the desk's heads, service delivery and BPO all; a customer their own."""
    if not actor.is_active:
        return None
    if actor.role in (*SUPERVISING, Role.ADMIN, Role.SERVICE_DELIVERY, Role.BPO, Role.SYSTEM):
        return Q()
    return Q(person=actor.pk, company=company_id_of(actor)) if actor.is_customer else None


class NpsQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: User) -> Self:
        condition = scope(actor)
        return self.none() if condition is None else self.filter(condition)

    def due(self, at: datetime) -> Self:
        """Those to be sent, reminded or to expire, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")


class NpsInvitation(models.Model):
    """One person, one year: asked or not, what they answered, and how the loop with a detractor was closed.

    `service` is the one that they used most in the year before, the company's only one, or none. `key` is the secret of its link.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="invitations", verbose_name="campaña")
    year = models.PositiveSmallIntegerField("año")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="a quién")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="compañía")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+", verbose_name="servicio")
    wave = models.PositiveSmallIntegerField("oleada")
    state = models.CharField(
        "situación", max_length=10, choices=InvitationState.choices, default=InvitationState.PLANNED
    )
    left_out = models.CharField("por qué no", max_length=10, choices=LeftOut.choices, blank=True)
    invited_at = models.DateTimeField("enviada", null=True)
    next_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField("recordatorios", default=0)
    answered_at = models.DateTimeField("contestada", null=True)
    changed_at = models.DateTimeField("cambiada", null=True)
    score = models.PositiveSmallIntegerField("calificación", null=True)
    why = models.TextField("por qué", blank=True)
    looped_at = models.DateTimeField("se habló con el cliente", null=True)
    looped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="quién habló"
    )
    loop_note = models.TextField("qué se habló", blank=True)

    objects = NpsQuerySet.as_manager()

    class Meta:
        verbose_name = "invitación de NPS"
        verbose_name_plural = "invitaciones de NPS"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["year", "person"], name="nps_once_a_year"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=10), name="nps_score_in_scale"),
            models.CheckConstraint(
                condition=Q(state=InvitationState.ANSWERED, score__isnull=False, answered_at__isnull=False)
                | ~Q(state=InvitationState.ANSWERED) & Q(score=None, answered_at=None),
                name="nps_answered_has_score",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="nps_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["year", "company", "service", "score"], name="nps_results"),
            models.Index(fields=["campaign", "state"], name="nps_campaign_state"),
        ]

    def __str__(self) -> str:
        return f"NPS {self.year}: {self.person_id}"


class NpsRecord(models.Model):
    """An earlier year's result of a company and service, as it was imported: how many were asked, and how many of each class answered."""

    year = models.PositiveSmallIntegerField("año")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="compañía")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+", verbose_name="servicio")
    invited = models.PositiveIntegerField("invitados", null=True)
    promoters = models.PositiveIntegerField("promotores")
    passives = models.PositiveIntegerField("pasivos")
    detractors = models.PositiveIntegerField("detractores")
    source = models.CharField("archivo", max_length=150)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    imported_at = models.DateTimeField("importado")

    class Meta:
        verbose_name = "NPS de un año anterior"
        verbose_name_plural = "NPS de años anteriores"
        ordering = ("-year", "company")
        constraints = [
            models.UniqueConstraint(fields=["year", "company", "service"], name="nps_record_once"),
            models.UniqueConstraint(
                fields=["year", "company"], condition=Q(service=None), name="nps_record_once_without_service"
            ),
            models.CheckConstraint(
                condition=Q(invited=None) | Q(invited__gte=F("promoters") + F("passives") + F("detractors")),
                name="nps_record_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"NPS {self.year}: {self.company}"
