"""What follows from a low grade: a corrective action of a supervisor's, which learns when the grade moves (guide 3.13, 3.14)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format

from accounts import trail
from accounts.models import User
from accounts.services import system_actor
from core import clock
from core.errors import Refused
from improvements import policy
from improvements.models import CorrectiveAction
from improvements.services import register
from improvements.vocabulary import Origin
from surveys.events import LowScore, ScoreChanged
from surveys.models import Survey
from surveys.scoring import HIGHEST, WORDS

QUOTED = 2000


def open_action(event: LowScore) -> None:
    """Reaction: open the action, where the rule of surveys says that it opens by itself. Safe to repeat."""
    _ensure(_read(event.survey_id), clock.now())


def note_change(event: ScoreChanged) -> None:
    """Reaction: write on the action that the grade is another one now. It goes on: why it was low is still to be seen. Safe to repeat."""
    survey = _read(event.survey_id)
    action = action_of(survey)
    if action is None and event.was <= survey.questionnaire.low_score:
        # This reaction may come before the one that opens it.
        action = _ensure(survey, clock.now())
    if action is None:
        return
    when = date_format(datetime.fromisoformat(event.at).astimezone(ZoneInfo(settings.TIME_ZONE)), "j \\d\\e F, G:i:s")
    text = f"La persona cambió su calificación de {event.was} a {event.score} el {when.lower()}."
    with trail.locked(action) as row:
        if not row.entries.filter(kind="commented", data__text=text).exists():
            trail.commit(row, "commented", by=system_actor(), at=clock.now(), data={"text": text, "files": []})


def start(survey: Survey, *, by: User, at: datetime | None = None) -> CorrectiveAction:
    """Open the action by hand, where the rule does not. Raises Refused unless the grade is low and `by` may open actions."""
    at = at or clock.now()
    if not (verdict := policy.may_open(by)):
        raise Refused(verdict.reason)
    row = _read(survey.pk)
    if row.score is None or row.score > row.questionnaire.low_score:
        raise Refused("Su calificación no es baja: no le corresponde una acción correctiva.")
    return _open(row, by=by, at=at)


def action_of(survey: Survey) -> CorrectiveAction | None:
    """The action that answers to the survey, whoever may see it."""
    return CorrectiveAction.objects.of_source(Origin.SURVEY, survey.pk).first()


def _ensure(survey: Survey, at: datetime) -> CorrectiveAction | None:
    if not register.opens_itself(Origin.SURVEY):
        return None
    return _open(survey, by=system_actor(), at=at)


def _open(survey: Survey, *, by: User, at: datetime) -> CorrectiveAction:
    number = survey.ticket.number
    return register.open_for(
        Origin.SURVEY,
        source_id=survey.pk,
        label=f"Encuesta de {number}",
        title=f"Dar seguimiento a la calificación baja de {number}",
        problem=_problem(survey),
        by=by,
        company=survey.company,
        ticket=survey.ticket,
        at=at,
    )


def _problem(survey: Survey) -> str:
    grade = survey.score or 0
    text = f"{survey.person.full_name}, de {survey.company.name}, calificó el servicio con {grade} de {HIGHEST}"
    text += f" ({WORDS[grade].lower()})." if grade in WORDS else "."
    if survey.agent is not None:
        text += f" Atendió {survey.agent.full_name}."
    return f"{text}\n\nComentario: {survey.comment[:QUOTED]}" if survey.comment else text


def _read(pk: int) -> Survey:
    return Survey.objects.select_related("ticket", "company", "person", "agent", "questionnaire").get(pk=pk)
