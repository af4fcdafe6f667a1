"""JSON out and in, through orjson: fast, and strict about what it reads."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer

from api.errors import TooLarge

FORM_ROOM = 1024 * 1024
DEEPEST = 32
"""How many levels a body may have: no resource needs more, and what is read must be writable again, which has its own limit."""
MALFORMED = "El cuerpo no es JSON bien formado (UTF-8)."
TOO_DEEP = f"El cuerpo tiene más de {DEEPEST} niveles de listas y objetos."


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dumps(data)


def dumps(data: Any) -> bytes:
    """Datetimes become ISO 8601 with their offset, Z for UTC."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


class JSONParser(BaseParser):
    """Refuses what cannot be stored or trusted: bad UTF-8, lone surrogates, NaN, very deep nesting, more than the size limit."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise ParseError(MALFORMED) from None
        if _is_deeper(data, DEEPEST):
            raise ParseError(TOO_DEEP)
        return data


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested in each other more than `levels` times."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


class UploadParser(MultiPartParser):
    """Multipart, refused by its announced size before a byte of it is read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            announced = int(parser_context["request"].META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            announced = 0
        if announced > settings.ATTACHMENT_MAX_BYTES * settings.ATTACHMENT_MAX_FILES + FORM_ROOM:
            raise TooLarge
        return super().parse(stream, media_type, parser_context)
