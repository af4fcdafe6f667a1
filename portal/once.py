"""Sending a form twice acts once: the form's key is stored in the transaction of what it did."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from portal.models import Submission
from surveys.models import Voice
from tickets.models import Ticket

Landed = TypeVar("Landed", Ticket, Voice)


def once(key: uuid.UUID, user: User, act: Callable[[], Landed]) -> tuple[Landed, bool]:
    """Run `act` unless the form `key` of this user already ran; returns what it led to (a ticket; a complaint or suggestion) and whether
    it ran now.

    Whoever sends the same key meanwhile waits for the first transaction, and is then led to the same place. When `act` raises, nothing
    is kept and the same form may be sent again.
    """
    with transaction.atomic():
        row, fresh = Submission.objects.get_or_create(user=user, key=key)
        before: Any = row.ticket or row.voice
        if not fresh and before is not None:
            return before, False
        landed = act()
        name = "voice" if isinstance(landed, Voice) else "ticket"
        setattr(row, name, landed)
        row.save(update_fields=[name])
        return landed, True


def key_of(request: HttpRequest) -> uuid.UUID:
    """The key of what was sent: the form's own with its content, because a browser that goes back offers the same form again.

    Other words under an old key are a new sending, never lost. A damaged or missing key counts as a new form.
    """
    try:
        form = uuid.UUID(str(request.POST.get("key")))
    except ValueError:
        return uuid.uuid4()
    content = hashlib.sha256(request.path.encode())
    for name, values in sorted(request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            content.update(json.dumps([name, values]).encode())
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            content.update(json.dumps([name, upload.name, _digest(upload)]).encode())
    return uuid.uuid5(form, content.hexdigest())


def _digest(upload: UploadedFile) -> str:
    sha = hashlib.sha256()
    for chunk in upload.chunks():
        sha.update(chunk)
    upload.seek(0)
    return sha.hexdigest()
