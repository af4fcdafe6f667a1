"""What a customer may write on a ticket."""

import uuid
from typing import Any, Self

from django import forms
from django.http import QueryDict

from escalation.vocabulary import MatrixKind
from portal.forms.base import FilesField, PortalForm

KEPT = "Lo que escribió sigue aquí: revise lo nuevo y vuelva a enviarlo si todavía hace falta."


class CommentForm(PortalForm):
    """`state` is the one that the person was looking at; `key` belongs to this one form."""

    message = forms.CharField(
        label="Comentario",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Escriba su comentario."},
    )
    files = FilesField(required=False)  # type: ignore[assignment]
    key = forms.CharField(widget=forms.HiddenInput, required=False)
    state = forms.CharField(widget=forms.HiddenInput, required=False)


class RefuseForm(PortalForm):
    reason = forms.CharField(
        label="¿Qué sigue fallando?",
        help_text="Lo revisará alguien de un nivel superior.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Escriba qué sigue fallando."},
    )
    files = FilesField(label="Pantallas y archivos", required=False)  # type: ignore[assignment]
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CancelForm(PortalForm):
    reason = forms.CharField(
        label="¿Por qué lo cancela?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Escriba por qué lo cancela."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EscalateForm(PortalForm):
    """`matrix` is the one that it goes up; `key` belongs to this one form, `version` is the ticket's that the person was looking at."""

    reason = forms.CharField(
        label="¿Qué no ha sido adecuado?",
        help_text="Lo leen quien recibe el aviso y la Mesa de Servicio; queda en el seguimiento.",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
        error_messages={"required": "Escriba qué no ha sido adecuado."},
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, matrix: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{matrix}_%s", **kwargs})
        self.matrix = matrix

    @classmethod
    def fresh(cls, matrix: str, version: int, reason: str = "") -> Self:
        """One to be filled in, perhaps with what was typed in another."""
        return cls(matrix=matrix, initial={"key": uuid.uuid4(), "version": version, "reason": reason})

    @classmethod
    def sent(cls, post: QueryDict) -> Self:
        """What came back. A damaged matrix is the service desk's."""
        is_technical = post.get("matrix") == MatrixKind.TECHNICAL
        return cls(post, matrix=(MatrixKind.TECHNICAL if is_technical else MatrixKind.SERVICE_DESK).value)

    @property
    def is_begun(self) -> bool:
        """Whether there is something in it that the person must find again."""
        return bool(self.errors or self.initial.get("reason"))


class VersionForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
