"""`Idempotency-Key`: a repeated POST gets the first answer and has no second effect.

The key's row is written first, in the same transaction as the effect. A second request with the same key waits for the first one (on
PostgreSQL at the unique index, on SQLite at the write lock) and then finds its answer. Whatever ends without an effect is rolled back
with its row, so a corrected request may use the key again.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.errors import Conflict
from api.models import IdempotencyKey
from api.renderers import dumps
from core import clock
from core.errors import InvalidInput

KEPT = timedelta(hours=24)
LONGEST = 255
REPEATED = ("Location", "ETag")
"""The answer's own headers, kept with it."""

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Decorates a view's `post`: all of it is one transaction, remembered under the request's key if it has one."""

    @functools.wraps(handler)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key_of(request)
        # Read before the transaction: on SQLite that one keeps every other writer waiting, and a body may be large.
        sent = fingerprint(request)
        with transaction.atomic():
            if key is None:
                return handler(view, request, *args, **kwargs)
            row, is_new = _claim(view.actor, key, sent, clock.now())
            if not is_new:
                return _replay(row)
            response = handler(view, request, *args, **kwargs)
            row.status = response.status_code
            row.headers = {name: response[name] for name in REPEATED if name in response}
            row.body = dumps(response.data).decode()
            row.save(update_fields=["status", "headers", "body"])
            return response

    run.is_idempotent = True  # type: ignore[attr-defined]
    return run


def _key_of(request: Request) -> str | None:
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise InvalidInput(
            {"Idempotency-Key": f"Use de 1 a {LONGEST} caracteres ASCII visibles."}, code="invalid_idempotency_key"
        )
    return key


def fingerprint(request: Request) -> str:
    """What makes two requests the same one: method, address and content. Not the bytes: a retried multipart has another boundary."""
    content = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            content.update(dumps([name, [_digest(value) for value in values]]))
    else:
        content.update(orjson.dumps(data, option=orjson.OPT_SORT_KEYS))
    return content.hexdigest()


def _digest(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    sha = hashlib.sha256()
    for chunk in value.chunks():
        sha.update(chunk)
    value.seek(0)
    return [value.name, sha.hexdigest()]


def _claim(user: User, key: str, request: str, at: datetime) -> tuple[IdempotencyKey, bool]:
    """The key's row, and whether this request is the first with it."""
    for _ in range(3):
        row = IdempotencyKey(user=user, key=key, request=request, created_at=at)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            found = IdempotencyKey.objects.filter(user=user, key=key).first()
            if found is None:
                continue
            if found.created_at <= at - KEPT:
                found.delete()
                continue
            if found.request != request:
                raise Conflict(
                    "Esa Idempotency-Key ya se usó con otra solicitud. Use una llave nueva.", "idempotency_key_reused"
                ) from None
            return found, False
        return row, True
    raise Conflict("Otra solicitud con la misma Idempotency-Key está en curso.", "idempotency_key_in_use")


def _replay(row: IdempotencyKey) -> Response:
    headers = {**row.headers, "Idempotent-Replayed": "true"}
    return Response(orjson.loads(row.body), status=row.status, headers=headers)
