"""What the console asks for when a questionnaire is written: faults beside their row, in words."""

from typing import Any

from django import forms
from django.db.models import F

from surveys import questionnaires
from surveys.models import Question, Questionnaire
from surveys.vocabulary import QuestionKind


class NewForm(forms.ModelForm):
    """Whose questionnaire: what it asks is written afterwards."""

    class Meta:
        model = Questionnaire
        fields = ("service_line",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_line"] = forms.ChoiceField(
            label="Línea de servicio",
            choices=questionnaires.lines(),
            required=False,
            help_text="Una línea sin cuestionario propio usa el de todas las líneas.",
        )

    def validate_constraints(self) -> None:
        """A line that has a draft already leads to it."""


class DraftForm(forms.ModelForm):
    class Meta:
        model = Questionnaire
        fields = (
            "title",
            "intro",
            "thanks",
            "sample_percent",
            "low_score",
            "expires_days",
            "remind_days",
            "reminders",
        )
        help_texts = {
            "intro": "La lee el cliente en el correo y antes de las preguntas.",
            "thanks": "La lee cuando ya contestó.",
            "sample_percent": "De cada cien tickets que se cierran solucionados. 0: no se pregunta.",
            "low_score": "Desde aquí hacia abajo se le da seguimiento.",
            "reminders": "0: no se recuerda.",
        }


class QuestionForm(forms.ModelForm):
    """One question. Whether the questions agree with each other is their set's to say."""

    class Meta:
        model = Question
        fields = ("position", "kind", "text", "options", "is_required")
        help_texts = {"options": "Sólo cuando el tipo es «Una opción»."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "options" in self.fields:
            self.fields["options"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        is_choice = self.cleaned_data.get("kind") == QuestionKind.CHOICE
        lines = [line.strip() for line in self.cleaned_data.get("options", "").splitlines() if line.strip()]
        if is_choice and len(set(lines)) < 2:
            self.add_error("options", "Escriba al menos dos opciones distintas, una por renglón.")
        if lines and not is_choice:
            self.add_error("options", "Sólo «Una opción» lleva opciones: bórrelas, o cambie el tipo.")
        if self.cleaned_data.get("position") == 1 and not self.has_error("position"):
            if self.cleaned_data.get("kind") != QuestionKind.SCALE:
                self.add_error("kind", "La primera pregunta es la calificación: una escala de 1 a 5.")
            if not self.cleaned_data.get("is_required"):
                self.add_error("is_required", "La primera pregunta es obligatoria: con ella se califica el servicio.")
        return cleaned

    def validate_unique(self) -> None:
        """Against the other rows of the form, not those of before: two questions may change places."""

    def validate_constraints(self) -> None:
        """`clean` and the set of rows have said the same in words."""


class QuestionRows(forms.BaseInlineFormSet):
    """The questions of a draft: each place once."""

    def clean(self) -> None:
        sent = [form.instance.pk for form in self.forms if form.instance.pk]
        # Somebody may have written rows since this page was opened.
        rows: Any = self.queryset
        seen = set(rows.exclude(pk__in=sent).values_list("position", flat=True))
        for form in self.forms:
            position = getattr(form, "cleaned_data", {}).get("position")
            if position is None or form.cleaned_data.get("DELETE"):
                continue
            if position in seen:
                form.add_error("position", f"Hay otra pregunta con el orden {position}.")
            seen.add(position)

    def save(self, commit: bool = True) -> Any:
        """First out of each other's way: the database holds each place once, also while two of them change places."""
        moving = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        Question.objects.filter(pk__in=moving, questionnaire=self.instance).update(position=F("position") + 1000)
        return super().save(commit)
