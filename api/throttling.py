"""How often a key (or a session's person) may ask. One atomic counter per minute; the answer always says what is left."""

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.scopes import token_of

log = structlog.get_logger(__name__)

WINDOW = 60


class PerKey(BaseThrottle):
    """Counts with INCR, so that simultaneous requests cannot pass together. Reads the machine's time: a rate has no other.

    While Redis does not answer, requests pass: what the limit protects is capacity, and keys cannot be guessed.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return True
        limit, now = settings.API_REQUESTS_PER_MINUTE, time.time()
        window = int(now // WINDOW)
        self.reset = WINDOW - int(now % WINDOW)
        try:
            used = count(f"api-rate:{_who(request)}:{window}")
        except RedisError:
            log.warning("rate_limit_unavailable")
            return True
        left = max(limit - used, 0)
        view.rate_headers = {
            "RateLimit-Policy": f'"default";q={limit};w={WINDOW}',
            "RateLimit": f'"default";r={left};t={self.reset}',
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(self.reset),
        }
        return used <= limit

    def wait(self) -> float:
        return float(self.reset)


def count(key: str) -> int:
    """One more under `key`; how many there are now."""
    while True:
        if cache.add(key, 1, timeout=2 * WINDOW):
            return 1
        try:
            return int(cache.incr(key))
        except ValueError:  # it expired between the two: begin again
            continue


def _who(request: Request) -> str:
    token = token_of(request)
    return f"key:{token.digest[:32]}" if token is not None else f"user:{request.user.pk}"
