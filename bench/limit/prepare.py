"""`python -m bench.limit.prepare N`: tables, N tickets of 200 companies (30 % open), and a session of the admin. Prints JSON."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.limit.settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.limit.models import Company  # noqa: E402

TICKETS = """
INSERT INTO limit_ticket
    (company_id, number, subject, body, status, priority, requester, assignee, created, due, breached)
SELECT 1 + (g * 7919::bigint) %% 200, g,
    'Problem number ' || g || ' with ' || (array['printer', 'router', 'invoice', 'VPN', 'laptop'])[1 + g %% 5],
    'The device ' || md5(g::text) || repeat(' lorem ipsum', 12),
    CASE WHEN (g * 2654435761::bigint) %% 1000 < 300 THEN 1 + g %% 3 ELSE 4 + g %% 2 END, 1 + g %% 4,
    'user' || (g %% 5000) || '@example.org', g %% 20, now() - (g %% 525600) * interval '1 minute',
    now() + ((g * 48271::bigint) %% 200000 - 2000) * interval '1 minute', false
FROM generate_series(1, %s) g
"""


def main(count: int) -> None:
    call_command("migrate", verbosity=0, run_syncdb=True)
    root = get_user_model().objects.create(username="root", is_staff=True, is_superuser=True, password="!")
    Company.objects.bulk_create([Company(name=f"Company {number}") for number in range(200)])
    with connection.cursor() as cursor:
        cursor.execute(TICKETS, [count])
    session = SessionStore()
    session[SESSION_KEY] = str(root.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = root.get_session_auth_hash()
    session.create()
    print(json.dumps({"session": session.session_key, "tickets": count}))


main(int(sys.argv[1]))
