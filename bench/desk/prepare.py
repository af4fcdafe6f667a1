"""`python -m bench.desk.prepare` with the desk's environment: keys and sessions of the demo's people. Prints JSON."""

import json
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from accounts.models import User  # noqa: E402
from api import tokens  # noqa: E402
from api.scopes import DEFAULT_SCOPES  # noqa: E402
from tickets.models import Ticket  # noqa: E402

PEOPLE = {"agent": "agente@demo.example", "customer": "cliente@demo.example"}


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main() -> None:
    found: dict[str, object] = {"tickets": Ticket.objects.count(), "last": Ticket.objects.order_by("-pk")[0].pk}
    for name, email in PEOPLE.items():
        user = User.objects.get(email=email)
        found[name] = {
            "token": tokens.issue(user, scopes=DEFAULT_SCOPES, days=1, name="bench")[1],
            "cookie": session_of(user),
        }
    print(json.dumps(found))


main()
