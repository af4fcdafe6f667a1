"""The satisfaction survey on closing: what is asked, whom, and what they answered (guide 3.13)."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

from accounts.models import SupportGroup, User
from accounts.roles import SUPERVISING, Role
from customers.models import Company
from surveys.vocabulary import InvitationState, LeftOut, QuestionKind
from tickets.models import Ticket
from tickets.models.ticket import new_key
from tickets.querysets import company_id_of
from tickets.vocabulary import ServiceLine

LONGEST_DAYS = 90
"""How long a survey can be answered, at most."""


class SurveyLimits(models.Model):
    """How often one person may be asked, whatever the line; and how many answers a person of the desk needs to be shown a result.

    One row. Days are of 24 hours.
    """

    days_between = models.PositiveSmallIntegerField("días entre dos encuestas a la misma persona", default=7)
    most_per_month = models.PositiveSmallIntegerField("encuestas por persona en 30 días, a lo más", default=3)
    least_answers = models.PositiveSmallIntegerField(
        "respuestas que hacen falta para mostrar el resultado de un agente",
        default=5,
        validators=[MinValueValidator(1)],
    )

    class Meta:
        verbose_name = "límites de las encuestas"
        verbose_name_plural = "límites de las encuestas"

    def __str__(self) -> str:
        return "Límites de las encuestas"


class QuestionnaireQuerySet(models.QuerySet[Any]):
    def with_standing(self) -> Self:
        """Each with `newest`, the number of its line's newest published version, and `asks`, how many questions it has."""
        same = Questionnaire.objects.filter(service_line=OuterRef("service_line"), published_at__isnull=False)
        newest = Subquery(same.order_by("-version").values("version")[:1])
        return self.annotate(newest=newest, asks=Count("questions"))


