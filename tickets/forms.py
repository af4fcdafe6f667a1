"""The catalogue's questions, checked where they are written."""

from typing import Any

from django import forms

from core import icons
from tickets.models import CatalogItem

TYPES = ("text", "choice", "date")
EXAMPLE = '[{"name": "periodo", "label": "Periodo", "type": "text", "required": true}]'


class CatalogItemForm(forms.ModelForm):
    class Meta:
        model = CatalogItem
        fields = (
            "category",
            "name",
            "description",
            "icon",
            "position",
            "is_active",
            "kind",
            "service_line",
            "default_impact",
            "default_urgency",
            "default_group",
            "guide_service",
            "fields",
        )

    def clean_icon(self) -> str:
        name: str = self.cleaned_data["icon"]
        try:
            icons.icon(name)
        except icons.UnknownIcon:
            raise forms.ValidationError(
                f"No hay un icono «{name}». Escriba uno de heroicons, como document-text."
            ) from None
        return name

    def clean_fields(self) -> Any:
        """Unlike the model's own method of that name, this is the form's hook for the input `fields`."""
        return questions(self.cleaned_data.get("fields") or [])


def questions(given: Any) -> list[dict[str, Any]]:
    """The questions of a template. Raises ValidationError saying which one cannot be used, and why."""
    if not isinstance(given, list):
        raise forms.ValidationError(f"Escriba una lista de preguntas, como {EXAMPLE}.")
    names: set[str] = set()
    for place, question in enumerate(given, start=1):
        if not isinstance(question, dict) or not question.get("name") or not question.get("label"):
            raise forms.ValidationError(f"La pregunta {place} necesita «name» y «label».")
        name = str(question["name"])
        if not name.isidentifier() or name in names:
            raise forms.ValidationError(
                f"Pregunta {place}: «{name}» debe ser una palabra sin espacios que no se repita."
            )
        names.add(name)
        if not isinstance(question["label"], str):
            raise forms.ValidationError(f"Pregunta {place}: «label» debe ser un texto.")
        if question.get("type", "text") not in TYPES:
            raise forms.ValidationError(f"Pregunta {place}: el tipo es {', '.join(TYPES)}.")
        if question.get("type") == "choice" and not _are_texts(question.get("options")):
            raise forms.ValidationError(
                f"Pregunta {place}: indique en «options» la lista de sus opciones, como textos."
            )
    return given


def _are_texts(options: Any) -> bool:
    return isinstance(options, list) and bool(options) and all(isinstance(o, str) and o.strip() for o in options)
