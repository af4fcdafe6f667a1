"""How often the buttons of the pages that mails lead to may be pressed."""

import structlog
from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

TOO_OFTEN = "Se ha intentado demasiadas veces. Espere un minuto y vuelva a enviarlo."


def allows(request: HttpRequest, token: str) -> bool:
    """Count a press of the link `token`, from this address. `ACCOUNT_RATE_LIMITS` in the settings says how many.

    While the counter cannot be asked it passes: what the limit protects is capacity, and signed links cannot be guessed.
    """
    try:
        return bool(ratelimit.consume(request, action="signed_link", key=token))
    except (RedisError, PermissionDenied) as fault:
        log.warning("rate_limit_unavailable", fault=type(fault).__name__)
        return True
