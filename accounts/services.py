"""Doors into the accounts."""

from accounts.models import User
from accounts.roles import Role

SYSTEM_EMAIL = "sistema@mesa.invalid"


def system_actor() -> User:
    """The actor of everything that no person did. Created when first needed; it can never sign in."""
    defaults = {"full_name": "Mesa de Servicio", "role": Role.SYSTEM, "password": "!"}
    return User.objects.get_or_create(email=SYSTEM_EMAIL, defaults=defaults)[0]
