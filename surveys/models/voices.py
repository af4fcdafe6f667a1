"""Complaints and suggestions: the guide's «Registro de Quejas» (2.2, 3.13, 3.13.1)."""

import re
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from accounts.trail import Entry
from customers.models import Company
from escalation.models import Contact, Matrix
from surveys.vocabulary import PENDING, Decision, Ending, StepCause, VoiceKind, VoiceState
from surveys.workflow import VoiceWorkflow
from tickets.models import Ticket
from tickets.models.conversation import StoredFile
from tickets.querysets import company_id_of
from tickets.vocabulary import Channel

NUMBER = re.compile(r"^QS(\d{1,18})$", re.IGNORECASE)


def scope(actor: User, prefix: str = "") -> Q | None:
    """Which complaints and suggestions the actor may see, as a condition on `prefix`; None for none at all.

    The desk sees all but those that point at the actor; a consultant those that they wrote down themselves. A representative sees the
    company's, a requester their own; suggestions that were shared are seen by every valid user (`SHARED`).
    """
    if not actor.is_active:
        return None
    seen = not_about(actor, prefix)
    if actor.is_desk or actor.role == Role.SYSTEM:
        return seen & Q(**{f"{prefix}recorded_by": actor.pk}) if actor.role == Role.CONSULTANT else seen
    company_id = company_id_of(actor) if actor.is_customer else None
    if company_id is None:
        return None
    own = seen & Q(**{f"{prefix}company": company_id})
    return own if actor.role == Role.REPRESENTATIVE else own & Q(**{f"{prefix}author": actor.pk})


def not_about(actor: User, prefix: str = "") -> Q:
    """Those that do not point at the actor, who may be a customer by now."""
    pointed_at = Voice.pointed_at.through.objects.filter(user=actor.pk).values("voice")
    return ~Q(**{f"{prefix}pk__in": pointed_at})


class VoiceScoped(models.QuerySet[Any]):
    """Rows that belong to a complaint or suggestion, found through `voice_path`."""

    voice_path = "row__"

    def visible_to(self, actor: User) -> Self:
        condition = scope(actor, self.voice_path)
        return self.none() if condition is None else self.filter(condition)


