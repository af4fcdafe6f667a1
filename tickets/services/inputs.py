"""Cleaning and checking what people type and send. Nothing is stored that was not looked at here."""

import contextlib
import hashlib
import mimetypes
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.core.files.base import File

from accounts.models import User
from core.errors import InvalidInput
from core.text import is_seen, one_line
from tickets.models import Attachment, Message, Ticket
from tickets.models.conversation import StoredFile

MAX_TEXT = 50_000
MAX_FILES = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
FARTHEST = timedelta(days=730)
NOT_STORED = (
    "No pudimos guardar sus archivos y no se envió nada. Inténtelo de nuevo en unos minutos, o envíe sin ellos."
)

log = structlog.get_logger(__name__)

Kept = TypeVar("Kept", bound=StoredFile)


def text(value: str, field: str, label: str, *, required: bool = True, longest: int = MAX_TEXT) -> str:
    """The text without NULs, lone surrogates and surrounding space. Raises InvalidInput on `field` when empty or over `longest`."""
    cleaned = value.replace("\x00", "").encode("utf-8", "replace").decode().replace("\r\n", "\n").strip()
    if required and not any(map(is_seen, cleaned)):
        raise InvalidInput({field: f"Escriba {label}."}, code="required")
    if len(cleaned) > longest:
        raise InvalidInput({field: f"Tiene {len(cleaned):,} caracteres; caben {longest:,}."}, code="too_long")
    return cleaned


def line(value: str, field: str, label: str, *, required: bool = True, longest: int = 200) -> str:
    """One line of text without control and direction characters: any run of white space becomes one space."""
    return one_line(text(value, field, label, required=required, longest=longest))


def later_than(moment: datetime, at: datetime, field: str = "committed_for") -> datetime:
    """A promise must lie ahead and within reason. `moment` is aware."""
    if moment.tzinfo is None or moment <= at:
        raise InvalidInput({field: "La fecha prometida debe ser posterior a este momento."}, code="past")
    if moment > at + FARTHEST:
        raise InvalidInput({field: "La fecha prometida está a más de dos años. Revísela."}, code="too_far")
    return moment


def file_name(original: str | None) -> str:
    """The name to show: no path, no control, zero-width or direction characters, at most 150 long with its extension kept."""
    visible = "".join(c for c in (original or "") if unicodedata.category(c)[0] != "C")
    name = visible.replace("\\", "/").rsplit("/", 1)[-1].strip(" .") or "archivo"
    stem, dot, suffix = name.rpartition(".")
    if len(name) > 150:
        name = f"{stem[: 149 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) < 20 else name[:150]
    return name


def files(uploads: Sequence[File], field: str = "files") -> list[File]:
    """The uploads, checked for number and size. Raises InvalidInput naming the file at fault."""
    if len(uploads) > MAX_FILES:
        raise InvalidInput({field: f"Adjuntó {len(uploads)} archivos; caben {MAX_FILES}."}, code="too_many_files")
    for upload in uploads:
        name = file_name(upload.name)
        if not upload.size:
            raise InvalidInput({field: f"«{name}» está vacío. Elija otro archivo."}, code="empty_file")
        if upload.size > MAX_FILE_BYTES:
            raise InvalidInput({field: f"«{name}» pesa más de 25 MB. Comprímalo o divídalo."}, code="file_too_large")
    return list(uploads)


def keep(
    uploads: Sequence[File], ticket: Ticket, *, by: User, at: datetime, message: Message | None = None
) -> list[Attachment]:
    """Store checked uploads as the ticket's attachments; as `store`."""
    return store(uploads, lambda **values: Attachment(ticket=ticket, message=message, **values), by=by, at=at)


def store(uploads: Sequence[File], make: Callable[..., Kept], *, by: User, at: datetime) -> list[Kept]:
    """Store checked uploads as the rows that `make` makes: the bytes first, then the row, so that no row is ever without its file.

    Raises InvalidInput when the bytes cannot be stored; the caller's transaction then leaves nothing behind.
    """
    kept: list[Kept] = []
    for upload in uploads:
        name = file_name(upload.name)
        sha = hashlib.sha256()
        upload.seek(0)
        for chunk in upload.chunks():
            sha.update(chunk)
        upload.seek(0)
        row = make(
            uploaded_by=by,
            name=name,
            content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            size=upload.size,
            sha256=sha.hexdigest(),
            created_at=at,
        )
        try:
            row.file.save(name, upload, save=False)
            row.save(force_insert=True)
        except BaseException as fault:
            _forget([*kept, row])
            if not isinstance(fault, OSError):
                raise
            log.exception("files_not_stored", kind=type(row).__name__)
            raise InvalidInput({"files": NOT_STORED}, code="not_stored") from fault
        kept.append(row)
    return kept


def _forget(rows: Sequence[StoredFile]) -> None:
    """Delete the bytes of files whose rows will not be stored."""
    for row in rows:
        if row.file:
            with contextlib.suppress(OSError):
                row.file.delete(save=False)
