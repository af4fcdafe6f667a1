"""What may be answered to a questionnaire: the values of a form or of the API, checked question by question (guide 3.13)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from surveys.models import Question
from surveys.scoring import HIGHEST, LOWEST
from surveys.vocabulary import QuestionKind
from tickets.services import inputs

LONGEST = 2000
"""Letters of a free answer, and of the comment."""
YES, NO = ("1", "true", "si", "sí", "yes"), ("0", "false", "no")


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it is stored: a number (scale; 1 or 0) or a text (an option, free text)."""

    number: int | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return self.number is not None or bool(self.text)


def name_of(question: Question) -> str:
    """How forms and errors call the question."""
    return f"question_{question.pk}"


def read(questions: Iterable[Question], raw: Mapping[int, Any]) -> dict[int, Given]:
    """The answers by question, those left blank not among them. `raw` holds the question's key and what was sent.

    Raises InvalidInput with every fault, by the question's name; `answers` for one that is not in the questionnaire.
    """
    found: dict[int, Given] = {}
    faults: dict[str, str] = {}
    known = {question.pk: question for question in questions}
    for pk, question in known.items():
        try:
            given = _one(question, raw.get(pk))
        except InvalidInput as fault:
            faults |= fault.errors
            continue
        if given:
            found[pk] = given
        elif question.is_required:
            faults[name_of(question)] = "Elija una calificación." if _grades(question) else "Falta su respuesta."
    if stray := [str(pk) for pk in raw if pk not in known]:
        faults["answers"] = f"Esta encuesta no tiene la pregunta {', '.join(stray)}."
    if faults:
        raise InvalidInput(faults)
    return found


def comment(text: str) -> str:
    """The free comment, cleaned. Raises InvalidInput on `comment` when it is too long."""
    return inputs.text(text, "comment", "su comentario", required=False, longest=LONGEST)


def _grades(question: Question) -> bool:
    return question.kind == QuestionKind.SCALE


def _one(question: Question, value: Any) -> Given:
    name, text = name_of(question), "" if value is None else str(value).strip()
    if not text:
        return Given()
    if _grades(question):
        if text not in map(str, range(LOWEST, HIGHEST + 1)):
            raise InvalidInput({name: f"Elija una calificación del {LOWEST} al {HIGHEST}."}, code="invalid_choice")
        return Given(number=int(text))
    if question.kind == QuestionKind.YES_NO:
        if text.lower() not in (*YES, *NO):
            raise InvalidInput({name: "Elija sí o no."}, code="invalid_choice")
        return Given(number=int(text.lower() in YES))
    if question.kind == QuestionKind.CHOICE:
        if text not in question.choices:
            raise InvalidInput(
                {name: f"Elija una de las opciones: {', '.join(question.choices)}."}, code="invalid_choice"
            )
        return Given(text=text)
    return Given(text=inputs.text(text, name, "su respuesta", required=False, longest=LONGEST))