class VoiceQuerySet(VoiceScoped):
    voice_path = ""

    def by_number(self, number: str) -> Self:
        pk = pk_of(number)
        return self.none() if pk is None else self.filter(pk=pk)

    def suggestions_for(self, actor: User) -> Self:
        """The suggestions that a valid user reads and votes: their company's, and those shared with every customer."""
        company_id = company_id_of(actor) if actor.is_customer and actor.is_active else None
        if company_id is None:
            return self.none()
        return self.filter(not_about(actor), Q(company=company_id) | Q(is_shared=True), kind=VoiceKind.SUGGESTION)

    def pending(self) -> Self:
        """An answer is owed."""
        return self.filter(state__in=PENDING)

    def due(self, at: datetime) -> Self:
        """Those whose level let its time pass, or whose time to agree has passed, the longest waiting first. One partial index scan."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")


class Voice(VoiceWorkflow):
    """One complaint or suggestion. `author` is the valid user it comes from, `recorded_by` who typed it (the same in the portal).

    `levels` is the way up of its direction and area, as the matrix was then: `[{"level", "direction", "area", "role", "contact", "name",
    "acknowledge_minutes", "answer_minutes"}]`. `level` is the one that owes; `next_at` the next moment that something happens by itself.
    Without a matrix in force `matrix` is empty and there are no levels: the supervisors see to it. `pointed_at` are the people of the desk
    that it is about: it is kept from them.
    """

    kind = models.CharField("tipo", max_length=12, choices=VoiceKind.choices)
    company = models.ForeignKey(Company, models.PROTECT, related_name="voices", verbose_name="compañía")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="voices", verbose_name="de quién")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="la registró"
    )
    channel = models.CharField("medio", max_length=10, choices=Channel.choices, default=Channel.WEB)
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, blank=True, related_name="voices", verbose_name="ticket"
    )
    subject = models.CharField("asunto", max_length=200)
    body = models.TextField("qué pasó")
    direction = models.CharField("dirección", max_length=120)
    area = models.CharField("área", max_length=120)
    matrix = models.ForeignKey(
        Matrix, models.PROTECT, null=True, related_name="+", verbose_name="matriz", editable=False
    )
    levels: Any = models.JSONField("niveles", editable=False)
    level = models.PositiveSmallIntegerField("nivel", default=0, editable=False)
    next_at = models.DateTimeField("vence", null=True, editable=False)
    acknowledged_at = models.DateTimeField("acuse", null=True, editable=False)
    analysed_at = models.DateTimeField("en análisis desde", null=True, editable=False)
    answered_at = models.DateTimeField("respuesta", null=True, editable=False)
    closed_at = models.DateTimeField("cerrada", null=True, editable=False)
    answer_text = models.TextField("respuesta al cliente", blank=True)
    answered_by = models.CharField("quién respondió", max_length=150, blank=True)
    decision = models.CharField("decisión", max_length=10, choices=Decision.choices, blank=True)
    ending = models.CharField("cómo terminó", max_length=10, choices=Ending.choices, blank=True)
    appeals = models.PositiveSmallIntegerField("apelaciones", default=0, editable=False)
    is_shared = models.BooleanField("la ven todos los clientes", default=False, editable=False)
    shared_subject = models.CharField("asunto para todos", max_length=200, blank=True)
    shared_body = models.TextField("texto para todos", blank=True)
    votes_count = models.PositiveIntegerField("votos", default=0, editable=False)
    pointed_at: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name="personas señaladas", blank=True
    )

    objects = VoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "queja o sugerencia"
        verbose_name_plural = "quejas y sugerencias"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=VoiceState.ANSWERED) | Q(answered_at__isnull=False) & ~Q(answer_text=""),
                name="voice_answered_has_answer",
            ),
            models.CheckConstraint(
                condition=Q(state=VoiceState.CLOSED, closed_at__isnull=False, next_at=None) & ~Q(ending="")
                | ~Q(state=VoiceState.CLOSED) & Q(closed_at=None, ending=""),
                name="voice_closed_has_ending",
            ),
            models.CheckConstraint(
                condition=Q(is_shared=False) | Q(kind=VoiceKind.SUGGESTION) & ~Q(shared_subject=""),
                name="voice_shared_is_suggestion",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="voice_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["kind", "state", "-id"], name="voice_queue"),
            models.Index(fields=["company", "-id"], name="voice_company"),
            models.Index(fields=["author", "-id"], name="voice_author"),
            models.Index(fields=["-votes_count", "-id"], name="voice_votes", condition=Q(kind=VoiceKind.SUGGESTION)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def number(self) -> str:
        """«QS000012»."""
        return f"QS{self.pk:06d}"

    @property
    def is_complaint(self) -> bool:
        return bool(self.kind == VoiceKind.COMPLAINT)

    @property
    def last_level(self) -> int:
        return max((row["level"] for row in self.levels), default=0)


def pk_of(number: str) -> int | None:
    """The row that a number such as «QS000012» stands for; None when it is not one."""
    found = NUMBER.match(number.strip())
    return int(found[1]) if found else None


class VoiceStep(models.Model):
    """One level told, or found to have nobody to tell (`contact` empty). Names and addresses are as they were then."""

    row = models.ForeignKey(Voice, models.PROTECT, related_name="steps", verbose_name="queja o sugerencia")
    number = models.PositiveSmallIntegerField("paso")
    level = models.PositiveSmallIntegerField("nivel")
    direction = models.CharField("dirección", max_length=120)
    area = models.CharField("área", max_length=120)
    role = models.CharField("rol", max_length=120)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", verbose_name="contacto")
    name = models.CharField("nombre", max_length=120, blank=True)
    email = models.EmailField("correo electrónico", blank=True)
    instead_of = models.CharField("en ausencia de", max_length=120, blank=True)
    cause = models.CharField("causa", max_length=15, choices=StepCause.choices)
    reason = models.CharField("motivo", max_length=2000, blank=True)
    notified_at = models.DateTimeField("avisado")
    acknowledge_by = models.DateTimeField("acuse antes de", null=True)
    answer_by = models.DateTimeField("respuesta antes de", null=True)
    acknowledged_at = models.DateTimeField("acuse", null=True)
    answered_at = models.DateTimeField("respuesta", null=True)
    overdue_at = models.DateTimeField("sin respuesta a tiempo", null=True)

    objects = VoiceScoped.as_manager()

    class Meta:
        verbose_name = "nivel avisado de una queja"
        verbose_name_plural = "niveles avisados de quejas"
        ordering = ("row", "number")
        constraints = [models.UniqueConstraint(fields=["row", "number"], name="voice_step_once")]

    def __str__(self) -> str:
        return f"Nivel {self.level}, {self.name or 'sin contacto'}"


class VoiceEntryQuerySet(VoiceScoped):
    def visible_to(self, actor: User) -> Self:
        """A customer reads what was done in public; the desk reads all."""
        rows = super().visible_to(actor)
        return rows if actor.is_desk else rows.filter(is_public=True)


class VoiceEntry(Entry):
    """One change of a complaint or suggestion, or something said about it."""

    row = models.ForeignKey(Voice, models.PROTECT, related_name="entries", verbose_name="queja o sugerencia")

    objects = VoiceEntryQuerySet.as_manager()

    class Meta(Entry.Meta):
        verbose_name = "suceso de una queja"
        verbose_name_plural = "registro de quejas"
        constraints = [models.UniqueConstraint(fields=["row", "sequence"], name="voice_entry_once")]


class VoiceFile(StoredFile):
    """What came with a complaint or suggestion. Files of a shared suggestion are not shared."""

    row = models.ForeignKey(Voice, models.PROTECT, related_name="files", verbose_name="queja o sugerencia")

    objects = VoiceScoped.as_manager()

    class Meta(StoredFile.Meta):
        verbose_name = "archivo de una queja"
        verbose_name_plural = "archivos de quejas"


class Vote(models.Model):
    """A valid user wants it too. One each; taking it back deletes the row."""

    suggestion = models.ForeignKey(Voice, models.CASCADE, related_name="votes", verbose_name="sugerencia")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="quién")
    at = models.DateTimeField("momento")

    class Meta:
        verbose_name = "voto"
        verbose_name_plural = "votos"
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["suggestion", "voter"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.suggestion_id}: {self.voter_id}"
