"""The satisfaction survey as a new desk has it: a short questionnaire for every line, and how often a person is asked (guide 3.13).

The guide says that there is a survey, not what it asks: docs/decisions/0015.
"""

from accounts.services import system_actor
from servicedesk.seeding.standard import GUIDE_DATE
from surveys.models import Question, Questionnaire
from surveys.questionnaires import GENERAL
from surveys.services.questionnaires import the_limits
from surveys.vocabulary import QuestionKind

INTRO = "Contestar toma menos de un minuto."
THANKS = "La leen quienes supervisan la Mesa de Servicio y quien lo atendió."

# Kind, question, options, required.
QUESTIONS = (
    (QuestionKind.SCALE, "En general, ¿cómo califica el servicio que recibió?", (), True),
    (QuestionKind.SCALE, "¿Cómo califica el tiempo en que lo atendimos?", (), False),
    (QuestionKind.SCALE, "¿Cómo califica la claridad de lo que le explicamos?", (), False),
    (QuestionKind.YES_NO, "¿Quedó resuelto lo que necesitaba?", (), False),
)


def everything() -> None:
    """The limits and the general questionnaire, published, where there is none yet."""
    the_limits()
    if Questionnaire.objects.filter(service_line=GENERAL).exists():
        return
    row = Questionnaire.objects.create(
        service_line=GENERAL,
        version=1,
        intro=INTRO,
        thanks=THANKS,
        published_at=GUIDE_DATE,
        published_by=system_actor(),
    )
    Question.objects.bulk_create(
        Question(
            questionnaire=row,
            position=position,
            kind=kind,
            text=text,
            options="\n".join(options),
            is_required=is_required,
        )
        for position, (kind, text, options, is_required) in enumerate(QUESTIONS, start=1)
    )
