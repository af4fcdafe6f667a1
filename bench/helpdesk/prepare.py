"""`python -m bench.helpdesk.prepare N`: tables, 10 queues, 20 agents, N tickets (30 % open) with two follow-ups each, and a session of a
superuser. Prints JSON."""

import json
import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.helpdesk.settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from helpdesk.models import FollowUp, Queue, Ticket  # noqa: E402

NOUNS = "array['printer', 'router', 'invoice', 'VPN', 'laptop', 'mail', 'phone', 'scanner']"


def literal(field: Any) -> str:
    """A neutral value for a column that must have one."""
    default = field.get_default()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return "'[]'"
    return str(default) if isinstance(default, int) else "''"


def columns(model: Any, values: dict[str, str]) -> tuple[str, str]:
    """The columns and the expressions of an INSERT ... SELECT: those given, and every other one that may not be empty."""
    known = {field.column: field for field in model._meta.concrete_fields if not field.primary_key}
    used = {name: value for name, value in values.items() if name in known}
    used |= {name: literal(field) for name, field in known.items() if name not in used and not field.null}
    return ", ".join(used), ", ".join(used.values())


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    root = users.create(username="root", is_staff=True, is_superuser=True, email="root@example.org", password="!")
    users.bulk_create(
        users.model(username=f"agent{n}", email=f"agent{n}@example.org", is_staff=True, password="!") for n in range(20)
    )
    # People made in bulk lack a row of settings, and without it their ticket page answers 500.
    call_command("create_usersettings", stdout=sys.stderr)
    for n in range(10):
        Queue.objects.create(
            title=f"Queue {n}",
            slug=f"q{n}",
            email_address=f"q{n}@example.org",
            allow_public_submission=True,
            allow_email_submission=True,
        )
    queues = list(Queue.objects.values_list("id", flat=True))
    people = list(users.values_list("id", flat=True))
    names, values = columns(
        Ticket,
        {
            "title": f"'Problem number ' || g || ' with ' || ({NOUNS})[1 + (g::bigint * 7919) % 8]",
            "created": "now() - (g % 525600) * interval '1 minute'",
            "modified": "now() - (g % 525600) * interval '1 minute'",
            "queue_id": f"(array{queues})[1 + g % {len(queues)}]",
            "assigned_to_id": f"(array{people})[1 + g % {len(people)}]",
            "submitter_email": "'user' || (g % 5000) || '@example.org'",
            "status": "CASE WHEN (g::bigint * 2654435761) % 1000 < 300 THEN 1 + g % 2 ELSE 4 END",
            "description": "'The device ' || md5(g::text) || ' is silent. ' || repeat('Lorem ipsum dolor sit amet. ', 8)",
            "priority": "2 + g % 4",
            "secret_key": "md5((g::bigint * 31)::text)",
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO helpdesk_ticket ({names}) SELECT {values} FROM generate_series(1, {count}) g")
        names, values = columns(
            FollowUp,
            {
                "ticket_id": "t.id",
                "date": "t.created + k * interval '10 minutes'",
                "title": "'Comment'",
                "comment": "'Reply ' || md5(t.id::text || k) || repeat(' text', 20)",
                "public": "true",
                "user_id": f"(array{people})[1 + t.id % {len(people)}]",
            },
        )
        cursor.execute(
            f"INSERT INTO helpdesk_followup ({names}) SELECT {values} FROM helpdesk_ticket t, generate_series(1, 2) k"
        )
    session = SessionStore()
    session[SESSION_KEY] = str(root.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = root.get_session_auth_hash()
    session.create()
    print(json.dumps({"session": session.session_key, "tickets": count}))


main(int(sys.argv[1]))
