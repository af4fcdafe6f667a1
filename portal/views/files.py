"""Handing out files: only to who may see the ticket (or the complaint) and the message they came with, and never for a browser to run."""

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.access import who
from surveys.models import VoiceFile
from tickets.models import Attachment
from tickets.models.conversation import StoredFile

log = structlog.get_logger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@require_safe
def download(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """A ticket's file, for customers and for the desk alike. Absent and foreign ones are the same 404."""
    return _of(request, Attachment, attachment_id)


@require_safe
def download_of_voice(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A file of a complaint or suggestion, likewise; never for those that a complaint points at."""
    return _of(request, VoiceFile, file_id)


def _of(request: HttpRequest, model: type[StoredFile], pk: int) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("portal:sign-in"))
    if pk >= 2**63:
        raise Http404
    row = model._default_manager.visible_to(who(request)).filter(pk=pk).first()  # type: ignore[attr-defined]
    if row is None:
        raise Http404
    return send(row)


def send(row: StoredFile) -> HttpResponseBase:
    """The file's bytes, as something to be kept and never run. The caller has seen to it that the reader may have them."""
    try:
        content = row.file.open("rb")
    except FileNotFoundError:
        log.error("attachment_without_file", kind=row._meta.model_name, attachment=row.pk)
        raise Http404 from None
    return FileResponse(
        content, as_attachment=True, filename=row.name, content_type="application/octet-stream", headers=HEADERS
    )
