"""The satisfaction survey's mails to the customer (guide 3.13). Each function is a reaction to one event, safe to repeat.

They say nothing of the ticket but the day on which it was closed: no number, no title, no names. What was answered before it left is
withdrawn (`channels.wanted`).
"""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from channels import about, compose, outbox, survey_links, wanted
from channels.compose import Written
from core import clock
from surveys.events import SurveyInvited, SurveyReminded
from surveys.models import Questionnaire, Survey
from surveys.scoring import HIGHEST, LOWEST, WORDS
from surveys.vocabulary import InvitationState

TITLE = "Encuesta de satisfacción"


def invited(event: SurveyInvited) -> None:
    """The question, with its five answers as links. By the person's day."""
    _ask(event, "survey_invited")


def reminded(event: SurveyReminded) -> None:
    """The same, once more."""
    _ask(event, "survey_reminded")


def _ask(event: SurveyInvited | SurveyReminded, kind: str) -> None:
    survey = Survey.objects.select_related("person", "questionnaire").get(pk=event.survey_id)
    if survey.state != InvitationState.INVITED:
        return
    at = clock.now()
    outbox.post(
        event,
        kind,
        to=[survey.person],
        about=about.question(title=TITLE, url=survey_links.survey_url(survey), person=survey.person),
        context=_context(survey),
        at=max(survey.invited_at or at, at),
        only_if=wanted.survey(survey.pk),
    )


def sample(questionnaire: Questionnaire, *, reader: User, at: datetime) -> Written:
    """The invitation as it would read, with links that open nothing: what the editor of a questionnaire looks at. Stores nothing."""
    expires_at = at + timedelta(days=questionnaire.expires_days)
    survey = Survey(key="muestra", questionnaire=questionnaire, person=reader, closed_at=at, expires_at=expires_at)
    context = _context(survey)
    context["grades"] = [{**grade, "url": "(enlace)"} for grade in context["grades"]]
    about_it = about.question(title=TITLE, url="", person=reader)
    return compose.write("survey_invited", reader=reader, about=about_it, context=context)


def _context(survey: Survey) -> dict[str, Any]:
    """What the templates see of a survey. One query."""
    first = survey.questionnaire.questions.order_by("position", "pk").first()
    return {
        "question": first.text if first else "",
        "intro": survey.questionnaire.intro,
        "closed_at": survey.closed_at,
        "expires_at": survey.expires_at,
        "grades": [
            {"value": value, "word": WORDS[value], "url": survey_links.survey_url(survey, value)}
            for value in range(HIGHEST, LOWEST - 1, -1)
        ],
    }
