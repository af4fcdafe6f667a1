"""Keys to the API: made, replaced, found. The key itself is shown once and never stored."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from knox.crypto import hash_token
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from accounts.models import User
from accounts.roles import Role
from api.models import ApiToken
from api.scopes import Scope
from core import clock
from core.errors import InvalidInput

GRACE = timedelta(hours=24)
LONGEST_DAYS = 3650


def issue(
    user: User, *, scopes: Iterable[str], days: int, name: str = "", at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new key that acts for `user`, and its text: the only time that anybody sees it. Raises InvalidInput."""
    at = at or clock.now()
    wanted = list(dict.fromkeys(scopes))
    if not wanted or set(wanted) - set(Scope.values):
        raise InvalidInput({"scopes": f"Elija entre: {', '.join(Scope.values)}."}, code="invalid_choice")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput({"days": f"Una llave dura de 1 a {LONGEST_DAYS} días."})
    if not user.is_active or user.role == Role.SYSTEM:
        raise InvalidInput({"user": f"«{user}» no puede usar la API: su cuenta no está activa."})
    digest, key = get_digest_token()
    row = ApiToken.objects.create(
        digest=digest,
        token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH],
        user=user,
        expiry=at + timedelta(days=days),
        scopes=" ".join(wanted),
        name=name,
    )
    return row, key


def rotate(
    user: User,
    *,
    scopes: Iterable[str],
    days: int,
    name: str = "",
    grace: timedelta = GRACE,
    at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new key in place of all the user's others, which stop working after `grace`, so that nothing breaks meanwhile."""
    at = at or clock.now()
    with transaction.atomic():
        ApiToken.objects.filter(user=user).exclude(expiry__lte=at + grace).update(expiry=at + grace)
        return issue(user, scopes=scopes, days=days, name=name, at=at)


def find(key: str, at: datetime) -> ApiToken | None:
    """The valid key whose text is `key`, with its active user, in one query. Nothing is written: reading stays reading."""
    keys = ApiToken.objects.valid(at).select_related("user").order_by()
    return keys.filter(digest=hash_token(key), user__is_active=True).first()
