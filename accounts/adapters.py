"""How allauth fits the desk: nobody signs up by themselves, and second-factor secrets are stored encrypted."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are entered by the desk or by their company, never by themselves."""
        return False

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is the person's password. Counted like a sign-in; asked by their address, which has no row of allauth's."""
        found = self.authenticate(context.request, email=user.get_username(), password=password)
        return found is not None and found.pk == user.pk


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()


def cipher() -> MultiFernet:
    """Writes with today's SECRET_KEY and still reads what its predecessors (SECRET_KEY_FALLBACKS) wrote."""
    return MultiFernet([Fernet(derive(key)) for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def derive(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.blake2b(secret.encode(), digest_size=32, person=b"mfa-secrets").digest())
