"""Who asks: `Authorization: Token <key>`, or the session of the portal and console (with CSRF on everything but reading)."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from api import tokens
from api.models import ApiToken
from core import clock

REFUSED = "La llave no es válida, venció o fue retirada."
LONGEST_KEY = 256


class TokenAuthentication(BaseAuthentication):
    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword.lower().encode():
            return None
        if len(parts) != 2 or len(parts[1]) > LONGEST_KEY or not parts[1].isascii():
            raise AuthenticationFailed(REFUSED)
        token = tokens.find(parts[1].decode("ascii"), clock.now())
        if token is None:
            raise AuthenticationFailed(REFUSED)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
