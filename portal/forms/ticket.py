"""What a customer may write on a ticket."""

from django import forms

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


class VersionForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
