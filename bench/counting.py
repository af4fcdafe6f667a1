"""`python -m bench.counting` with DJANGO_SETTINGS_MODULE: how many statements each request costs. Deterministic, whatever the machine.

Reads a JSON list of {name, method, path, headers, body} and writes a JSON object {name: {status, statements, control, sql}}. Each
request is made twice and the second is counted: the first fills what a process keeps. {location} in a path is where a request before it
made something, each used once. BEGIN, COMMIT and savepoints are counted apart, as `control`.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def main() -> None:
    found: dict[str, Any] = {}
    made: list[str] = []
    for spec in json.load(sys.stdin):
        client = Client(raise_request_exception=True)
        for _ in range(2):
            path = spec["path"].replace("{location}", made.pop(0)) if "{location}" in spec["path"] else spec["path"]
            reset_queries()
            with CaptureQueriesContext(connection) as captured:
                response = client.generic(
                    spec["method"],
                    path,
                    spec["body"],
                    headers={"host": "127.0.0.1", **spec["headers"]},
                    content_type=spec["headers"].get("Content-Type", "application/octet-stream"),
                )
                if response.streaming:
                    response.getvalue()
            if "Location" in response and response.status_code == 201:
                made.append(response["Location"])
        queries = [query["sql"] for query in captured.captured_queries]
        control = [text for text in queries if text.upper().startswith(CONTROL)]
        found[spec["name"]] = {
            "status": response.status_code,
            "statements": len(queries) - len(control),
            "control": len(control),
            "sql": [text[:300] for text in queries],
        }
    json.dump(found, sys.stdout)


main()
