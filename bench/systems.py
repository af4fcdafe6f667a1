"""The three that are compared. Each is prepared in a fresh database, served in the same way, and offers its calls by the same names."""

import json
import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import places
from bench.load import Call, Calls

TITLE, TEXT = "Created {}", "text " * 20
CSRF = "a" * 32


@dataclass
class System:
    """One program that is up. `calls` are what may be asked of it; `fresh` are tickets made in this run, to be used up by a transition."""

    name: str
    size: int
    port: int
    calls: dict[str, Calls]
    env: Mapping[str, str]
    python: Path
    settings: str
    fresh: list[str] = field(default_factory=list)

    def counted(self, names: list[str]) -> dict[str, Any]:
        """How many statements each of these calls costs, second time over."""
        dice, specs = random.Random(7), []
        self.fresh[:] = ["{location}"]
        for name in names:
            call = self.calls[name](0, dice)
            spec = {"method": call.method, "path": call.path, "headers": dict(call.headers), "body": call.body}
            specs.append({"name": name, **spec})
        self.fresh.clear()
        env = {**self.env, "DJANGO_SETTINGS_MODULE": self.settings, "LOG_LEVEL": "WARNING"}
        return dict(json.loads(run(self.python, "bench.counting", env, text=json.dumps(specs))))


