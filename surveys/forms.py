"""A questionnaire as a form: one field per question, and the comment (guide 3.13)."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core.errors import InvalidInput
from surveys.answers import LONGEST, name_of
from surveys.models import Question, Questionnaire, Survey
from surveys.scoring import WORDS
from surveys.vocabulary import QuestionKind

GRADES = [{"value": value, "title": word} for value, word in WORDS.items()]
YES_NO = [{"value": "1", "title": "Sí"}, {"value": "0", "title": "No"}]


class SurveyForm(forms.Form):
    """Shows and reads; what may be answered is `surveys.answers`' to say. Nothing is required by the browser."""

    use_required_attribute = False
    comment = forms.CharField(
        label="¿Algo más que quiera decirnos?",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Su comentario es muy largo: caben %(limit_value)d caracteres."},
    )

    def __init__(self, questionnaire: Questionnaire, *args: Any, **kwargs: Any) -> None:
        self.questions = list(questionnaire.questions.order_by("position", "pk"))
        super().__init__(*args, **kwargs)
        for question in self.questions:
            self.fields[name_of(question)] = forms.CharField(
                label=question.text,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
            )

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The questions in order: their bound field, and what the page draws them with."""
        return [
            {
                "field": self[name_of(question)],
                "text": question.text,
                "kind": question.kind,
                "optional": not question.is_required,
                "options": options_of(question),
            }
            for question in self.questions
        ]

    @property
    def answers(self) -> dict[int, str]:
        """What was sent, by question."""
        return {question.pk: str(self.data.get(name_of(question), "")) for question in self.questions}

    def take(self, error: InvalidInput) -> None:
        """Put the service's refusals beside their questions."""
        for name, message in error.errors.items():
            self.add_error(name if name in self.fields else None, message)


def options_of(question: Question) -> list[dict[str, Any]]:
    """What can be chosen; none for free text."""
    if question.kind == QuestionKind.SCALE:
        return GRADES
    if question.kind == QuestionKind.YES_NO:
        return YES_NO
    return [{"value": one, "title": one} for one in question.choices]


def given(survey: Survey) -> Mapping[str, Any]:
    """What was answered so far, as the form's initial values. One query."""
    values: dict[str, Any] = {
        f"question_{one.question_id}": one.text if one.number is None else one.number for one in survey.answers.all()
    }
    return {**values, "comment": survey.comment}
