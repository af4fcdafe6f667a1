"""Drafts of a questionnaire and their publication. A published version is only read: a newer one takes its place (guide 3.13)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from core import clock
from core.errors import InvalidInput, Refused
from surveys import questionnaires
from surveys.models import Question, Questionnaire, SurveyLimits
from surveys.vocabulary import QuestionKind
from tickets.vocabulary import ServiceLine

FIRST_QUESTION = "¿Cómo califica la atención que recibió?"
SETTINGS = ("title", "intro", "thanks", "sample_percent", "low_score", "expires_days", "remind_days", "reminders")


def begin(line: str, *, by: User) -> Questionnaire:
    """The draft of a line's next version ("" is every line without its own): a copy of its newest, else of the general one in force.

    The one that there is already is returned. Raises Refused when the actor may not, InvalidInput on `service_line`.
    """
    _require(by)
    if line != questionnaires.GENERAL and line not in ServiceLine.values:
        raise InvalidInput({"service_line": "Elija una línea de servicio, o todas."}, code="invalid_choice")
    if (draft := questionnaires.draft_of(line)) is not None:
        return draft
    try:
        with transaction.atomic():
            return _copy(line, questionnaires.current(line) or questionnaires.current(questionnaires.GENERAL))
    except IntegrityError:
        # Somebody else began it at the same moment.
        if (draft := questionnaires.draft_of(line)) is not None:
            return draft
        raise


def _copy(line: str, source: Questionnaire | None) -> Questionnaire:
    newest = questionnaires.versions(line).values_list("version", flat=True).first() or 0
    values = {name: getattr(source, name) for name in SETTINGS} if source is not None else {}
    draft = Questionnaire.objects.create(service_line=line, version=newest + 1, **values)
    rows = list(source.questions.order_by("position", "pk")) if source is not None else [_first()]
    for row in rows:
        row.pk, row.questionnaire, row._state.adding = None, draft, True
    Question.objects.bulk_create(rows)
    return draft


def _first() -> Question:
    return Question(position=1, kind=QuestionKind.SCALE, text=FIRST_QUESTION, is_required=True)


def publish(draft: Questionnaire, *, by: User, at: datetime | None = None) -> Questionnaire:
    """Make the draft what is asked of the tickets that close from now on, for good. Returns the locked row.

    Surveys that were sent keep their own version. Raises Refused when the actor may not or it is published already, InvalidInput
    (`questions_1`, …) with what it lacks.
    """
    at = at or clock.now()
    _require(by)
    with transaction.atomic():
        row = Questionnaire.objects.select_for_update().get(pk=draft.pk)
        if row.published_at is not None:
            raise Refused("Esta versión ya está publicada: no se modifica.")
        if found := list(questionnaires.faults(row)):
            raise InvalidInput({f"questions_{number}": fault for number, fault in enumerate(found, start=1)})
        row.published_at, row.published_by = at, by
        row.save(update_fields=["published_at", "published_by"])
        return row


def discard(draft: Questionnaire, *, by: User) -> None:
    """Throw the draft away. Raises Refused when the actor may not, or once it is published."""
    _require(by)
    with transaction.atomic():
        row = Questionnaire.objects.select_for_update().get(pk=draft.pk)
        if row.published_at is not None:
            raise Refused("Esta versión ya está publicada: no se borra.")
        row.delete()


def the_limits() -> SurveyLimits:
    """The one row of limits, made when it is first needed."""
    return SurveyLimits.objects.get_or_create(pk=1)[0]


def _require(by: User) -> None:
    if not by.has_perm("surveys.change_questionnaire"):
        raise Refused("Los cuestionarios los modifica la supervisión o un administrador.")
