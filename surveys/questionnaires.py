"""Which questionnaire asks about what: the newest published version of the ticket's line, else of the general one (guide 3.13)."""

from collections.abc import Iterator

from django.db.models import QuerySet

from surveys.models import Question, Questionnaire
from surveys.vocabulary import QuestionKind
from tickets.vocabulary import ServiceLine

GENERAL = ""
MOST_QUESTIONS = 10


def in_force(line: str) -> Questionnaire | None:
    """What is asked of a ticket of that line today; None while nothing is published for it. One query."""
    rows = Questionnaire.objects.filter(service_line__in=[line, GENERAL], published_at__isnull=False)
    found = sorted(rows.order_by("-version"), key=lambda row: (row.service_line != line, -row.version))
    return found[0] if found else None


def current(line: str) -> Questionnaire | None:
    """The newest published version of that very line, GENERAL included."""
    return Questionnaire.objects.filter(service_line=line, published_at__isnull=False).order_by("-version").first()


def draft_of(line: str) -> Questionnaire | None:
    """The draft of that line; there is one at most."""
    return Questionnaire.objects.filter(service_line=line, published_at=None).first()


def lines() -> list[tuple[str, str]]:
    """The general one and every line: value, words."""
    return [(GENERAL, "Todas las líneas"), *((line.value, str(line.label)) for line in ServiceLine)]


def versions(line: str) -> QuerySet[Questionnaire]:
    return Questionnaire.objects.filter(service_line=line).select_related("published_by").order_by("-version")


def faults(row: Questionnaire) -> Iterator[str]:
    """What keeps a draft from being published, in Spanish sentences for the person who writes it. One query."""
    questions = list(row.questions.order_by("position", "pk"))
    if not questions:
        yield "No tiene preguntas: la primera es la calificación de 1 a 5."
        return
    first = questions[0]
    if first.kind != QuestionKind.SCALE or not first.is_required:
        yield "La primera pregunta debe ser una escala de 1 a 5 y obligatoria: con ella se califica el servicio."
    if len(questions) > MOST_QUESTIONS:
        yield f"Tiene {len(questions)} preguntas; caben {MOST_QUESTIONS}. Cuantas menos, más personas contestan."
    for question in questions:
        yield from _of_question(question)
    if row.reminders and row.remind_days * row.reminders >= row.expires_days:
        yield (
            f"Los recordatorios ({row.reminders}, cada {row.remind_days} días) no caben en los "
            f"{row.expires_days} días para contestar."
        )


def _of_question(question: Question) -> Iterator[str]:
    if question.kind == QuestionKind.CHOICE and len(set(question.choices)) < 2:
        yield f"«{question.text}» necesita al menos dos opciones distintas, una por renglón."
    if question.kind != QuestionKind.CHOICE and question.choices:
        yield f"«{question.text}» no lleva opciones: bórrelas o cambie su tipo a «Una opción»."
