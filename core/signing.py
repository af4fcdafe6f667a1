"""Short signatures for what leaves the house in a form that people and mail servers may retype or lower-case."""

import base64
import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac

LENGTH = 26
"""Base32 characters kept: 128 bits."""


def mac(purpose: str, value: str) -> str:
    """The signature of `value` for one `purpose`, in lower-case letters and digits."""
    return _mac(purpose, value, settings.SECRET_KEY)


def check(purpose: str, value: str, signature: str) -> bool:
    """Whether `signature` is that of `value`, under today's SECRET_KEY or one of its predecessors. The case does not count."""
    given = signature.lower().encode("utf-8", "replace")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(_mac(purpose, value, key).encode(), given) for key in keys)


def _mac(purpose: str, value: str, key: str) -> str:
    digest = salted_hmac(f"servicedesk.{purpose}", value, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:LENGTH]