def run(python: Path, module: str, env: Mapping[str, str], *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=places.ROOT,
        env=dict(env),
        input=text,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise places.Unusable(f"{module} failed (see above).")
    return done.stdout


def _progress(started: float, text: str) -> None:
    print(f"  {text} ({time.monotonic() - started:.0f} s)", flush=True)


# -- the desk ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """The desk with the guide's rows and a small demo that was really lived, to copy and to grow. Made once a run: it takes a while."""

    url: str
    broker: str

    def env(self, url: str) -> dict[str, str]:
        """A production's environment, but for a rate limit that is never reached."""
        return places.clean_env(
            DATABASE_URL=url,
            REDIS_URL=self.broker,
            SECRET_KEY="only-for-the-benchmark-only-for-the-benchmark-only-for-the-benchmark",
            VAR_DIR=str(places.SCRATCH / "desk"),
            SITE_URL="http://127.0.0.1",
            API_REQUESTS_PER_MINUTE="100000000",
            LOG_LEVEL="INFO",
        )


LIVED = 240
"""What the demo lives through the real services, one by one."""


@contextmanager
def base(server: str, broker: str, existing: str) -> Iterator[Base]:
    """A new base, or the existing one at the URL."""
    started = time.monotonic()
    if existing:
        yield Base(existing, broker)
        return
    with places.database(server, "base") as url:
        made = Base(url, broker)
        for command in (("migrate", "--verbosity", "0"), ("seed_guide",), ("demo", "--tickets", str(LIVED))):
            manage(made.env(url), *command)
        _progress(started, f"a desk with {LIVED} tickets, to be copied")
        yield made


@contextmanager
def desk(server: str, base: Base, size: int, worker_class: str) -> Iterator[System]:
    started = time.monotonic()
    with ExitStack() as stack:
        url = stack.enter_context(places.database(server, f"desk_{size}", template=base.url))
        env = base.env(url)
        run(places.OWN_PYTHON, "bench.desk.grow", env, str(size))
        places.settle(url)
        people = json.loads(run(places.OWN_PYTHON, "bench.desk.prepare", env))
        _progress(started, f"the desk: {people['tickets']:,} tickets")
        port = stack.enter_context(places.web(f"desk_{size}", places.OWN_PYTHON, "servicedesk.wsgi", env, worker_class))
        system = System("desk", people["tickets"], port, {}, env, places.OWN_PYTHON, "servicedesk.settings")
        system.calls = _desk_calls(people, system.fresh)
        yield system


def manage(env: Mapping[str, str], *arguments: str) -> None:
    command = [places.OWN_PYTHON, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=places.ROOT, env={**env, "DEMO_MODE": "true"}, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise places.Unusable(f"manage.py {' '.join(arguments)} failed (see above).")


def _desk_calls(people: Mapping[str, Any], fresh: list[str]) -> dict[str, Calls]:
    agent = {"Authorization": f"Token {people['agent']['token']}"}
    customer = {"Authorization": f"Token {people['customer']['token']}", "Content-Type": "application/json"}
    session = {"Cookie": people["agent"]["cookie"]}
    last = int(people["last"])

    def number(dice: random.Random) -> str:
        return f"T{dice.randint(1, last):07d}"

    def create(index: int, dice: random.Random) -> Call:
        body = {
            "title": TITLE.format(index),
            "description": TEXT,
            "kind": "incident",
            "service_line": "functional",
            "impact": "minor",
            "urgency": "medium",
        }
        return Call("POST", "/api/v1/tickets/", customer, json.dumps(body))

    def transition(index: int, dice: random.Random) -> Call:
        headers = {**agent, "Content-Type": "application/json"}
        return Call("POST", f"{fresh[index]}transitions/", headers, '{"transition": "open"}')

    def reading(path: str, headers: Mapping[str, str]) -> Calls:
        return lambda index, dice: Call("GET", path.replace("{number}", number(dice)), headers)

    return {
        "create": create,
        "transition": transition,
        "list": reading("/api/v1/tickets/", agent),
        "list by session": reading("/api/v1/tickets/", session),
        "list, own tickets": reading("/api/v1/tickets/", customer),
        "detail": reading("/api/v1/tickets/{number}/", agent),
        "search": reading("/api/v1/tickets/?q=impresora", agent),
        "page": reading("/admin/tickets/ticket/{number}/change/", session),
        "queue": reading("/admin/tickets/ticket/?cola=abiertos", session),
        "queue, late": reading("/admin/tickets/ticket/?cola=vencidos", session),
    }


# -- the nearest relative ----------------------------------------------------------------------------------------------


@contextmanager
def helpdesk(server: str, size: int, worker_class: str) -> Iterator[System]:
    started, python = time.monotonic(), places.peers_python()
    files = places.SCRATCH / "helpdesk"
    files.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = stack.enter_context(places.database(server, f"helpdesk_{size}"))
        env = places.clean_env(HELPDESK_DATABASE_URL=url, HELPDESK_FILES=str(files))
        session = json.loads(run(python, "bench.helpdesk.prepare", env, str(size)))["session"]
        places.settle(url)
        _progress(started, f"django-helpdesk: {size:,} tickets")
        port = stack.enter_context(places.web(f"helpdesk_{size}", python, "bench.helpdesk.wsgi", env, worker_class))
        calls = _helpdesk_calls(session, size)
        yield System("helpdesk", size, port, calls, env, python, "bench.helpdesk.settings")


def _helpdesk_calls(session: str, size: int) -> dict[str, Calls]:
    common = {
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
    }
    in_json = {**common, "Content-Type": "application/json"}
    in_form = {**common, "Content-Type": "application/x-www-form-urlencoded"}

    def create(index: int, dice: random.Random) -> Call:
        body = {
            "queue": 1,
            "title": TITLE.format(index),
            "description": TEXT,
            "priority": 3,
            "submitter_email": f"u{index}@example.org",
        }
        return Call("POST", "/api/tickets/", in_json, json.dumps(body))

    def update(index: int, dice: random.Random) -> Call:
        body = f"comment=hello&new_status=3&public=1&title=New+title+{index}&queue=1&priority=3"
        return Call("POST", f"/tickets/{dice.randint(1, size)}/update/", in_form, body)

    def reading(path: str) -> Calls:
        return lambda index, dice: Call("GET", path.replace("{id}", str(dice.randint(1, size))), common)

    return {
        "create": create,
        "transition": update,
        "transition by REST": lambda index, dice: Call(
            "PATCH", f"/api/tickets/{dice.randint(1, size)}/", in_json, '{"status": 3}'
        ),
        "list": reading("/api/tickets/?page=1"),
        "detail": reading("/api/tickets/{id}/"),
        "page": reading("/tickets/{id}/"),
    }


# -- the bare limit ----------------------------------------------------------------------------------------------------


@contextmanager
def limit(server: str, size: int, worker_class: str) -> Iterator[System]:
    started = time.monotonic()
    with ExitStack() as stack:
        url = stack.enter_context(places.database(server, f"limit_{size}"))
        env = places.clean_env(LIMIT_DATABASE_URL=url)
        session = json.loads(run(places.OWN_PYTHON, "bench.limit.prepare", env, str(size)))["session"]
        places.settle(url)
        _progress(started, f"the bare limit: {size:,} tickets")
        port = stack.enter_context(
            places.web(f"limit_{size}", places.OWN_PYTHON, "bench.limit.wsgi", env, worker_class)
        )
        yield System("limit", size, port, _limit_calls(session, size), env, places.OWN_PYTHON, "bench.limit.settings")


def _limit_calls(session: str, size: int) -> dict[str, Calls]:
    in_json, cookie = {"Content-Type": "application/json"}, {"Cookie": f"sessionid={session}"}

    def create(index: int, dice: random.Random) -> Call:
        body = {"company": 1, "subject": TITLE.format(index), "requester": f"u{index}@example.org"}
        return Call("POST", "/tickets/", in_json, json.dumps(body))

    def reading(path: str, headers: Mapping[str, str]) -> Calls:
        return lambda index, dice: Call("GET", path.replace("{id}", str(dice.randint(1, size))), headers)

    return {
        "create": create,
        "transition": lambda index, dice: Call("PATCH", f"/tickets/{dice.randint(1, size)}/", in_json, '{"status": 3}'),
        "list": reading("/tickets/", {}),
        "detail": reading("/tickets/{id}/", {}),
        "queue": reading("/admin/limit/ticket/", cookie),
    }
