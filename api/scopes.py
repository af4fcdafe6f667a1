"""What a key may be used for, whoever it acts for. A session has no scopes: its person's role alone decides."""

from typing import Any

from django.db.models import TextChoices
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.models import ApiToken


class Scope(TextChoices):
    TICKETS_READ = "tickets:read", "Consultar tickets y catálogos"
    TICKETS_WRITE = "tickets:write", "Levantar tickets y actuar sobre ellos"
    REPORTS_READ = "reports:read", "Consultar reportes"
    ADMIN = "admin", "Todo lo que el rol de la persona permite"


DEFAULT_SCOPES = (Scope.TICKETS_READ, Scope.TICKETS_WRITE)


class HasScope(BasePermission):
    """The view says which scope a request needs (`scope_for(method)`, None for any key); `admin` covers every scope."""

    code = "insufficient_scope"

    def has_permission(self, request: Request, view: Any) -> bool:
        token = token_of(request)
        if token is None:
            return True
        needed = view.scope_for(request.method)
        self.message = f"Su llave no tiene el alcance «{needed}»."
        return needed is None or needed in token.scope_set or Scope.ADMIN in token.scope_set


def token_of(request: Request) -> ApiToken | None:
    """The key that the request came with; None in a session."""
    auth: Any = request.auth
    return auth if isinstance(auth, ApiToken) else None


def reads(method: str | None) -> bool:
    return method in SAFE_METHODS