class Questionnaire(models.Model):
    """One version of what is asked about a service line (empty: every line without one of its own). Published, it is only read."""

    service_line = models.CharField("línea de servicio", max_length=15, choices=ServiceLine.choices, blank=True)
    version = models.PositiveSmallIntegerField("versión", editable=False)
    title = models.CharField("título", max_length=120, default="Encuesta de satisfacción de servicio")
    intro = models.CharField("introducción", max_length=500, blank=True)
    thanks = models.CharField("agradecimiento", max_length=500, blank=True)
    sample_percent = models.PositiveSmallIntegerField(
        "tickets que se encuestan (%)", default=100, validators=[MaxValueValidator(100)]
    )
    low_score = models.PositiveSmallIntegerField(
        "calificación baja, hasta", default=2, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    expires_days = models.PositiveSmallIntegerField(
        "días para contestar", default=14, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)]
    )
    remind_days = models.PositiveSmallIntegerField(
        "días entre recordatorios", default=4, validators=[MinValueValidator(1)]
    )
    reminders = models.PositiveSmallIntegerField("recordatorios", default=1, validators=[MaxValueValidator(5)])
    published_at = models.DateTimeField("publicado", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="publicó", editable=False
    )

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = "cuestionario"
        verbose_name_plural = "cuestionarios"
        ordering = ("service_line", "-version")
        constraints = [
            models.UniqueConstraint(fields=["service_line", "version"], name="questionnaire_version_once"),
            models.UniqueConstraint(
                fields=["service_line"], condition=Q(published_at=None), name="questionnaire_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_service_line_display() or 'Todas las líneas'}, versión {self.version}"


class Question(models.Model):
    """One question. The first is the scale by which the service is graded; the mail carries it."""

    questionnaire = models.ForeignKey(
        Questionnaire, models.CASCADE, related_name="questions", verbose_name="cuestionario"
    )
    position = models.PositiveSmallIntegerField("orden")
    kind = models.CharField("tipo", max_length=10, choices=QuestionKind.choices, default=QuestionKind.SCALE)
    text = models.CharField("pregunta", max_length=300)
    options = models.TextField("opciones, una por renglón", blank=True)
    is_required = models.BooleanField("obligatoria", default=False)

    class Meta:
        verbose_name = "pregunta"
        verbose_name_plural = "preguntas"
        ordering = ("questionnaire", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "position"], name="question_position_once"),
            models.CheckConstraint(
                condition=~Q(position=1) | Q(kind=QuestionKind.SCALE, is_required=True), name="question_first_grades"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def choices(self) -> list[str]:
        return [line.strip() for line in self.options.splitlines() if line.strip()]


def scope(actor: User) -> Q | None:
    """Whose answers the actor may read: the desk's heads all, an agent or consultant those about themselves, a customer their own."""
    if not actor.is_active:
        return None
    if actor.role in (*SUPERVISING, Role.ADMIN, Role.SERVICE_DELIVERY, Role.SYSTEM):
        return Q()
    if actor.is_desk:
        return Q(agent=actor.pk)
    return Q(person=actor.pk, company=company_id_of(actor)) if actor.is_customer else None


class SurveyQuerySet(models.QuerySet[Any]):
    survey_path = ""

    def visible_to(self, actor: User) -> Self:
        condition = scope(actor)
        return self.none() if condition is None else self.filter(condition)

    def due(self, at: datetime) -> Self:
        """Those to be reminded or to expire, the longest waiting first. One scan of a partial index."""
        return self.filter(next_at__lte=at).order_by("next_at", "id")


class Survey(models.Model):
    """One closed ticket's survey: asked or not (with the reason), and what was answered. Who attended is as it was at closing.

    `key` is the secret of its link, `score` the answer to the first question (1 to 5), `next_at` the next reminder or the expiry.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="survey", verbose_name="ticket")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="a quién")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="+", verbose_name="cuestionario")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name="compañía")
    service_line = models.CharField("línea de servicio", max_length=15, choices=ServiceLine.choices)
    group = models.ForeignKey(SupportGroup, models.PROTECT, null=True, related_name="+", verbose_name="grupo")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="quién atendió"
    )
    closed_at = models.DateTimeField("ticket cerrado")
    state = models.CharField("situación", max_length=10, choices=InvitationState.choices)
    left_out = models.CharField("por qué no", max_length=10, choices=LeftOut.choices, blank=True)
    invited_at = models.DateTimeField("enviada", null=True)
    expires_at = models.DateTimeField("vence", null=True)
    next_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField("recordatorios", default=0)
    answered_at = models.DateTimeField("contestada", null=True)
    changed_at = models.DateTimeField("cambiada", null=True)
    score = models.PositiveSmallIntegerField("calificación", null=True)
    comment = models.TextField("comentario", blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "encuesta de satisfacción"
        verbose_name_plural = "encuestas de satisfacción"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="survey_score_in_scale"
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.ANSWERED, score__isnull=False, answered_at__isnull=False)
                | ~Q(state=InvitationState.ANSWERED) & Q(score=None, answered_at=None),
                name="survey_answered_has_score",
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.LEFT_OUT) & ~Q(left_out="")
                | ~Q(state=InvitationState.LEFT_OUT) & Q(left_out=""),
                name="survey_left_out_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="survey_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["person", "-invited_at"], name="survey_person", condition=Q(invited_at__isnull=False)),
            models.Index(
                fields=["closed_at", "company", "service_line", "group", "agent", "score"], name="survey_results"
            ),
        ]

    def __str__(self) -> str:
        return f"Encuesta de {self.ticket_id}"


class Answer(models.Model):
    """What was answered to one question: a number (scale, 1/0 for yes and no) or a text."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="answers", verbose_name="encuesta")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="pregunta")
    number = models.PositiveSmallIntegerField("número", null=True)
    text = models.TextField("texto", blank=True)

    class Meta:
        verbose_name = "respuesta"
        verbose_name_plural = "respuestas"
        ordering = ("survey", "question")
        constraints = [models.UniqueConstraint(fields=["survey", "question"], name="answer_once")]

    def __str__(self) -> str:
        return self.text or str(self.number)
