"""Hands out a file to who may see it, never to be run by the browser."""

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from console.views.pages import person
from tickets.models import Attachment


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    row = get_object_or_404(Attachment.objects.visible_to(person(request)), pk=pk)
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("El archivo ya no está guardado.") from error
    response = FileResponse(content, as_attachment=True, filename=row.name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response
